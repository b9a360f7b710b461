"""The forms of log-in and of one's own account, beyond what allauth brings."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import forms as account
from allauth.account.fields import PasswordField
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sanneng.core.domain.accounts import end_sessions
from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction

# A code is taken for its own step and one to each side: 90 s in all.
CODE_LIVES = 120


class LoginForm(account.LoginForm):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}

    def user_credentials(self) -> dict[str, Any]:
        """One name, whether it is a user name or an e-mail address: the password is hashed once
        either way, so that the time of the answer tells nothing."""
        return {
            "username": self.cleaned_data["login"],
            "password": self.cleaned_data.get("password"),
        }


class PasskeyForm(webauthn.LoginWebAuthnForm):
    """Logs in by a passkey alone. What fails is noted as a wrong password is; without a name,
    for whose passkey it was to be is only what the browser said."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        # allauth lets through what an answer of another shape than a browser's leads to.
        except (forms.ValidationError, AttributeError, LookupError, TypeError, ValueError) as error:
            with transaction.atomic():
                note(AuditAction.LOG_IN_FAILED, school=None, by=None, why="passkey")
            raise get_adapter().validation_error("incorrect_code") from error


class _EndsOtherSessions(forms.Form):
    end_others = forms.BooleanField(
        label=_("同时退出其他设备上的登录"), required=False, initial=True
    )

    def save(self) -> None:
        super().save()  # type: ignore[misc]
        if self.cleaned_data["end_others"]:
            request = context.request
            end_sessions(user=request.user, but=request.session.session_key)


class ChangePasswordForm(_EndsOtherSessions, account.ChangePasswordForm):
    oldpassword = PasswordField(label=_("现在的密码"), autocomplete="current-password")
    field_order = ("oldpassword", "password1", "password2", "end_others")


class SetPasswordForm(_EndsOtherSessions, account.SetPasswordForm):
    field_order = ("password1", "password2", "end_others")


class _CodeOnce:
    """A code of an authenticator app opens once, also where its time is not over."""

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:
            key = f"totp-used:{self.user.pk}:{normalize_user_code(code)}"
            if not cache.add(key, int(time.time()), timeout=CODE_LIVES):
                raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_CodeOnce, mfa.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(_CodeOnce, mfa.ReauthenticateForm):  # type: ignore[misc]
    pass
