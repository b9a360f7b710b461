from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import NoticeKind
from sanneng.core.models.school import School


class Notice(models.Model):
    """Something that one person is told. ``key``, where given, is told once only.

    ``is_shown`` is whether it appears in the app; ``mail_due`` whether it still has to go out
    by e-mail, which ``mailed_at`` ends.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("种类"), max_length=16, choices=NoticeKind.choices)
    text = models.TextField(_("内容"))
    link = models.CharField(max_length=255, blank=True)
    key = models.CharField(max_length=100, blank=True)
    is_shown = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mail_due = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_notice_key", fields=("user", "key"), condition=~Q(key="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                name="core_notice_unread",
                fields=("user",),
                condition=Q(read_at__isnull=True, is_shown=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class NoticeSetting(models.Model):
    """What one person wants to be told about one kind of thing, where it is not the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_settings"
    )
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    in_app = models.BooleanField(_("站内"), default=True)
    by_mail = models.BooleanField(_("邮件"), default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="core_noticesetting_once", fields=("user", "kind")),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"
