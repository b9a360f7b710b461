"""Invitations: a link, good once, by which somebody gets an account and roles in a school."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.accounts import (
    LINK_LASTS,
    check_password,
    link_person,
    person_type,
    use_up,
)
from sanneng.core.domain.audit import note
from sanneng.core.domain.keepers import check_apart
from sanneng.core.domain.members import add_membership, check_may_manage
from sanneng.core.domain.tokens import new_token
from sanneng.core.enums import AuditAction, LinkPurpose, Role
from sanneng.core.errors import InvalidValues, NotAllowed, SannengError
from sanneng.core.models import AccountLink, Membership, Record, School, User

USERNAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9_.\-\u4e00-\u9fff]{1,29}")
AT_ONCE = 200


@dataclass(frozen=True)
class Person:
    """Somebody to invite: ``record`` is the staff member or trainee it is, where there is one."""

    name: str
    email: str = ""
    record: Record | None = None


@dataclass(frozen=True)
class Invited:
    """An invitation, and the secret of its link, which is shown once and not kept."""

    link: AccountLink
    token: str


@transaction.atomic
def invite(
    *,
    people: Sequence[Person],
    school: School,
    roles: Sequence[str],
    by: User,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> list[Invited]:
    """Make a link for each of ``people``, all or none; each is good for seven days.

    Raises NotAllowed, or InvalidValues by the fields ``people``, ``roles`` and ``valid_to``.
    """
    check_may_manage(school=school, by=by)
    valid_from = valid_from or today()
    faults: dict[str, list[str]] = {}
    if not roles:
        faults["roles"] = [_("请选择角色。")]
    else:
        try:
            check_apart(roles)
        except SannengError as error:
            faults["roles"] = [str(error)]
    if valid_to is not None and valid_to < max(valid_from, today()):
        faults["valid_to"] = [_("失效日期已过或早于生效日期。")]
    if problems := _faults_of(people):
        faults["people"] = problems
    if faults:
        raise InvalidValues(faults)
    made = []
    for person in people:
        token = new_token()
        link = AccountLink.objects.create(
            purpose=LinkPurpose.INVITE,
            digest=token.digest,
            school=school,
            name=person.name,
            email=person.email.lower(),
            roles=[str(Role(role)) for role in roles],
            valid_from=valid_from,
            valid_to=valid_to,
            person_type=person_type(person.record),
            person_id=person.record.pk if person.record else None,
            created_by=by,
            expires_at=timezone.now() + LINK_LASTS,
        )
        made.append(Invited(link, token.text))
        note(
            AuditAction.MEMBERSHIP, school=school, by=by, of=link,
            what="invite", name=person.name, roles=link.roles, ends=valid_to,
        )  # fmt: skip
    return made


def _faults_of(people: Sequence[Person]) -> list[str]:
    if not people:
        return [_("请写上要邀请的人，一行一个。")]
    if len(people) > AT_ONCE:
        return [_("一次最多邀请 {limit} 人，请分几次。").format(limit=AT_ONCE)]
    faults = []
    for person in people:
        if not 1 < len(person.name) <= 60:
            faults.append(_("“{name}”不像姓名，请改正这一行。").format(name=person.name[:20]))
    mails = [person.email.lower() for person in people if person.email]
    for mail in sorted({mail for mail in mails if mails.count(mail) > 1}):
        faults.append(_("邮箱 {mail} 写了两次。").format(mail=mail))
    taken = User.objects.filter(email__in=mails).values_list("email", flat=True)
    faults += [_("邮箱 {mail} 已有账号。").format(mail=mail) for mail in sorted(taken)]
    return faults


@transaction.atomic
def invite_first_security(*, school: School, name: str, lasts: dt.timedelta) -> Invited:
    """The link by which a school that has no security administrator gets its first.

    For the operator at the command line. Raises SannengError once there is one; an earlier
    link of this kind stops working.
    """
    there = Membership.objects.filter(school=school, role=Role.SECURITY, user__is_active=True)
    if there.exclude(valid_to__lt=today()).exists():
        raise SannengError(
            _("“{school}”已有安全管理员，请由其邀请其他人。").format(school=school),
            code="security_exists",
        )
    AccountLink.objects.open().filter(school=school, created_by=None, user=None).update(
        revoked_at=timezone.now()
    )
    token = new_token()
    link = AccountLink.objects.create(
        purpose=LinkPurpose.INVITE,
        digest=token.digest,
        school=school,
        name=name,
        roles=[Role.SECURITY],
        valid_from=today(),
        expires_at=timezone.now() + lasts,
    )
    note(AuditAction.MEMBERSHIP, school=school, by=None, of=link, what="invite", roles=link.roles)
    return Invited(link, token.text)


@transaction.atomic
def renew_invitation(*, link: AccountLink, by: User) -> Invited:
    """A new secret for an invitation that was not taken up; the old one stops working."""
    _check_own_school(link, by)
    if link.used_at or link.revoked_at:
        raise SannengError(_("这个邀请已经用过或已撤回。"), code="link_used")
    token = new_token()
    link.digest, link.expires_at = token.digest, timezone.now() + LINK_LASTS
    link.renewed_by = by
    link.save(update_fields=["digest", "expires_at", "renewed_by"])
    note(AuditAction.MEMBERSHIP, school=link.school, by=by, of=link, what="renew_invitation")
    return Invited(link, token.text)


@transaction.atomic
def withdraw_invitation(*, link: AccountLink, by: User) -> None:
    """Make an invitation's link stop working. Raises NotAllowed."""
    _check_own_school(link, by)
    AccountLink.objects.filter(pk=link.pk, used_at=None).update(revoked_at=timezone.now())
    note(AuditAction.MEMBERSHIP, school=link.school, by=by, of=link, what="withdraw_invitation")


def _check_own_school(link: AccountLink, by: User) -> None:
    assert link.school is not None
    check_may_manage(school=link.school, by=by)


@transaction.atomic
def accept_as_new(
    *, link: AccountLink, username: str, password: str | None, name: str = ""
) -> User:
    """Make the account that an invitation is for. ``password`` None is for single sign-on;
    ``name`` is the person's own where the invitation has none.

    Raises InvalidValues by the fields ``username`` and ``password1``, or SannengError.
    """
    username = username.strip().lower()
    user = User(username=username, display_name=link.name or name, email=link.email)
    faults: dict[str, list[str]] = {}
    if not USERNAME.fullmatch(username):
        faults["username"] = [_("用户名用 2 到 30 个字母、数字、汉字或 . _ -，不能有空格和 @。")]
    elif User.objects.filter(username__iexact=username).exists():
        faults["username"] = [_("这个用户名已有人用，请换一个。")]
    if password is not None:
        try:
            check_password(password, user)
        except InvalidValues as error:
            faults |= error.faults
    if link.email and User.objects.filter(email=link.email).exists():
        faults[""] = [_("邀请里的邮箱已有账号，请先登录那个账号再打开链接。")]
    if faults:
        raise InvalidValues(faults)
    use_up(link)
    user.set_password(password)
    user.save()
    note(AuditAction.ACCOUNT, school=link.school, by=user, of=user, what="create")
    _join(link, user)
    return user


@transaction.atomic
def accept_as(*, link: AccountLink, user: User) -> None:
    """Take an invitation up with an account that is there already.

    Raises NotAllowed where one would grant roles to oneself, or SannengError.
    """
    if user.pk in (link.created_by_id, link.renewed_by_id):
        raise NotAllowed(_("不能接受自己发出的邀请。"))
    use_up(link)
    _join(link, user)


def _join(link: AccountLink, user: User) -> None:
    school = link.school
    assert school is not None
    first_day = max(link.valid_from or today(), today())
    for role in link.roles:
        add_membership(
            user=user, school=school, role=role, by=None,
            valid_from=first_day, valid_to=link.valid_to,
        )  # fmt: skip
    AccountLink.objects.filter(pk=link.pk).update(user=user)
    if isinstance(link.person, Record) and link.person.user_id is None:  # type: ignore[attr-defined]
        link_person(record=link.person, user=user, by=None)
