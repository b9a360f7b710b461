"""Who looks after what in a school: the people, found from the written rules."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights, access_to
from sanneng.core.enums import Role
from sanneng.core.models import Deadline, Membership, Record, School, StandIn, User
from sanneng.core.permissions import Permission


def holders(roles: Iterable[Role], *, school: School) -> QuerySet[User]:
    """The people who have one of ``roles`` in ``school`` today, and those who stand in for them."""
    day = today()
    own = Membership.objects.valid_on(day).filter(
        school=school, role__in=list(roles), user__is_active=True
    )
    standing_in = StandIn.objects.filter(
        school=school, valid_from__lte=day, valid_to__gte=day, absent__in=own.values("user")
    )
    return User.objects.filter(
        Q(pk__in=own.values("user")) | Q(pk__in=standing_in.values("deputy")), is_active=True
    )


def deciders(model: type[Record], *, school: School) -> QuerySet[User]:
    """Those who decide on records of ``model`` in ``school``."""
    return holders(access_to(model).decide, school=school)


def still_there(user: User) -> bool:
    """Whether ``user`` is somebody in some school today; who has left is told nothing more."""
    return bool(user.is_active and Rights(user).schools().exists())


def is_in_charge(deadline: Deadline, rights: Rights) -> bool:
    """Whether one with these rights looks after ``deadline``: who decides on its record, or the
    office and the leaders where it is about none."""
    model = deadline.content_type.model_class() if deadline.content_type else None
    if model is not None and issubclass(model, Record):
        return rights.may_decide(model, deadline.school_id)
    return rights.may(Permission.DECIDE, deadline.school_id)
