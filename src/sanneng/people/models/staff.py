from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models import DatedRecord, Record
from sanneng.core.row_rules import RowRule
from sanneng.people.enums import (
    Degree,
    EducationLevel,
    EmploymentKind,
    Establishment,
    Gender,
    PoliticalStatusCode,
    PostClass,
    TitleRank,
)

# Two spells of one person meet when neither ends before the other begins; rows that were
# returned or voided are no facts and stand in nobody's way.
OVERLAP = (
    "NEW.state NOT IN ('returned', 'voided') AND EXISTS (SELECT 1 FROM {table} o "
    "WHERE o.staff_id = NEW.staff_id AND o.id <> NEW.id "
    "AND o.state NOT IN ('returned', 'voided'){only} "
    "AND (NEW.end_on IS NULL OR o.start_on <= NEW.end_on) "
    "AND (o.end_on IS NULL OR o.end_on >= NEW.start_on))"
)


class Staff(Record):
    """A person who works or has worked for the school; what changes over time hangs on dates."""

    name = models.CharField(_("姓名"), max_length=60)
    gender = models.CharField(
        _("性别"), max_length=1, choices=Gender.choices, default=Gender.UNKNOWN
    )
    birth_date = models.DateField(_("出生日期"))
    # The account of this person, if there is one; set where accounts are managed.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("账号"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="staff_records",
    )

    class Meta(Record.Meta):
        verbose_name = _("教职工")
        verbose_name_plural = _("教职工")

    def __str__(self) -> str:
        return self.name


class StaffFact(DatedRecord):
    """A dated fact about one person; it counts only while the person's own record does."""

    part_of: ClassVar[tuple[str, ...]] = ("staff",)

    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="%(class)ss"
    )

    class Meta(DatedRecord.Meta):
        abstract = True


class Employment(StaffFact):
    """Works for the school, in what capacity and on which establishment."""

    row_rules = (
        RowRule(
            name="people_employment_one_at_a_time",
            violated_when=OVERLAP.format(table="people_employment", only=""),
            lock="staff_id",
            message=_("同一人同一时间只能有一种任用情况，请先填上一段的结束日期。"),
        ),
    )

    kind = models.CharField(_("人员类别"), max_length=24, choices=EmploymentKind.choices)
    establishment = models.CharField(_("编制"), max_length=16, choices=Establishment.choices)
    office = models.CharField(_("股室"), max_length=60, blank=True)

    class Meta(StaffFact.Meta):
        verbose_name = _("任用情况")
        verbose_name_plural = _("任用情况")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_kind_display()}"


class Post(StaffFact):
    """A post held; a person has one main post at a time and may hold others beside it."""

    row_rules = (
        RowRule(
            name="people_post_one_main_at_a_time",
            violated_when="NEW.is_main AND "
            + OVERLAP.format(table="people_post", only=" AND o.is_main"),
            lock="staff_id",
            message=_(
                "同一人同一时间只能有一个主要岗位，请先填上一个岗位的结束日期，或改为非主要岗位。"
            ),
        ),
    )

    post_class = models.CharField(_("岗位类别"), max_length=16, choices=PostClass.choices)
    post_level = models.CharField(_("岗位等级"), max_length=20, blank=True)
    duty = models.CharField(_("职务"), max_length=60, blank=True)
    is_main = models.BooleanField(_("主要岗位"), default=True)

    class Meta(StaffFact.Meta):
        verbose_name = _("岗位任职")
        verbose_name_plural = _("岗位任职")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.duty or self.get_post_class_display()}"


class Title(StaffFact):
    name = models.CharField(_("职称"), max_length=40)
    rank = models.CharField(_("级别"), max_length=16, choices=TitleRank.choices)

    class Meta(StaffFact.Meta):
        verbose_name = _("职称")
        verbose_name_plural = _("职称")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.name}"


class Education(Record):
    """An education completed; the highest one on a date is what counts."""

    part_of = ("staff",)

    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="educations"
    )
    education_level = models.CharField(_("学历"), max_length=2, choices=EducationLevel.choices)
    degree = models.CharField(_("学位"), max_length=1, choices=Degree.choices, blank=True)
    institution = models.CharField(_("毕业院校"), max_length=100, blank=True)
    specialty = models.CharField(_("专业"), max_length=100, blank=True)
    is_full_time = models.BooleanField(_("全日制"), default=True)
    obtained_on = models.DateField(_("取得日期"))

    class Meta(Record.Meta):
        verbose_name = _("学历学位")
        verbose_name_plural = _("学历学位")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "obtained_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_education_level_display()}"


class PoliticalStatus(StaffFact):
    status = models.CharField(_("政治面貌"), max_length=2, choices=PoliticalStatusCode.choices)

    class Meta(StaffFact.Meta):
        verbose_name = _("政治面貌")
        verbose_name_plural = _("政治面貌")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]
        constraints = [
            *StaffFact.Meta.constraints,
            models.CheckConstraint(
                name="people_politicalstatus_code",
                condition=Q(status__in=PoliticalStatusCode.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_status_display()}"
