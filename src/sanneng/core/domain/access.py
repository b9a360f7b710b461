"""Who may read which school."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from sanneng.core.clock import today
from sanneng.core.enums import Role
from sanneng.core.models import Membership, School


def readable_schools(*, user: Any) -> QuerySet[School]:
    """Schools whose records ``user`` may read: those of valid memberships, and for a
    supervisor of a higher school also every school below it."""
    if not user.is_authenticated:
        return School.objects.none()
    if user.is_superuser:
        return School.objects.all()
    memberships = Membership.objects.filter(user=user).valid_on(today())
    own = set(memberships.values_list("school_id", flat=True))
    supervised = set(memberships.filter(role=Role.SUPERVISOR).values_list("school_id", flat=True))
    return School.objects.filter(pk__in=own | _below(supervised))


def _below(schools: set[int]) -> set[int]:
    found: set[int] = set()
    level = schools
    while level:
        level = set(School.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        found |= level
    return found


def may_enter(*, user: Any, school: School) -> bool:
    """Whether ``user`` may enter and hand in records of ``school``: its members may, those who
    only supervise it may not."""
    if user.is_superuser:
        return True
    return _memberships(user, school).exclude(role=Role.SUPERVISOR).exists()


def may_decide(*, user: Any, school: School) -> bool:
    """Whether ``user`` may approve, return and void records of ``school``."""
    if user.is_superuser:
        return True
    deciding = (Role.OFFICE, Role.LEADER, Role.ADMINISTRATOR)
    return _memberships(user, school).filter(role__in=deciding).exists()


def _memberships(user: Any, school: School) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, school=school).valid_on(today())
