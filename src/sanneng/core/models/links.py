"""Links that open something to whoever holds them: only a digest of each is kept."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import ItemLinkAllows, LinkPurpose, Role
from sanneng.core.models.account import User
from sanneng.core.models.school import School


class LinkQuerySet(models.QuerySet["AccountLink"]):
    def open(self) -> LinkQuerySet:
        """Links that still work."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())


class AccountLink(models.Model):
    """A link, good once, by which somebody gets an account or chooses a new password.

    An invitation says whom it is for and what that person will be in the school; a reset
    names its account in ``user``, where an invitation names whoever took it.
    """

    purpose = models.CharField(max_length=8, choices=LinkPurpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    school = models.ForeignKey(
        School, null=True, blank=True, on_delete=models.PROTECT, related_name="account_links"
    )
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="account_links"
    )
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    roles = models.JSONField(_("角色"), default=list, blank=True)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    # The staff member or trainee who will have the account.
    person_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    person_id = models.PositiveBigIntegerField(null=True, blank=True)
    person = GenericForeignKey("person_type", "person_id")
    # A reset may also take away a second factor that was lost.
    clears_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Who was shown the secret that opens it now, where it was made anew.
    renewed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("账号链接")
        verbose_name_plural = _("账号链接")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="core_accountlink_dates",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("失效日期不能早于生效日期。"),
            ),
            models.CheckConstraint(
                name="core_accountlink_reset_has_user",
                condition=~Q(purpose=LinkPurpose.RESET) | Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.user or self.name}"

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]


class ItemLink(models.Model):
    """A link that shows exactly one record to somebody without an account, for a time."""

    digest = models.CharField(max_length=64, unique=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="item_links")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    record = GenericForeignKey()
    recipient = models.CharField(_("给谁"), max_length=60)
    allows = models.CharField(_("允许"), max_length=8, choices=ItemLinkAllows.choices)
    expires_at = models.DateTimeField(_("有效期至"))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)

    class Meta:
        verbose_name = _("外部链接")
        verbose_name_plural = _("外部链接")
        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(name="core_itemlink_record", fields=("content_type", "object_id")),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} · {self.get_allows_display()}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()
