from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import AuditAction
from sanneng.core.models.school import School


class AuditEntry(models.Model):
    """Who did what to what, when and from where; written once and never changed.

    Entries form one chain for each school, and one for the installation (``chain`` empty):
    ``digest`` covers the entry and the digest of the one before (``core.domain.audit``).
    ``details`` holds what changed, as ``{"changes": {field: [before, after]}, "reason": …}``,
    without the values of private fields. The names of people and things are kept as they were.
    """

    chain = models.CharField(max_length=32, blank=True)
    number = models.PositiveBigIntegerField(_("序号"))
    at = models.DateTimeField(_("时间"))
    school = models.ForeignKey(
        School, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(_("操作人"), max_length=100, blank=True)
    action = models.CharField(_("操作"), max_length=16, choices=AuditAction.choices)
    object_type = models.CharField(_("对象类型"), max_length=64, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)
    object_label = models.CharField(_("对象"), max_length=255, blank=True)
    details = models.JSONField(_("内容"), default=dict, blank=True)
    source = models.CharField(_("途径"), max_length=8, blank=True)
    address = models.CharField(_("地址"), max_length=45, blank=True)
    algorithm = models.CharField(max_length=8)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(_("摘要"), max_length=64)

    class Meta:
        verbose_name = _("审计日志")
        verbose_name_plural = _("审计日志")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="core_auditentry_number", fields=("chain", "number")),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(name="core_auditentry_object", fields=("object_type", "object_id")),
            models.Index(name="core_auditentry_actor", fields=("actor", "at")),
        ]

    def __str__(self) -> str:
        return f"{self.chain}:{self.number} {self.get_action_display()} {self.object_label}"


class AuditHead(models.Model):
    """The last entry of each chain, by which a cut-off end is noticed."""

    chain = models.CharField(max_length=32, unique=True, blank=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.chain}:{self.number}:{self.digest}"
