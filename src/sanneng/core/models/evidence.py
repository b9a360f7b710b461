from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models.imports import ImportBatch
from sanneng.core.models.school import School


class Evidence(models.Model):
    """Proof of a record: a stored file, or a reference to a document kept elsewhere.

    A file lies outside the web root under its digest (``core.domain.evidence`` stores and
    opens it); ``title`` is the name people gave it.
    """

    # The record's school: evidence stays within the school boundary on its own.
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    record = GenericForeignKey()
    title = models.CharField(_("佐证材料"), max_length=255)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("字节数"), default=0)
    media_type = models.CharField(_("类型"), max_length=100, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # A newer version took its place; what was decided on it stays to be seen.
    superseded_at = models.DateTimeField(null=True, blank=True)
    import_batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("佐证材料")
        verbose_name_plural = _("佐证材料")
        ordering = ("id",)
        indexes = (models.Index(fields=("content_type", "object_id")),)
        constraints = (
            models.UniqueConstraint(
                name="core_evidence_once",
                fields=("content_type", "object_id", "title", "digest"),
            ),
            models.CheckConstraint(
                name="core_evidence_file_or_reference",
                condition=Q(digest="", size=0) | (~Q(digest="") & ~Q(media_type="")),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_file(self) -> bool:
        return bool(self.digest)
