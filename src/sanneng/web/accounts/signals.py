"""Log-ins, failures and log-outs go into the audit log, whichever way they came."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.signals import password_changed, password_set
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext as _

from sanneng.core import passwords
from sanneng.core.domain.audit import note
from sanneng.core.domain.members import home_school
from sanneng.core.enums import AuditAction
from sanneng.core.models import User
from sanneng.web.accounts.middleware import BEGAN, MUST_CHANGE, SEEN


@receiver(user_logged_in)
@transaction.atomic
def logged_in(request: Any, user: User, **_kwargs: Any) -> None:
    request.session[BEGAN] = time.time()
    request.session.pop(SEEN, None)
    records = request.session.get("account_authentication_methods") or []
    ways = [str(record.get("type") or record.get("method")) for record in records]
    # Who came another way may not know the old password, and need not.
    if "password" in ways and passwords.has_expired(user):
        request.session[MUST_CHANGE] = True
    elif (days := passwords.days_left(user)) is not None and hasattr(request, "_messages"):
        messages.warning(request, _("密码还有 {days} 天到期，请尽早修改。").format(days=days))
    note(
        AuditAction.LOG_IN,
        school=home_school(user),
        by=user,
        of=user,
        ways=list(dict.fromkeys(ways)),
    )


@receiver(user_login_failed)
@transaction.atomic
def log_in_failed(credentials: dict[str, Any], **_kwargs: Any) -> None:
    """Names the account where there is one; what else was typed may be a password."""
    typed = str(credentials.get("username") or credentials.get("email") or "")
    found = User.objects.filter(username__iexact=typed) | User.objects.filter(email=typed.lower())
    user = found.first() if typed else None
    school = home_school(user) if user else None
    note(AuditAction.LOG_IN_FAILED, school=school, by=None, of=user, why="password")


@receiver(authentication_failed)
@transaction.atomic
def code_failed(user: User, authenticator: Any, **_kwargs: Any) -> None:
    note(
        AuditAction.LOG_IN_FAILED,
        school=home_school(user),
        by=None,
        of=user,
        why=authenticator.type,
    )


@receiver(user_logged_out)
@transaction.atomic
def logged_out(request: Any, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        why = getattr(request, "sign_out_reason", "")
        note(AuditAction.LOG_OUT, school=home_school(user), by=user, of=user, why=why)


@receiver([password_changed, password_set])
@transaction.atomic
def password_was_changed(request: Any, user: User, **_kwargs: Any) -> None:
    request.session.pop(MUST_CHANGE, None)
    note(AuditAction.ACCOUNT, school=home_school(user), by=user, of=user, what="password_change")


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
@transaction.atomic
def second_factor_changed(signal: Any, user: User, authenticator: Any, **_kwargs: Any) -> None:
    what = {authenticator_added: "add", authenticator_removed: "remove"}.get(signal, "reset")
    note(
        AuditAction.ACCOUNT, school=home_school(user), by=user, of=user,
        what=f"second_factor_{what}", type=authenticator.type,
    )  # fmt: skip
