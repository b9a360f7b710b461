"""Who belongs to a school, and as what: the security administrator decides (MANAGE_MEMBERS)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.keepers import check_work_apart
from sanneng.core.enums import AuditAction, Role
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import Membership, School, User
from sanneng.core.permissions import Permission


def check_may_manage(*, school: School, by: User) -> None:
    """Raises NotAllowed for anybody but the school's security administrators."""
    if not Rights(by).may(Permission.MANAGE_MEMBERS, school):
        raise NotAllowed(_("只有本校的安全管理员可以管理成员。"))


@transaction.atomic
def add_membership(
    *,
    user: User,
    school: School,
    role: str,
    by: User | None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> Membership:
    """Give ``user`` a role in the school from a day (today) on; the same role twice is refused.

    ``by`` None is the operator or an invitation, checked where it was made. Raises NotAllowed,
    also for one's own roles, or SannengError.
    """
    valid_from = valid_from or today()
    if by is not None:
        check_may_manage(school=school, by=by)
        if by.pk == user.pk:
            raise NotAllowed(_("不能给自己增加角色，请由另一位安全管理员办理。"))
    if valid_to is not None and valid_to < valid_from:
        raise SannengError(_("失效日期不能早于生效日期。"), code="dates")
    # One at a time: two changes that each are in order may not be so together.
    School.objects.select_for_update().get(pk=school.pk)
    held = user.memberships.filter(school=school, role=role).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from)
    )
    if valid_to is not None:
        held = held.filter(valid_from__lte=valid_to)
    if held.exists():
        raise SannengError(_("这个人在这段时间已有这个角色。"), code="held")
    membership = Membership.objects.create(
        user=user, school=school, role=role, valid_from=valid_from, valid_to=valid_to
    )
    check_work_apart(user=user, school=school)
    _note(membership, by, began=valid_from, ends=valid_to)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User, last_day: dt.date | None = None) -> None:
    """End a role with ``last_day`` (yesterday: from today on it is gone).

    Raises NotAllowed, or SannengError for the last security administrator of the school.
    """
    school = membership.school
    check_may_manage(school=school, by=by)
    School.objects.select_for_update().get(pk=school.pk)
    last_day = last_day or today() - dt.timedelta(days=1)
    if membership.role == Role.SECURITY:
        check_another_remains(school=school, without=membership.user, after=last_day)
    before = membership.valid_to
    if last_day < membership.valid_from:
        # It never came to be, or began today: nothing of it remains to be in force.
        _note(membership, by, ends=last_day)
        membership.delete()
        return
    membership.valid_to = last_day
    membership.save(update_fields=["valid_to"])
    _note(membership, by, ends=last_day, before=before)


def check_another_remains(*, school: School, without: User, after: dt.date) -> None:
    """Raises SannengError where nobody but ``without`` would keep the members after that day."""
    day = max(after + dt.timedelta(days=1), today())
    others = (
        Membership.objects.valid_on(day)
        .filter(school=school, role=Role.SECURITY, user__is_active=True)
        .exclude(user=without)
    )
    if not others.exists():
        raise SannengError(
            _("这是本校最后一位安全管理员，请先确定另一位再操作。"), code="last_security"
        )


def _note(membership: Membership, by: User | None, **details: Any) -> None:
    note(
        AuditAction.MEMBERSHIP,
        school=membership.school,
        by=by,
        of=membership.user,
        role=membership.role,
        **details,
    )


def home_school(user: User) -> School | None:
    """The school in whose audit log the user's log-ins stand: the one it belongs to today, or
    None for somebody of several or of none."""
    found = list(
        School.objects.filter(
            memberships__in=Membership.objects.valid_on(today()).filter(user=user)
        ).distinct()[:2]
    )
    return found[0] if len(found) == 1 else None
