"""How django-allauth behaves here: nobody signs up, tries are counted, answers do not tell."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanneng.core.domain import throttle
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.invitations import accept_as_new
from sanneng.core.enums import AuditAction, LinkPurpose
from sanneng.core.errors import SannengError
from sanneng.core.models import AccountLink, AuditEntry, User
from sanneng.core.permissions import Permission
from sanneng.core.row_security import all_schools
from sanneng.web.accounts.second_factor import has_other_factor, is_required
from sanneng.web.middleware import client_address

WRONG = _("用户名或密码不对，请再试一次。")
KNOWN_FOR_DAYS = 90
UNKNOWN = "0.0.0.0"  # noqa: S104 (said of a request, not listened at)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # One answer, whether the account is not there or the password is not right.
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "incorrect_password": _("密码不对，请再试一次。"),
        "enter_current_password": _("请输入现在的密码。"),
        "too_many_login_attempts": _("试的次数太多，请过 15 分钟再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        try:
            return str(ipaddress.ip_address(address))
        except ValueError:
            # A socket of this machine has none, and some proxies write a port behind theirs.
            return UNKNOWN

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Count the try before the password is looked at, and take it back if it was right."""
        name = (credentials.get("username") or credentials.get("email") or "").strip().lower()
        address = truncate_ip(self.get_client_ip(request))
        counts = (
            (throttle.BY_NAME_AND_ADDRESS, (name, address)),
            (throttle.BY_ADDRESS, (address,)),
            (throttle.BY_NAME, (name,)),
        )
        for limit, of in counts:
            if throttle.take(limit, *of):
                continue
            if limit is throttle.BY_NAME and _is_known_at(name, address):
                continue
            _note_throttled(limit, of)
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user is not None:
            for limit, of in counts:
                throttle.give_back(limit, *of)
            throttle.forget_old()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counted in ``authenticate``."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where one's work is: the figures, the members that one keeps, or one's own account."""
        rights = Rights(request.user)
        if rights.schools_for(Permission.SEE_RECORDS).exists():
            return reverse("start")
        if rights.schools_for(Permission.MANAGE_MEMBERS).exists():
            return reverse("members")
        return reverse("start") if rights.schools().exists() else reverse("account")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


@all_schools()
def _is_known_at(name: str, address: str) -> bool:
    """Whether the account logged in from this address lately, in whatever school's log."""
    since = timezone.now() - dt.timedelta(days=KNOWN_FOR_DAYS)
    found = User.objects.filter(username__iexact=name) | User.objects.filter(email=name)
    noted = AuditEntry.objects.filter(actor__in=found, at__gte=since, action=AuditAction.LOG_IN)
    return address in {truncate_ip(one) for one in noted.values_list("address", flat=True)}


def _note_throttled(limit: throttle.Limit, of: tuple[str, ...]) -> None:
    if throttle.take(throttle.NOTED, limit.name, *of):
        name = of[0] if limit is not throttle.BY_ADDRESS else ""
        user = User.objects.filter(username__iexact=name).first() if name else None
        note(AuditAction.LOG_IN_FAILED, school=None, by=None, of=user, why=f"limit:{limit.name}")


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "您的角色必须使用两步验证，请先添加另一种方式再停用这一种。"
        ),
        "incorrect_code": _("验证码不对，请核对时间后再输一次。"),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        return has_other_factor(user, authenticator) or not is_required(Rights(user))

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return str(_("通行密钥 {number}")).format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "三能"}


def _cipher() -> MultiFernet:
    """Secrets of authenticator apps are stored under a key that is not in the database."""
    keys: list[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"totp:" + key.encode()).digest()))
            for key in keys
        ]
    )


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on opens accounts that are there or were invited, and makes no others."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Tie who comes to the account, or the open invitation, with the e-mail address that
        the provider says it has verified; anybody else is told to ask for an invitation."""
        if sociallogin.is_existing:
            return
        mails = [one.email.lower() for one in sociallogin.email_addresses if one.verified is True]
        user = User.objects.filter(email__in=mails).first() or _invited(mails)
        if user is None:
            note(AuditAction.LOG_IN_FAILED, school=None, by=None, why="sso:unknown")
            raise ImmediateHttpResponse(render(request, "socialaccount/unknown.html", status=403))
        sociallogin.connect(request, user)


@all_schools()
def _invited(mails: list[str]) -> User | None:
    """The account made of the open invitation to one of ``mails``, in whatever school it is."""
    link = AccountLink.objects.open().filter(purpose=LinkPurpose.INVITE, email__in=mails).first()
    if link is None:
        return None
    name = link.email.partition("@")[0]
    taken = User.objects.filter(username=name).exists()
    try:
        return accept_as_new(
            link=link, username=f"{name}-{link.pk}" if taken else name, password=None
        )
    except SannengError as error:
        raise ValidationError(str(error)) from error
