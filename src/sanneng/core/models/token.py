from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models.school import School


class ApiToken(models.Model):
    """A key by which a program acts for a user, within ``scopes`` and that user's own rights.

    Only the SHA-256 of the key is kept; ``core.domain.api_tokens`` makes and reads keys. Without a
    ``school`` the token reaches every school that its user does.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("名称"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("范围"), default=list)
    school = models.ForeignKey(
        School,
        verbose_name=_("学校"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("生成时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("到期时间"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("接口令牌")
        verbose_name_plural = _("接口令牌")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="core_apitoken_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class IdempotentAnswer(models.Model):
    """What a request with an Idempotency-Key was answered, so that a repeat does nothing new.

    ``owner`` is the token or the account that asked; ``request`` the SHA-256 of what was asked;
    ``status`` 0 while the first request is still at work. ``core.domain.idempotency`` keeps it.
    """

    owner = models.CharField(max_length=24)
    key = models.CharField(max_length=128)
    request = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="core_idempotentanswer_key", fields=("owner", "key")),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(name="core_idempotentanswer_age", fields=("started_at",)),
        ]

    def __str__(self) -> str:
        return f"{self.owner}:{self.key}"
