from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import OrgLevel
from sanneng.core.models import Record, dates_in_order
from sanneng.people.models import Staff
from sanneng.teaching.models.courses import Course


class FieldStudy(Record):
    """A field-study project (调研项目) allotted within the year's plan."""

    part_of = ("lead",)

    title = models.CharField(_("调研题目"), max_length=200)
    lead = models.ForeignKey(
        Staff, verbose_name=_("负责人"), on_delete=models.PROTECT, related_name="field_studies"
    )
    place = models.CharField(_("调研地点"), max_length=120, blank=True)
    started_on = models.DateField(_("开始日期"))
    completed_on = models.DateField(_("完成日期"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("调研项目")
        verbose_name_plural = _("调研项目")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "started_on")),
        ]
        constraints = [
            *Record.Meta.constraints,
            dates_in_order("started_on", "completed_on"),
        ]

    def __str__(self) -> str:
        return self.title


class OutreachLecture(Record):
    """A lecture given outside the school on request (送教送学); one record is one session."""

    part_of = ("staff", "course")

    staff = models.ForeignKey(
        Staff, verbose_name=_("授课人"), on_delete=models.PROTECT, related_name="outreach_lectures"
    )
    course = models.ForeignKey(
        Course,
        verbose_name=_("课程"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="outreach_lectures",
    )
    topic = models.CharField(_("题目"), max_length=160)
    host = models.CharField(_("受众单位"), max_length=120)
    delivered_on = models.DateField(_("授课日期"))
    audience = models.PositiveIntegerField(_("受众人次"), default=0)

    class Meta(Record.Meta):
        verbose_name = _("送教送学")
        verbose_name_plural = _("送教送学")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "delivered_on")),
        ]

    def __str__(self) -> str:
        return f"{self.host} · {self.topic}"


class Expert(Record):
    """A person from outside who is invited to teach or guide."""

    name = models.CharField(_("姓名"), max_length=60)
    unit = models.CharField(_("单位"), max_length=100)
    level = models.CharField(_("单位层级"), max_length=16, choices=OrgLevel.choices)
    title = models.CharField(_("职务职称"), max_length=60, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("外请专家")
        verbose_name_plural = _("外请专家")

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class ExpertVisit(Record):
    """One visit of an expert who coaches the school's teachers."""

    part_of = ("expert",)

    expert = models.ForeignKey(
        Expert, verbose_name=_("外请专家"), on_delete=models.PROTECT, related_name="visits"
    )
    topic = models.CharField(_("指导主题"), max_length=160)
    visited_on = models.DateField(_("到校日期"))
    audience = models.PositiveIntegerField(_("参加人次"), default=0)

    class Meta(Record.Meta):
        verbose_name = _("专家指导")
        verbose_name_plural = _("专家指导")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "visited_on")),
        ]

    def __str__(self) -> str:
        return f"{self.expert} · {self.topic}"
