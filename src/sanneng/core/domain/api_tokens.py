"""Keys by which programs act for a user: made once, shown once, kept as a digest."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.tokens import digest_of, new_token
from sanneng.core.enums import ApiScope, AuditAction, Role
from sanneng.core.errors import InvalidValues, NotAllowed, WrongState
from sanneng.core.models import ApiToken, Membership, School, User
from sanneng.core.permissions import Permission
from sanneng.core.row_security import all_schools

PREFIX = "snt_"
LONGEST = dt.timedelta(days=365)
# "Last used" is to within this, so that reading does not mean writing each time.
USE_NOTED_EVERY = dt.timedelta(minutes=5)
# Keeping the installation is work for people, not for programs.
SERVICE_ROLES = frozenset(Role) - {Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR}


@transaction.atomic
def make_token(
    *,
    user: User,
    by: User,
    name: str,
    scopes: Collection[str],
    days: int,
    school: School | None = None,
) -> tuple[ApiToken, str]:
    """A token for ``user``, and the key, which is not kept and cannot be shown again.

    People make tokens for themselves; those who manage members make them for service accounts
    of their school. Raises NotAllowed, or InvalidValues by field.
    """
    if by.pk != user.pk and not may_keep(service=user, by=by):
        raise NotAllowed(_("只能为自己生成令牌；服务账号的令牌由安全管理员生成。"))
    if by.pk == user.pk and user.is_service:
        raise NotAllowed(_("服务账号不能自己生成令牌，请由安全管理员生成。"))
    name = " ".join(name.split())[:60]
    _check(user, name, scopes, days, school)
    key = PREFIX + new_token().text
    now = timezone.now()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(key),
        scopes=sorted(scopes),
        school=school,
        created_by=by,
        expires_at=now + dt.timedelta(days=days),
    )
    _note(token, by, "token_made")
    return token, key


def _check(
    user: User, name: str, scopes: Collection[str], days: int, school: School | None
) -> None:
    faults: dict[str, list[str]] = {}
    if not name:
        faults["name"] = [_("请写一个名称，说明令牌给谁用。")]
    if not scopes or not set(scopes) <= set(ApiScope.values):
        faults["scopes"] = [_("请至少选一个范围。")]
    if not 1 <= days <= LONGEST.days:
        faults["days"] = [_("有效期是 1 到 {days} 天。").format(days=LONGEST.days)]
    if school is not None and not Rights(user).roles(school):
        faults["school"] = [_("没有这所学校，请重新选择。")]
    if faults:
        raise InvalidValues(faults)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """End ``token`` at once. Raises NotAllowed, or WrongState when it is revoked already."""
    if by.pk != token.user_id and not may_keep(service=token.user, by=by):
        raise NotAllowed(_("只能作废自己的令牌，或本校服务账号的令牌。"))
    found = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if not found.update(revoked_at=timezone.now()):
        raise WrongState(_("这个令牌已经作废了。"))
    token.refresh_from_db()
    _note(token, by, "token_revoked")


@transaction.atomic
def revoke_tokens(*, user: User, by: User) -> None:
    """End every token of ``user``, whose account somebody may no longer be trusted to have.
    Whoever calls has made sure that ``by`` may."""
    for token in ApiToken.objects.select_for_update().filter(user=user, revoked_at=None):
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
        _note(token, by, "token_revoked")


@transaction.atomic
def make_service_account(*, school: School, name: str, role: str, by: User) -> User:
    """An account for a program, with a role in ``school`` and without a password.

    Raises NotAllowed, or InvalidValues by field.
    """
    if not Rights(by).may(Permission.MANAGE_MEMBERS, school):
        raise NotAllowed(_("服务账号由安全管理员建立。"))
    name = " ".join(name.split())[:60]
    faults: dict[str, list[str]] = {}
    if not name:
        faults["name"] = [_("请写一个名称，说明是哪个系统。")]
    if role not in SERVICE_ROLES:
        faults["role"] = [_("请选择一个角色；管理类角色不能给服务账号。")]
    if faults:
        raise InvalidValues(faults)
    user = User(username=f"service-{secrets.token_hex(6)}", display_name=name, is_service=True)
    user.set_unusable_password()
    user.save()
    membership = Membership.objects.create(user=user, school=school, role=role, valid_from=today())
    note(AuditAction.ACCOUNT, school=school, by=by, of=user, kind="service_account_made")
    note(AuditAction.MEMBERSHIP, school=school, by=by, of=membership, role=role)
    return user


def services_of(*, schools: models.QuerySet[School]) -> models.QuerySet[User]:
    """The service accounts with a membership in one of ``schools``."""
    members = Membership.objects.filter(school__in=schools).values("user")
    return User.objects.filter(is_service=True, is_active=True, pk__in=members)


def may_keep(*, service: User, by: User) -> bool:
    """Whether ``by`` manages members in every school where the account ``service`` is one."""
    if not service.is_service:
        return False
    schools = set(service.memberships.values_list("school_id", flat=True))
    rights = Rights(by)
    return bool(schools) and all(rights.may(Permission.MANAGE_MEMBERS, one) for one in schools)


def token_of(key: str) -> ApiToken | None:
    """The token whose key is ``key`` and which is good today; notes that it was used.

    None for a key that is unknown, revoked or expired, of an account that is closed, and of a
    user who has left the schools that the token is for.
    """
    if not key.startswith(PREFIX) or len(key) > 200:
        return None
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user", "school")
        .filter(digest=digest_of(key), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None or not _still_there(token):
        return None
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _still_there(token: ApiToken) -> bool:
    with all_schools():
        rights = Rights(token.user)
    if token.school is not None:
        return bool(rights.roles(token.school))
    return rights.everywhere or rights.schools().exists()


def _note(token: ApiToken, by: User, kind: str) -> None:
    note(
        AuditAction.ACCOUNT,
        school=token.school,
        by=by,
        of=token,
        kind=kind,
        user=str(token.user),
        scopes=token.scopes,
        expires_at=token.expires_at,
    )
