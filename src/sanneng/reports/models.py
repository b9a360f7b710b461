from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.models import School
from sanneng.core.permissions import Permission


class ReportState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    FROZEN = "frozen", _("已冻结")


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: Any) -> ReportQuerySet:
        """Reports of schools whose figures ``user`` may see."""
        from sanneng.core.domain.access import Rights  # domain imports models

        return self.filter(school__in=Rights(user).schools_for(Permission.SEE_FIGURES))


class Report(models.Model):
    """A generated report: its file by digest, and the figures as they were on that day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="reports")
    title = models.CharField(_("标题"), max_length=200)
    as_of = models.DateField(_("截止日期"))
    state = models.CharField(
        _("状态"), max_length=16, choices=ReportState.choices, default=ReportState.DRAFT
    )
    digest = models.CharField(_("文件摘要"), max_length=64)
    figures = models.JSONField(_("数字"))
    # The head of the school's audit chain when the report was made: a witness to the chain.
    audit_number = models.PositiveBigIntegerField(default=0)
    audit_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("生成时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("冻结时间"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("报告")
        verbose_name_plural = _("报告")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="reports_report_frozen_has_time",
                condition=models.Q(state=ReportState.DRAFT, frozen_at__isnull=True)
                | models.Q(state=ReportState.FROZEN, frozen_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.title
