from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import Role
from sanneng.core.models.school import School


class User(AbstractUser):
    """An account. What it may do in a school comes from its memberships."""

    display_name = models.CharField(_("姓名"), max_length=60, blank=True)
    # A program's account: it has no password and acts by tokens only.
    is_service = models.BooleanField(_("服务账号"), default=False, editable=False)
    # By when the password was chosen, where a policy makes passwords age.
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = (
            # An e-mail address is a name to log in by, so it can be one person's only.
            models.UniqueConstraint(
                Lower("email"),
                name="core_user_email_once",
                condition=~Q(email=""),
                violation_error_message=_("这个邮箱已有账号使用。"),
            ),
        )

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def __str__(self) -> str:
        return self.display_name or self.username


class MembershipQuerySet(models.QuerySet["Membership"]):
    def valid_on(self, day: dt.date) -> MembershipQuerySet:
        return self.filter(Q(valid_from__lte=day)).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class Membership(models.Model):
    """A user's role in a school, for a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=16, choices=Role.choices)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = (
            models.UniqueConstraint(
                name="core_membership_once", fields=("user", "school", "role", "valid_from")
            ),
            models.CheckConstraint(
                name="core_membership_dates",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                violation_error_message=_("失效日期不能早于生效日期。"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.school} · {self.get_role_display()}"


class StandIn(models.Model):
    """Somebody does a colleague's work in a school for a time (代办), with that one's roles."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="stand_ins")
    absent = models.ForeignKey(
        User, verbose_name=_("被代办人"), on_delete=models.CASCADE, related_name="stand_ins"
    )
    deputy = models.ForeignKey(
        User, verbose_name=_("代办人"), on_delete=models.CASCADE, related_name="standing_in_for"
    )
    valid_from = models.DateField(_("开始日期"))
    valid_to = models.DateField(_("结束日期"))
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("代办")
        verbose_name_plural = _("代办")
        constraints = (
            models.CheckConstraint(
                name="core_standin_dates",
                condition=Q(valid_to__gte=models.F("valid_from")),
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                name="core_standin_two_people",
                condition=~Q(absent=models.F("deputy")),
                violation_error_message=_("代办人不能是本人。"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.deputy} → {self.absent}"
