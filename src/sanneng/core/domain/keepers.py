"""Who keeps the accounts, the system or the audit log: each a person of its own, on every day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.enums import Role
from sanneng.core.errors import SannengError
from sanneng.core.models import Membership, School, StandIn, User

# Whoever keeps the accounts, the system or the audit log does none of the others' work.
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR})


class _Days(NamedTuple):
    """A keeper's role that somebody has, own or standing in, on these days, both included."""

    role: str
    begins: dt.date
    ends: dt.date


def check_apart(roles: Iterable[str]) -> None:
    """Raises SannengError where one person would have the work of two keepers."""
    keepers = sorted(KEEPERS & {Role(role) for role in roles})
    if len(keepers) > 1:
        raise SannengError(
            _("{roles}必须由不同的人担任。").format(roles="、".join(str(r.label) for r in keepers)),
            code="keepers_apart",
        )


def check_work_apart(*, user: User, school: School) -> None:
    """Raises SannengError where ``user``, or somebody who stands in for it, has the work of two
    keepers of the school on a day from today on: by own roles and those of all for whom that
    one stands in, together. For after a change, within its transaction."""
    deputies = User.objects.filter(
        standing_in_for__in=StandIn.objects.filter(
            school=school, absent=user, valid_to__gte=today()
        )
    )
    for one in {user, *deputies}:
        for some, other in combinations(_kept_by(one, school), 2):
            if some.begins <= other.ends and other.begins <= some.ends:
                check_apart((some.role, other.role))


def _kept_by(user: User, school: School) -> Iterator[_Days]:
    yield from _held(user.pk, school, today(), dt.date.max)
    standing_in = StandIn.objects.filter(school=school, deputy=user, valid_to__gte=today())
    for one in standing_in:
        yield from _held(one.absent_id, school, max(one.valid_from, today()), one.valid_to)


def _held(user: int, school: School, begins: dt.date, ends: dt.date) -> Iterator[_Days]:
    """The keepers' roles that ``user`` itself has between two days."""
    found = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=begins),
        user=user, school=school, role__in=KEEPERS, valid_from__lte=ends,
    )  # fmt: skip
    for one in found:
        yield _Days(one.role, max(one.valid_from, begins), min(one.valid_to or ends, ends))
