from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import OrgLevel
from sanneng.core.models import DatedRecord, Record, dates_in_order
from sanneng.people.models import Staff
from sanneng.teaching.enums import AdvisorRole, ClassKind, TrainingKind


class TrainingClass(DatedRecord):
    """A class (班次) of trainees, numbered by term within its series."""

    name = models.CharField(_("班次名称"), max_length=120)
    kind = models.CharField(_("班次类别"), max_length=16, choices=ClassKind.choices)
    planned_trainees = models.PositiveIntegerField(_("计划人数"), default=0)

    class Meta(DatedRecord.Meta):
        verbose_name = _("培训班次")
        verbose_name_plural = _("培训班次")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return self.name


class Trainee(Record):
    part_of = ("training_class",)

    training_class = models.ForeignKey(
        TrainingClass, verbose_name=_("班次"), on_delete=models.PROTECT, related_name="trainees"
    )
    name = models.CharField(_("姓名"), max_length=60)
    unit = models.CharField(_("工作单位"), max_length=100, blank=True)
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("账号"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="trainee_records",
    )

    class Meta(Record.Meta):
        verbose_name = _("学员")
        verbose_name_plural = _("学员")

    def __str__(self) -> str:
        return self.name


class AdvisorTerm(DatedRecord):
    """One person's service as class advisor (班主任) or organiser of one class."""

    part_of = ("training_class", "staff")

    training_class = models.ForeignKey(
        TrainingClass,
        verbose_name=_("班次"),
        on_delete=models.PROTECT,
        related_name="advisor_terms",
    )
    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="advisor_terms"
    )
    role = models.CharField(
        _("职责"), max_length=16, choices=AdvisorRole.choices, default=AdvisorRole.ADVISOR
    )

    class Meta(DatedRecord.Meta):
        verbose_name = _("班主任任职")
        verbose_name_plural = _("班主任任职")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.training_class}"


class Listening(Record):
    """A teacher's attendance at somebody's lecture in a class (听课)."""

    part_of = ("training_class", "staff")

    staff = models.ForeignKey(
        Staff, verbose_name=_("听课人"), on_delete=models.PROTECT, related_name="listenings"
    )
    training_class = models.ForeignKey(
        TrainingClass, verbose_name=_("班次"), on_delete=models.PROTECT, related_name="listenings"
    )
    topic = models.CharField(_("课题"), max_length=160)
    lecturer = models.CharField(_("授课人"), max_length=60)
    listened_on = models.DateField(_("听课日期"))
    notes = models.TextField(_("优点与建议"), blank=True)

    class Meta(Record.Meta):
        verbose_name = _("听课")
        verbose_name_plural = _("听课")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "listened_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.topic}"


class FacultyTraining(DatedRecord):
    """Training of the school's own staff (师资培训); a term (期) is one record."""

    name = models.CharField(_("培训名称"), max_length=120)
    kind = models.CharField(_("培训形式"), max_length=16, choices=TrainingKind.choices)
    organiser_level = models.CharField(_("主办层级"), max_length=16, choices=OrgLevel.choices)
    hours_x10 = models.PositiveIntegerField(_("学时×10"), default=0)

    class Meta(DatedRecord.Meta):
        verbose_name = _("师资培训")
        verbose_name_plural = _("师资培训")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return self.name


class FacultyTrainingAttendance(Record):
    """One person's part in a faculty training; ``completed_on`` is empty until it is finished."""

    part_of = ("training", "staff")

    training = models.ForeignKey(
        FacultyTraining,
        verbose_name=_("师资培训"),
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="trainings"
    )
    joined_on = models.DateField(_("参训日期"))
    completed_on = models.DateField(_("完成日期"), null=True, blank=True)
    hours_x10 = models.PositiveIntegerField(_("学时×10"), default=0)

    class Meta(Record.Meta):
        verbose_name = _("师资培训参训")
        verbose_name_plural = _("师资培训参训")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "joined_on")),
        ]
        constraints = [
            *Record.Meta.constraints,
            dates_in_order("joined_on", "completed_on"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.training}"
