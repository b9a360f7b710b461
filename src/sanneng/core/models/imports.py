from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import BatchState
from sanneng.core.models.school import School


class ImportBatch(models.Model):
    """One workbook taken in whole, and what is needed to undo it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="import_batches")
    file_name = models.CharField(_("文件名"), max_length=255)
    digest = models.CharField(_("文件摘要"), max_length=64)
    state = models.CharField(
        _("状态"), max_length=16, choices=BatchState.choices, default=BatchState.APPLIED
    )
    created_count = models.PositiveIntegerField(_("新增"), default=0)
    updated_count = models.PositiveIntegerField(_("更新"), default=0)
    unchanged_count = models.PositiveIntegerField(_("未变"), default=0)
    proposed_count = models.PositiveIntegerField(_("申请更正"), default=0)
    imported_at = models.DateTimeField(_("导入时间"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("导入批次")
        verbose_name_plural = _("导入批次")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.file_name}（{timezone.localtime(self.imported_at):%Y-%m-%d %H:%M}）"


class ImportedRow(models.Model):
    """A row that a batch created (``before`` is null) or changed (``before`` as it was)."""

    # As visible as its batch (``core.row_security``).
    school_through: ClassVar[str] = "batch"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    record = GenericForeignKey()
    before = models.JSONField(null=True)
    after_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="core_importedrow_once", fields=("batch", "content_type", "object_id")
            ),
        )

    def __str__(self) -> str:
        return f"{self.content_type_id}:{self.object_id}"
