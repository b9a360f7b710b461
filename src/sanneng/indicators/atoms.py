"""Atoms: the plain aggregates over one dataset of which every figure is made.

An atom gives three things from one predicate: its value, its value by any dimension, and
the records behind it. They cannot disagree, because ``predicate`` is the only filter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from sanneng.core.models import Record
from sanneng.indicators.datasets import column, dataset_model, facts, is_dated
from sanneng.indicators.entries import Condition
from sanneng.indicators.periods import Window

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": lambda col, value: col == value,
    "in": lambda col, value: col.isin(list(value)),
    "not": lambda col, value: (col != value) | col.isnull(),
    "at_least": lambda col, value: col >= value,
    "at_most": lambda col, value: col <= value,
    "present": lambda col, value: col.notnull() & (col != "") if _is_text(col) else col.notnull(),
    "absent": lambda col, value: col.isnull() | (col == "") if _is_text(col) else col.isnull(),
}
OPERATIONS = frozenset(_OPERATIONS)
PARTS_OF_A_DATE = frozenset({"year", "quarter", "month"})


@dataclass(frozen=True, slots=True)
class Atom:
    """``aggregate`` (rows, distinct, total) over the rows of ``dataset`` that match.

    ``within`` holds pairs (path, atom): the path's value must be a key of that atom's rows.
    ``transform`` ``age`` turns a date of birth into full years on the window's last day.
    """

    dataset: str
    window: Window
    aggregate: str = "rows"
    key: str | None = None
    where: tuple[Condition, ...] = ()
    within: tuple[tuple[str, Atom], ...] = ()
    time: str | None = None
    until: str | None = None
    transform: str | None = None

    @property
    def model(self) -> type[Record]:
        return dataset_model(self.dataset)

    @property
    def is_state(self) -> bool:
        """A dated dataset asked without a time field: what held on the last day."""
        return self.time is None and is_dated(self.model)

    def paths(self) -> set[str]:
        named = {self.key, self.time, self.until} - {None}
        state = {"start_on", "end_on"} if self.is_state else set()
        conditions = {condition.path for condition in self.where}
        return {*named, *state, *conditions, *(path for path, _atom in self.within)}  # type: ignore[arg-type]


def predicate(atom: Atom, table: Table, marks: dict[tuple[str, Atom], str]) -> BooleanValue:
    """Which rows of ``table`` count for ``atom``; ``marks`` names its ``within`` columns."""

    def col(path: str) -> Any:
        return table[column(atom.model, path)]

    tests = [_OPERATIONS[c.op](col(c.path), c.value) for c in atom.where]
    tests += [table[marks[pair]].notnull() for pair in atom.within]
    end = atom.window.end
    if atom.is_state:
        tests += [col("start_on") <= end, col("end_on").isnull() | (col("end_on") >= end)]
    if atom.time is not None:
        tests.append(col(atom.time) <= end)
        if atom.window.start is not None:
            tests.append(col(atom.time) >= atom.window.start)
    if atom.until is not None:
        tests.append(col(atom.until) <= end)
    return ibis.and_(*tests) if tests else ibis.literal(True)


def aggregate(atom: Atom, table: Table, matches: BooleanValue) -> IntegerValue:
    """The atom's value as an aggregate expression of ``table``; NULL and 0 both mean none."""
    if atom.aggregate == "rows":
        return table.count(where=matches)
    assert atom.key is not None
    value = table[column(atom.model, atom.key)]
    if atom.aggregate == "distinct":
        return value.nunique(where=matches)
    if atom.transform == "age":
        value = _age(value, atom.window)
    return value.sum(where=matches)


def _age(born: Any, window: Window) -> Any:
    """周岁: full years, one more from the birthday itself on."""
    day = window.end
    not_yet = (born.month() * 100 + born.day()) > (day.month * 100 + day.day)
    return ibis.literal(day.year) - born.year() - _one_if(not_yet)


def _one_if(test: Any) -> Any:
    """1 or 0; PostgreSQL does not cast a truth value to an integer of our width."""
    return ibis.ifelse(test, 1, 0)


def dimension(model: type[Record], by: str, table: Table) -> Any:
    """A column to group by: a field path, with ``.year``, ``.quarter`` or ``.month`` of a date."""
    path, _dot, part = by.rpartition(".")
    if part not in PARTS_OF_A_DATE or not path:
        return table[column(model, by)]
    day = table[column(model, path)]
    if part == "quarter":
        # Not ibis's quarter(): SQLite divides it as reals and is silently wrong.
        month = day.month()
        return 1 + sum(_one_if(month >= first) for first in (4, 7, 10))
    return getattr(day, part)()


def dimension_path(by: str) -> str:
    """The field path that ``dimension`` reads."""
    path, _dot, part = by.rpartition(".")
    return path if part in PARTS_OF_A_DATE and path else by


def marked_facts(
    atoms: tuple[Atom, ...], extra: tuple[str, ...], school: Any
) -> tuple[Table, dict[tuple[str, Atom], str]]:
    """The rows that ``atoms`` (all of one dataset) look at, each ``within`` population joined
    once as a column that is null for rows outside it."""
    paths = set(extra).union(*(atom.paths() for atom in atoms))
    table = facts(atoms[0].model, paths, school=school)
    marks: dict[tuple[str, Atom], str] = {}
    for number, pair in enumerate(dict.fromkeys(p for atom in atoms for p in atom.within)):
        path, population = pair
        mark = f"within_{number}"
        members = keys(population, school).rename({mark: "key"})
        table = table.left_join(members, table[column(atoms[0].model, path)] == members[mark])
        marks[pair] = mark
    return table, marks


def keys(atom: Atom, school: Any) -> Table:
    """The distinct keys of the rows behind a ``distinct`` atom, as a table with column ``key``."""
    assert atom.key is not None
    table, marks = marked_facts((atom,), (), school)
    matching = table.filter(predicate(atom, table, marks))
    return matching.select(key=matching[column(atom.model, atom.key)]).distinct()


def _is_text(col: Any) -> bool:
    return bool(col.type().is_string())
