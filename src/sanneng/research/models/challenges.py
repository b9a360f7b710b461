from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models import Record, dates_in_order
from sanneng.core.row_rules import RowRule
from sanneng.people.models import Staff
from sanneng.research.enums import ProjectGrade

# Claims and the window of their topic guard each other.
_WINDOW = "research_challengeclaim_topic_open"


class ChallengeTopic(Record):
    """A topic posted on the challenge board (发榜) for a class, open to claims for a window."""

    part_of = ("training_class", "mentor")
    row_rules = (
        RowRule(
            name="research_challengetopic_claims_inside",
            violated_when=(
                "EXISTS (SELECT 1 FROM research_challengeclaim c WHERE c.topic_id = NEW.id "
                "AND c.state NOT IN ('returned', 'voided') "
                "AND c.claimed_on NOT BETWEEN NEW.posted_on AND NEW.closes_on)"
            ),
            message=_("已有小组在这段时间以外揭榜，请先退回或作废那些揭榜，或保留原来的日期。"),
            lock="id",
            lock_name=_WINDOW,
            fields=("posted_on", "closes_on"),
            events=("UPDATE",),
            columns=("posted_on", "closes_on"),
        ),
    )

    title = models.CharField(_("选题"), max_length=200)
    training_class = models.ForeignKey(
        "teaching.TrainingClass",
        verbose_name=_("班次"),
        on_delete=models.PROTECT,
        related_name="challenge_topics",
    )
    asked_by = models.CharField(_("出题单位"), max_length=100, blank=True)
    mentor = models.ForeignKey(
        Staff, verbose_name=_("指导教师"), on_delete=models.PROTECT, related_name="mentored_topics"
    )
    posted_on = models.DateField(_("发榜日期"))
    closes_on = models.DateField(_("揭榜截止日期"))

    class Meta(Record.Meta):
        verbose_name = _("揭榜选题")
        verbose_name_plural = _("揭榜选题")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "posted_on")),
        ]
        constraints = [
            *Record.Meta.constraints,
            dates_in_order("posted_on", "closes_on"),
        ]

    def __str__(self) -> str:
        return self.title


class ChallengeClaim(Record):
    """A trainee group's claim on a topic (揭榜); the awarded one is the one worked on."""

    part_of = ("topic",)
    row_rules = (
        RowRule(
            name=_WINDOW,
            violated_when=(
                "NOT EXISTS (SELECT 1 FROM research_challengetopic t WHERE t.id = NEW.topic_id "
                "AND t.state = 'approved' AND NEW.claimed_on BETWEEN t.posted_on AND t.closes_on) "
                "AND NEW.state NOT IN ('returned', 'voided')"
            ),
            lock="topic_id",
            message=_("只能在发榜之日到截止之日之间揭已通过的榜，请核对揭榜日期和选题的状态。"),
        ),
    )

    topic = models.ForeignKey(
        ChallengeTopic, verbose_name=_("揭榜选题"), on_delete=models.PROTECT, related_name="claims"
    )
    group_name = models.CharField(_("揭榜小组"), max_length=60)
    group_leader = models.CharField(_("组长"), max_length=60, blank=True)
    claimed_on = models.DateField(_("揭榜日期"))
    is_awarded = models.BooleanField(_("中榜"), default=False)
    completed_on = models.DateField(_("完成日期"), null=True, blank=True)
    grade = models.CharField(_("评审等次"), max_length=16, choices=ProjectGrade.choices, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("揭榜")
        verbose_name_plural = _("揭榜")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "claimed_on")),
        ]
        constraints = [
            *Record.Meta.constraints,
            dates_in_order("claimed_on", "completed_on"),
            models.UniqueConstraint(
                name="research_challengeclaim_one_award",
                fields=("topic",),
                condition=Q(is_awarded=True, state__in=("draft", "submitted", "approved")),
                violation_error_message=_("一个选题只能有一个小组中榜。"),
            ),
            models.CheckConstraint(
                name="research_challengeclaim_completed_is_awarded",
                condition=Q(completed_on__isnull=True) | Q(is_awarded=True),
                violation_error_message=_("只有中榜的小组才能填完成日期。"),
            ),
            models.CheckConstraint(
                name="research_challengeclaim_grade_needs_completion",
                condition=Q(grade="") | Q(completed_on__isnull=False),
                violation_error_message=_("完成之后才能有评审等次，请先填完成日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_name} · {self.topic}"
