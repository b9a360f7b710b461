from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import OrgLevel
from sanneng.core.models import DatedRecord, Record
from sanneng.people.enums import EntryChannel, PostingKind
from sanneng.people.models.staff import Staff, StaffFact


class Hire(Record):
    """Somebody's entry into the school, and through which channel (入口关)."""

    part_of = ("staff",)

    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="hires"
    )
    channel = models.CharField(_("进人渠道"), max_length=16, choices=EntryChannel.choices)
    hired_on = models.DateField(_("报到日期"))
    came_from = models.CharField(_("来源单位"), max_length=100, blank=True)
    basis = models.CharField(_("批准依据"), max_length=120, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("进人")
        verbose_name_plural = _("进人")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "hired_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_channel_display()}"


class Posting(StaffFact):
    """Time spent on rotation, study, shadowing, secondment or in a village (历练关, 基层关)."""

    kind = models.CharField(_("类型"), max_length=24, choices=PostingKind.choices)
    host = models.CharField(_("接收单位"), max_length=100)
    host_level = models.CharField(_("接收单位层级"), max_length=16, choices=OrgLevel.choices)
    planned_end_on = models.DateField(_("计划结束日期"), null=True, blank=True)
    basis = models.CharField(_("批准依据"), max_length=120, blank=True)
    appraisal = models.CharField(_("鉴定"), max_length=200, blank=True)

    class Meta(StaffFact.Meta):
        verbose_name = _("历练与派出")
        verbose_name_plural = _("历练与派出")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_kind_display()} · {self.host}"


class CentralTask(DatedRecord):
    """A central task of the district (中心工作) in which staff take part."""

    name = models.CharField(_("中心工作"), max_length=120)
    organiser = models.CharField(_("牵头单位"), max_length=100, blank=True)

    class Meta(DatedRecord.Meta):
        verbose_name = _("中心工作")
        verbose_name_plural = _("中心工作")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return self.name


class CentralTaskParticipation(StaffFact):
    """One person's part in a central task."""

    part_of = ("task", "staff")

    task = models.ForeignKey(
        CentralTask,
        verbose_name=_("中心工作"),
        on_delete=models.PROTECT,
        related_name="participations",
    )
    duty = models.CharField(_("承担任务"), max_length=120, blank=True)

    class Meta(StaffFact.Meta):
        verbose_name = _("参与中心工作")
        verbose_name_plural = _("参与中心工作")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "start_on")),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.task}"
