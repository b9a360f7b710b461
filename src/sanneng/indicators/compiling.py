"""Atoms to SQL. Only this module and ``tables`` know Ibis, and it never sees a connection: it
would commit the open transaction and change how the database compares text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from sanneng.core.models import Record
from sanneng.indicators.atoms import OPERATIONS, PARTS_OF_A_DATE, Atom, dimension_path
from sanneng.indicators.datasets import column
from sanneng.indicators.periods import Window
from sanneng.indicators.tables import facts

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": lambda col, value: col == value,
    "in": lambda col, value: col.isin(list(value)),
    "not": lambda col, value: (col != value) | col.isnull(),
    "at_least": lambda col, value: col >= value,
    "at_most": lambda col, value: col <= value,
    "present": lambda col, value: col.notnull() & (col != "") if _is_text(col) else col.notnull(),
    "absent": lambda col, value: col.isnull() | (col == "") if _is_text(col) else col.isnull(),
}
assert set(_OPERATIONS) == OPERATIONS


def compile_pass(atoms: tuple[Atom, ...], school: int | None, by: str | None, dialect: str) -> str:
    """All ``atoms`` of one dataset in one query, grouped by school and by a dimension."""
    extra = (dimension_path(by),) if by else ()
    table, marks = marked_facts(atoms, extra, school)
    groups: dict[str, Any] = {"school": table.school_id}
    if by:
        groups["dimension"] = dimension(atoms[0].model, by, table)
    columns = {
        f"a{number}": aggregate(atom, table, predicate(atom, table, marks))
        for number, atom in enumerate(atoms)
    }
    return _sql(table.group_by(**groups).aggregate(**columns), dialect)


def compile_records(
    atoms: tuple[Atom, ...], school: int | None, record: int | None, dialect: str
) -> str:
    """The records behind any of ``atoms`` of one dataset, with a flag for each atom."""
    table, marks = marked_facts(atoms, (), school)
    if record is not None:
        table = table.filter(table.id == record)
    flags = {f"a{n}": predicate(atom, table, marks) for n, atom in enumerate(atoms)}
    flagged = table.select(id=table.id, version=table.version, **flags)
    matching = flagged.filter(ibis.or_(*(flagged[name] for name in flags)))
    return _sql(matching.order_by("id"), dialect)


def compile_keys(atoms: tuple[Atom], school: int | None, dialect: str) -> str:
    """The distinct keys of a ``distinct`` atom."""
    return _sql(keys(atoms[0], school), dialect)


def _sql(expression: Table, dialect: str) -> str:
    return str(ibis.to_sql(expression, dialect=dialect))


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
