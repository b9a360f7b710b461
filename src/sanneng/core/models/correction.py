from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import CorrectionState
from sanneng.core.models.imports import ImportBatch
from sanneng.core.models.school import School


class Correction(models.Model):
    """A change to an approved record that waits for somebody else's consent.

    The record stays as it is, and counts, until then. ``values`` are the new values by field
    name as JSON holds them, a reference as its primary key; ``base_version`` is the version of
    the record that they were proposed for.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    record = GenericForeignKey()
    values = models.JSONField(_("更正内容"))
    base_version = models.PositiveIntegerField()
    reason = models.CharField(_("更正原因"), max_length=255)
    state = models.CharField(
        _("状态"),
        max_length=16,
        choices=CorrectionState.choices,
        default=CorrectionState.PENDING,
    )
    proposed_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    refusal = models.CharField(_("不同意的原因"), max_length=255, blank=True)
    # The import that proposed it, if one did: undoing that takes back what still waits.
    import_batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="corrections"
    )

    class Meta:
        verbose_name = _("更正申请")
        verbose_name_plural = _("更正申请")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_correction_one_pending",
                fields=("content_type", "object_id"),
                condition=Q(state=CorrectionState.PENDING),
                violation_error_message=_("这条记录已有一份更正在等待审核，请先处理那一份。"),
            ),
            models.CheckConstraint(name="core_correction_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.record} · {self.reason}"
