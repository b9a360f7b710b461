"""What a person has to do: one shape for whatever is owed, and the sources it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.models import School, User


@dataclass(frozen=True)
class Todo:
    """Something that the reader owes: what, where to do it, since when, and until when if there
    is a day for it. ``number`` is how many records it stands for."""

    code: str
    title: str
    link: str
    since: dt.datetime | None
    due: dt.date | None
    school: School
    overdue: bool = False
    number: int = 1

    @property
    def is_due_this_week(self) -> bool:
        """Whether it is due between today and Sunday."""
        day = today()
        sunday = day + dt.timedelta(days=6 - day.weekday())
        return self.due is not None and day <= self.due <= sunday


Find = Callable[[User, Rights, School], list[Todo]]
Count = Callable[[User, Rights, School], int]


@dataclass(frozen=True)
class TodoProvider:
    """A source of to-dos. They close by themselves, because ``find`` is a question to the
    records and not a list that is kept. ``count`` says how many ``find`` would give, in fewer
    queries; without it they are found and counted."""

    code: str
    label: str | Promise
    find: Find
    count: Count | None = None

    def counted(self, user: User, rights: Rights, school: School) -> int:
        if self.count is not None:
            return self.count(user, rights, school)
        return len(self.find(user, rights, school))


_providers: dict[str, TodoProvider] = {}


def register_todos(*providers: TodoProvider) -> None:
    for provider in providers:
        _providers[provider.code] = provider


def all_providers() -> Iterator[TodoProvider]:
    yield from _providers.values()


def todos_of(user: User, rights: Rights, school: School) -> list[Todo]:
    """Everything that ``user`` owes in ``school``: the late first, then by the day it is due,
    then the longest waiting."""
    found = [todo for one in all_providers() for todo in one.find(user, rights, school)]
    return sorted(found, key=_order)


def count_of(user: User, rights: Rights, school: School) -> int:
    """How many ``todos_of`` there are."""
    return sum(one.counted(user, rights, school) for one in all_providers())


def _order(todo: Todo) -> tuple[bool, dt.date, float]:
    waiting = todo.since.timestamp() if todo.since else float("inf")
    return (not todo.overdue, todo.due or dt.date.max, waiting)
