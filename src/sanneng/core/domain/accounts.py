"""Accounts: stopping and starting them, their sessions, and links to choose a new password."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights, person_account
from sanneng.core.domain.api_tokens import revoke_tokens
from sanneng.core.domain.audit import note
from sanneng.core.domain.feeds import revoke_feed
from sanneng.core.domain.members import check_another_remains, check_may_manage
from sanneng.core.domain.tokens import digest_of, new_token
from sanneng.core.enums import AuditAction, LinkPurpose, Role
from sanneng.core.errors import InvalidValues, NotAllowed, SannengError
from sanneng.core.models import AccountLink, Membership, Record, School, User
from sanneng.core.models.links import LinkQuerySet
from sanneng.core.permissions import Permission
from sanneng.core.row_security import all_schools

LINK_LASTS = dt.timedelta(days=7)


def may_manage_account(*, user: User, school: School, by: User) -> bool:
    """Whether ``by`` may stop the account or hand out links to it: a security administrator of
    every school the account belongs to. A membership in one school gives no hold over an
    account that also opens another."""
    if user.is_superuser:
        return bool(by.is_superuser)
    belongs = set(
        Membership.objects.filter(user=user)
        .exclude(valid_to__lt=today())
        .values_list("school_id", flat=True)
    ) | {school.pk}
    known = Membership.objects.filter(user=user, school=school).exists()
    rights = Rights(by)
    return known and all(rights.may(Permission.MANAGE_MEMBERS, pk) for pk in belongs)


def _check_may_manage_account(user: User, school: School, by: User) -> None:
    check_may_manage(school=school, by=by)
    if not may_manage_account(user=user, school=school, by=by):
        raise NotAllowed(_("这个账号还属于别的学校，请由上级或各校安全管理员共同处理。"))


@transaction.atomic
def disable_account(*, user: User, school: School, by: User) -> None:
    """Stop an account: its sessions, links and keys end at once, and nobody can log in to it.

    Raises NotAllowed, or SannengError for oneself and for the last security administrator.
    """
    _check_may_manage_account(user, school, by)
    if user.pk == by.pk:
        raise SannengError(_("不能停用自己的账号。"), code="own_account")
    School.objects.select_for_update().get(pk=school.pk)
    if user.memberships.filter(role=Role.SECURITY, school=school).exists():
        check_another_remains(school=school, without=user, after=today())
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    end_sessions(user=user)
    _end_keys(user=user, by=by)
    _revoke(AccountLink.objects.open().filter(user=user))
    note(AuditAction.ACCOUNT, school=school, by=by, of=user, what="disable")


@transaction.atomic
def enable_account(*, user: User, school: School, by: User) -> None:
    """Let an account that was stopped log in again. Raises NotAllowed."""
    _check_may_manage_account(user, school, by)
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True
    note(AuditAction.ACCOUNT, school=school, by=by, of=user, what="enable")


@transaction.atomic
def edit_account(*, user: User, school: School, by: User, display_name: str, email: str) -> None:
    """Correct an account's name and e-mail address, which is a name to log in by.

    The audit log says which of them changed, not the values. Raises NotAllowed or InvalidValues
    by the fields ``display_name`` and ``email``.
    """
    _check_may_manage_account(user, school, by)
    display_name, email = " ".join(display_name.split()), email.strip().lower()
    if not display_name:
        raise InvalidValues({"display_name": [_("请填姓名。")]})
    if email and User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise InvalidValues({"email": [_("这个邮箱已有账号使用。")]})
    new = {"display_name": display_name, "email": email}
    changed = [name for name, value in new.items() if getattr(user, name) != value]
    if changed:
        User.objects.filter(pk=user.pk).update(**new)
        user.display_name, user.email = display_name, email
        note(AuditAction.ACCOUNT, school=school, by=by, of=user, what="edit", fields=changed)


def end_sessions(*, user: User, but: str | None = None) -> int:
    """End the user's sessions on the server, except the one with key ``but``; returns how many."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
        ended += 1
    return ended


def _end_keys(*, user: User, by: User) -> None:
    """End what reaches the account without a log-in: its tokens and its calendar's address."""
    revoke_tokens(user=user, by=by)
    revoke_feed(user=user, by=by)


def _revoke(links: LinkQuerySet) -> None:
    """Links of the operator have no school and lie behind the boundary of a request."""
    with all_schools():
        links.update(revoked_at=timezone.now())


@transaction.atomic
def end_sessions_of_member(*, user: User, school: School, by: User) -> int:
    """End every session of somebody else's account, and the keys by which programs act for it;
    returns how many sessions. Raises NotAllowed."""
    _check_may_manage_account(user, school, by)
    ended = end_sessions(user=user)
    _end_keys(user=user, by=by)
    note(AuditAction.ACCOUNT, school=school, by=by, of=user, what="end_sessions", ended=ended)
    return ended


@transaction.atomic
def make_reset_link(
    *, user: User, school: School | None, by: User | None, clears_second_factor: bool = False
) -> str:
    """The secret of a link by which ``user`` chooses a new password; older ones stop working.

    ``by`` None is the operator at the command line. Raises NotAllowed or SannengError.
    """
    if by is not None:
        assert school is not None
        _check_may_manage_account(user, school, by)
        if user.pk == by.pk:
            raise SannengError(_("自己的密码请在“我的账号”里修改。"), code="own_account")
    if not user.is_active:
        raise SannengError(_("账号已停用，请先启用。"), code="disabled")
    _revoke(AccountLink.objects.open().filter(user=user, purpose=LinkPurpose.RESET))
    token = new_token()
    AccountLink.objects.create(
        purpose=LinkPurpose.RESET,
        digest=token.digest,
        school=school,
        user=user,
        clears_second_factor=clears_second_factor,
        created_by=by,
        expires_at=timezone.now() + LINK_LASTS,
    )
    what = "reset_link_second_factor" if clears_second_factor else "reset_link"
    note(AuditAction.ACCOUNT, school=school, by=by, of=user, what=what)
    return token.text


def open_link(*, token: str, purpose: LinkPurpose) -> AccountLink | None:
    """The link that ``token`` opens, or None when it is unknown, used, withdrawn or too old."""
    links = AccountLink.objects.open().select_related("school", "user", "created_by")
    return links.filter(digest=digest_of(token), purpose=purpose).first()


def use_up(link: AccountLink) -> None:
    """Take the one use of a link; of two at the same moment one is refused."""
    if not AccountLink.objects.open().filter(pk=link.pk).update(used_at=timezone.now()):
        raise SannengError(
            _("这个链接已经用过或过期，请向安全管理员要一个新的。"), code="link_used"
        )


@transaction.atomic
def reset_password(*, link: AccountLink, password: str) -> User:
    """Give the link's account a new password and end its sessions and keys. Raises InvalidValues
    where the password is refused, SannengError where the link is used up."""
    user = link.user
    assert user is not None
    check_password(password, user)
    use_up(link)
    if not user.is_active:
        raise SannengError(_("账号已停用，请先启用。"), code="disabled")
    user.set_password(password)
    user.save(update_fields=["password", "password_changed_at"])
    if link.clears_second_factor:
        Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)
    _end_keys(user=user, by=user)
    note(AuditAction.ACCOUNT, school=link.school, by=user, of=user, what="password_reset")
    return user


@transaction.atomic
def untie_single_sign_on(*, user: User, school: School | None) -> None:
    """Let no identity of single sign-on open the user's own account any more.

    Raises SannengError where nothing else would open it.
    """
    if not user.has_usable_password():
        raise SannengError(_("请先设置密码，再解除单点登录。"), code="no_password")
    ended, _by_model = SocialAccount.objects.filter(user=user).delete()
    if ended:
        note(AuditAction.ACCOUNT, school=school, by=user, of=user, what="untie_single_sign_on")


def check_password(password: str, user: User) -> None:
    """Raises InvalidValues with what is wrong with ``password`` under the policy."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidValues({"password1": list(error.messages)}) from error


@transaction.atomic
def link_person(*, record: Record, user: User | None, by: User | None) -> None:
    """Say whose account ``user`` is: a staff member's or a trainee's record. None unties it.

    ``by`` None is an invitation, checked where it was made. Raises NotAllowed or SannengError:
    an account is one person of a kind in a school.
    """
    model: Any = type(record)
    school = record.school
    if person_account(model) != "user":
        raise SannengError(_("只有教职工和学员可以对应账号。"), code="no_person")
    if by is not None:
        check_may_manage(school=school, by=by)
        if user is not None and not user.memberships.filter(school=school).exists():
            raise NotAllowed(_("这个账号不是本校成员。"))
    if user is not None:
        taken = model._base_manager.filter(school=school, user=user).exclude(pk=record.pk).first()
        if taken is not None and model._meta.label_lower == "people.staff":
            raise SannengError(
                _("这个账号已对应“{name}”，请先解除。").format(name=taken), code="person_taken"
            )
    model._base_manager.filter(pk=record.pk).update(user=user)
    note(AuditAction.ACCOUNT, school=school, by=by, of=record, what="link", account=user)


def person_type(record: Record | None) -> ContentType | None:
    return ContentType.objects.get_for_model(record) if record is not None else None
