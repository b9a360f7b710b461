from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import OrgLevel
from sanneng.core.models import Record
from sanneng.core.row_rules import RowRule
from sanneng.people.models import Staff
from sanneng.research.enums import InstructionNature, OutletKind


class Publication(Record):
    """An article; one article is one record however many sign it."""

    title = models.CharField(_("文章题目"), max_length=200)
    outlet_kind = models.CharField(_("发表载体"), max_length=20, choices=OutletKind.choices)
    outlet = models.CharField(_("刊物或平台"), max_length=100)
    published_on = models.DateField(_("发表日期"))

    class Meta(Record.Meta):
        verbose_name = _("发表文章")
        verbose_name_plural = _("发表文章")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "published_on")),
        ]

    def __str__(self) -> str:
        return self.title


class PublicationAuthor(Record):
    """One author's place and share (per cent); the shares of an article stay within 100."""

    part_of = ("publication", "staff")
    row_rules = (
        RowRule(
            name="research_publicationauthor_shares",
            violated_when=(
                "NEW.state NOT IN ('returned', 'voided') AND "
                "(SELECT SUM(o.share_percent) FROM research_publicationauthor o "
                "WHERE o.publication_id = NEW.publication_id "
                "AND o.state NOT IN ('returned', 'voided')) > 100"
            ),
            lock="publication_id",
            message=_("一篇文章各作者的份额合计不能超过 100%，请核对各人的份额。"),
        ),
    )

    publication = models.ForeignKey(
        Publication, verbose_name=_("发表文章"), on_delete=models.PROTECT, related_name="authors"
    )
    staff = models.ForeignKey(
        Staff, verbose_name=_("作者"), on_delete=models.PROTECT, related_name="publications"
    )
    order = models.PositiveSmallIntegerField(_("署名次序"), default=1)
    share_percent = models.PositiveSmallIntegerField(_("份额（%）"), default=100)

    class Meta(Record.Meta):
        verbose_name = _("文章作者")
        verbose_name_plural = _("文章作者")
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="research_publicationauthor_share",
                condition=Q(share_percent__lte=100),
                violation_error_message=_("份额不能超过100%。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.publication}"


class Seminar(Record):
    """A theory seminar (理论研讨会) held by somebody; the school's part is in contributions."""

    name = models.CharField(_("研讨会名称"), max_length=160)
    level = models.CharField(_("级别"), max_length=16, choices=OrgLevel.choices)
    organiser = models.CharField(_("主办单位"), max_length=100, blank=True)
    held_on = models.DateField(_("举办日期"))

    class Meta(Record.Meta):
        verbose_name = _("理论研讨会")
        verbose_name_plural = _("理论研讨会")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "held_on")),
        ]

    def __str__(self) -> str:
        return self.name


class SeminarContribution(Record):
    """One person's contribution to a seminar; several at one seminar are one session (场次)."""

    part_of = ("seminar", "staff")

    seminar = models.ForeignKey(
        Seminar,
        verbose_name=_("理论研讨会"),
        on_delete=models.PROTECT,
        related_name="contributions",
    )
    staff = models.ForeignKey(
        Staff, verbose_name=_("参会人"), on_delete=models.PROTECT, related_name="contributions"
    )
    paper = models.CharField(_("论文题目"), max_length=200, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("研讨会参与")
        verbose_name_plural = _("研讨会参与")

    def __str__(self) -> str:
        return f"{self.staff} · {self.seminar}"


class AdvisoryReport(Record):
    """A piece of advice handed to leaders (咨政报告)."""

    part_of = ("lead",)

    title = models.CharField(_("报告题目"), max_length=200)
    lead = models.ForeignKey(
        Staff, verbose_name=_("执笔人"), on_delete=models.PROTECT, related_name="advisory_reports"
    )
    submitted_to = models.CharField(_("报送对象"), max_length=100, blank=True)
    reported_on = models.DateField(_("报送日期"))

    class Meta(Record.Meta):
        verbose_name = _("咨政报告")
        verbose_name_plural = _("咨政报告")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "reported_on")),
        ]

    def __str__(self) -> str:
        return self.title


class Instruction(Record):
    """One leader's written instruction on a piece (批示); a piece may bear several."""

    part_of = ("report",)

    report = models.ForeignKey(
        AdvisoryReport,
        verbose_name=_("咨政报告"),
        on_delete=models.PROTECT,
        related_name="instructions",
    )
    leader_office = models.CharField(_("签批领导职务"), max_length=80)
    leader_level = models.CharField(_("领导层级"), max_length=16, choices=OrgLevel.choices)
    nature = models.CharField(_("性质"), max_length=16, choices=InstructionNature.choices)
    signed_on = models.DateField(_("签批日期"))

    class Meta(Record.Meta):
        verbose_name = _("领导批示")
        verbose_name_plural = _("领导批示")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "signed_on")),
        ]

    def __str__(self) -> str:
        return f"{self.leader_office} · {self.report}"
