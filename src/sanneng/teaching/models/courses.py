from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import OrgLevel
from sanneng.core.models import Record
from sanneng.people.models import Staff
from sanneng.teaching.enums import (
    AwardGrade,
    AwardKind,
    CourseKind,
    CourseStep,
    LessonStudyKind,
    Occasion,
    StepResult,
)


class Course(Record):
    """A course or micro-course of the school's library; its way there is in its stages."""

    part_of = ("lead",)

    title = models.CharField(_("课程名称"), max_length=160)
    kind = models.CharField(_("课程类别"), max_length=16, choices=CourseKind.choices)
    lead = models.ForeignKey(
        Staff, verbose_name=_("主讲人"), on_delete=models.PROTECT, related_name="courses"
    )
    proposed_on = models.DateField(_("申报日期"))

    class Meta(Record.Meta):
        verbose_name = _("课程")
        verbose_name_plural = _("课程")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "proposed_on")),
        ]

    def __str__(self) -> str:
        return self.title


class CourseStage(Record):
    """A gate of the development pipeline that a course came to, and with what result."""

    part_of = ("course",)

    course = models.ForeignKey(
        Course, verbose_name=_("课程"), on_delete=models.PROTECT, related_name="stages"
    )
    step = models.CharField(_("环节"), max_length=20, choices=CourseStep.choices)
    result = models.CharField(
        _("结果"), max_length=16, choices=StepResult.choices, default=StepResult.PASSED
    )
    reached_on = models.DateField(_("日期"))
    opinion = models.TextField(_("意见"), blank=True)

    class Meta(Record.Meta):
        verbose_name = _("课程开发环节")
        verbose_name_plural = _("课程开发环节")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "reached_on")),
        ]

    def __str__(self) -> str:
        return f"{self.course} · {self.get_step_display()}"


class LessonStudy(Record):
    """A meeting on lessons; the three kinds are different activities, each counted by session."""

    part_of = ("course", "presenter")

    kind = models.CharField(_("形式"), max_length=20, choices=LessonStudyKind.choices)
    topic = models.CharField(_("主题"), max_length=160)
    course = models.ForeignKey(
        Course,
        verbose_name=_("课程"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lesson_studies",
    )
    presenter = models.ForeignKey(
        Staff,
        verbose_name=_("主讲或主备人"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lesson_studies",
    )
    held_on = models.DateField(_("活动日期"))
    attendance = models.PositiveIntegerField(_("到会人数"), default=0)

    class Meta(Record.Meta):
        verbose_name = _("备课研讨试讲")
        verbose_name_plural = _("备课研讨试讲")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "held_on")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.topic}"


class Award(Record):
    """An award won by a course; the same course may win several."""

    part_of = ("course",)

    course = models.ForeignKey(
        Course, verbose_name=_("获奖课程"), on_delete=models.PROTECT, related_name="awards"
    )
    name = models.CharField(_("奖项名称"), max_length=160)
    kind = models.CharField(_("奖项类别"), max_length=20, choices=AwardKind.choices)
    level = models.CharField(_("级别"), max_length=16, choices=OrgLevel.choices)
    grade = models.CharField(_("等次"), max_length=16, choices=AwardGrade.choices, blank=True)
    awarded_on = models.DateField(_("获奖日期"))
    organiser = models.CharField(_("颁奖单位"), max_length=100, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("教学奖项")
        verbose_name_plural = _("教学奖项")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "awarded_on")),
        ]

    def __str__(self) -> str:
        return self.name


class PlatformPublication(Record):
    """A course script carried by a learning platform."""

    part_of = ("course",)

    course = models.ForeignKey(
        Course,
        verbose_name=_("课程"),
        on_delete=models.PROTECT,
        related_name="platform_publications",
    )
    platform = models.CharField(_("平台"), max_length=60)
    title = models.CharField(_("刊发标题"), max_length=160)
    published_on = models.DateField(_("刊发日期"))

    class Meta(Record.Meta):
        verbose_name = _("平台刊发")
        verbose_name_plural = _("平台刊发")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "published_on")),
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.title}"


class Presentation(Record):
    """One person's presentation at a meeting of the leaders (汇报展演)."""

    part_of = ("staff",)

    staff = models.ForeignKey(
        Staff, verbose_name=_("展演人"), on_delete=models.PROTECT, related_name="presentations"
    )
    occasion = models.CharField(_("场合"), max_length=24, choices=Occasion.choices)
    topic = models.CharField(_("题目"), max_length=160)
    presented_on = models.DateField(_("展演日期"))

    class Meta(Record.Meta):
        verbose_name = _("汇报展演")
        verbose_name_plural = _("汇报展演")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "presented_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.topic}"
