"""Who may do what, where and with which record. Everything asks here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from sanneng.core.clock import today
from sanneng.core.enums import Role
from sanneng.core.models import Membership, Record, School, StandIn
from sanneng.core.permissions import PERMISSIONS, Access, Permission
from sanneng.core.row_security import all_schools, narrow_to

_EVERYTHING = frozenset(Role)


class Rights:
    """The roles of a user by school, as they are today; ask for it anew with each request.

    A deputy has the roles of those for whom it stands in; a supervisor of a higher school is
    a supervisor in every school below. A superuser, who exists only by the command line, has
    every role everywhere.
    """

    def __init__(self, user: Any) -> None:
        self.user = user
        self.everywhere = bool(user.is_authenticated and user.is_superuser)
        self._roles: dict[int, set[Role]] = {}
        # Those for whom the user stands in today, each with the schools where it does.
        self.principals: dict[int, set[int]] = {}
        if user.is_authenticated and user.is_active and not self.everywhere:
            self._gather()

    def _gather(self) -> None:
        day = today()
        deputies = StandIn.objects.filter(
            deputy=self.user, valid_from__lte=day, valid_to__gte=day
        ).values_list("school_id", "absent_id")
        by_user = self.principals
        for school, absent in deputies:
            by_user.setdefault(absent, set()).add(school)
        valid = Membership.objects.valid_on(day).filter(
            user__in=[self.user.pk, *by_user], user__is_active=True
        )
        for user, school, role in valid.values_list("user_id", "school_id", "role"):
            if user == self.user.pk or school in by_user.get(user, ()):
                self._roles.setdefault(school, set()).add(Role(role))
        supervised = {pk for pk, roles in self._roles.items() if Role.SUPERVISOR in roles}
        for pk in _below(supervised):
            self._roles.setdefault(pk, set()).add(Role.SUPERVISOR)

    def roles(self, school: School | int) -> frozenset[Role]:
        """The roles in ``school``, given as such or by its primary key."""
        if self.everywhere:
            return _EVERYTHING
        pk = school if isinstance(school, int) else school.pk
        return frozenset(self._roles.get(pk, ()))

    def may(self, permission: Permission, school: School | int) -> bool:
        return bool(self.roles(school) & PERMISSIONS[permission])

    def has_anywhere(self, permission: Permission) -> bool:
        """Whether the user has ``permission`` in any school."""
        return self.everywhere or bool(self._in(PERMISSIONS[permission]))

    def schools(self, roles: Iterable[Role] = _EVERYTHING) -> QuerySet[School]:
        """The schools in which the user has one of ``roles``."""
        if self.everywhere:
            return School.objects.all()
        return School.objects.filter(pk__in=self._in(frozenset(roles)))

    @property
    def boundary(self) -> frozenset[int] | None:
        """The schools whose rows the user may touch at all (``core.row_security``)."""
        return None if self.everywhere else frozenset(self._roles)

    def schools_for(self, permission: Permission) -> QuerySet[School]:
        return self.schools(PERMISSIONS[permission])

    def _in(self, roles: frozenset[Role]) -> list[int]:
        return [pk for pk, own in self._roles.items() if own & roles]

    def reads(self, model: type[Record]) -> Q:
        """Which records of ``model`` the user may read."""
        if self.everywhere:
            return Q()
        access = access_to(model)
        every = self._in(access.read)
        own = [pk for pk in self._in(access.own) if pk not in every]
        found = Q(school__in=every)
        if own:
            found |= Q(school__in=own) & self._concerns(model)
        return found

    def _concerns(self, model: type[Record]) -> Q:
        """Records about the user, or made by it."""
        found = Q(created_by=self.user)
        if (path := person_account(model)) is not None:
            found |= Q(**{path: self.user})
        return found

    def may_enter(self, model: type[Record], school: School | int) -> bool:
        """Whether the user may make records of this type."""
        return bool(self.roles(school) & access_to(model).enter)

    def may_decide(self, model: type[Record], school: School | int) -> bool:
        """Whether the user may approve, return, void and correct records of this type."""
        return bool(self.roles(school) & access_to(model).decide)

    def may_edit(self, record: Record) -> bool:
        """Whether the user may edit this record: the office any, others what concerns them."""
        if self.may_decide(type(record), record.school_id):
            return True
        return self.may_enter(type(record), record.school_id) and self.is_own(record)

    def is_own(self, record: Record) -> bool:
        """Whether the record is about the user or was made or handed in by it."""
        pk = self.user.pk
        return pk in (record.created_by_id, record.submitted_by_id) or self.is_about(record)

    def is_about(self, record: Record) -> bool:
        path = person_account(type(record))
        return path is not None and (
            type(record)._base_manager.filter(pk=record.pk, **{path: self.user.pk}).exists()
        )

    def hidden_fields(
        self, model: type[Record], school: School | int, record: Record | None = None
    ) -> set[str]:
        """Fields that the user may not see, of ``record`` or of any record of ``model``: the
        private ones, unless the user decides on them or is the person concerned."""
        private = set(access_to(model).private)
        if not private or self.may_decide(model, school):
            return set()
        return set() if record is not None and self.is_about(record) else private

    def stands_in_for(self, school: School | int) -> set[int]:
        """The users for whom this one stands in today."""
        day = today()
        pk = school if isinstance(school, int) else school.pk
        return set(
            StandIn.objects.filter(
                school=pk, deputy=self.user.pk, valid_from__lte=day, valid_to__gte=day
            ).values_list("absent_id", flat=True)
        )


def let_in(user: Any) -> Rights:
    """Open the school boundary of the database for ``user``, until the surrounding
    ``only_schools`` ends; returns the rights by which it was found. For wherever a request
    learns who asks: by session, by token."""
    # Stand-ins are behind the boundary that they help to find.
    with all_schools():
        rights = Rights(user)
    narrow_to(rights.boundary)
    return rights


def access_to(model: type[Record]) -> Access:
    """The declared access of a record type."""
    from sanneng.core.registry import type_of  # the registry knows the models

    return type_of(model).access


def person_account(model: type[Record]) -> str | None:
    """The path from a record of ``model`` to the account of the person it is about."""
    from sanneng.core.registry import type_of  # the registry knows the models

    return type_of(model).account


def readable_schools(*, user: Any) -> QuerySet[School]:
    """Schools of which ``user`` may see figures or records."""
    if not user.is_authenticated:
        return School.objects.none()
    return Rights(user).schools(
        PERMISSIONS[Permission.SEE_FIGURES] | PERMISSIONS[Permission.SEE_RECORDS]
    )


def _below(schools: set[int]) -> set[int]:
    found: set[int] = set()
    level = schools
    while level:
        level = set(School.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
        found |= level
    return found


def may(*, user: Any, permission: Permission, school: School) -> bool:
    """Whether ``user`` has ``permission`` in ``school``."""
    return Rights(user).may(permission, school)
