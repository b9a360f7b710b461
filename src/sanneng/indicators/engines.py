"""Compiling passes to SQL, and running them on connections of our own.

Ibis never sees a connection: it would commit the open transaction and change how the
database compares text. One school's id is put in after compiling, so that the compiled text
serves every school.
"""

from __future__ import annotations

import functools
from typing import Any, Protocol

import ibis
from django.db import connections
from ibis.expr.types import Table

from sanneng.indicators.atoms import (
    Atom,
    aggregate,
    dimension,
    dimension_path,
    keys,
    marked_facts,
    predicate,
)

# Ids that no school and no record has; they stand in compiled text where the id will be.
_SCHOOL, _RECORD = 4611686018427387001, 4611686018427387003


class Engine(Protocol):
    """Something that runs SQL of ``dialect`` and gives rows."""

    dialect: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...


class DjangoEngine:
    """Django's own connection, so that a figure sees the rows of the open transaction."""

    _DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres"}

    def __init__(self, alias: str = "default") -> None:
        self._connection = connections[alias]
        self.dialect = self._DIALECTS[self._connection.vendor]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


class DuckDBEngine:
    """A DuckDB connection whose tables or views have our table names (``export --parquet``)."""

    dialect = "duckdb"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql).fetchall())


def run_pass(
    engine: Engine, atoms: tuple[Atom, ...], *, school: int | None, by: str | None = None
) -> list[tuple[Any, ...]]:
    """All ``atoms`` of one dataset in one grouped query.

    Each row is (school id, [dimension,] one integer or None per atom).
    """
    return _run(engine, _compile_pass(atoms, school is not None, by, engine.dialect), school)


def run_records(
    engine: Engine, atoms: tuple[Atom, ...], *, school: int | None, record: int | None = None
) -> list[tuple[Any, ...]]:
    """The records (or the one ``record``) behind any of ``atoms`` of one dataset, in one query.

    Each row is (primary key, version, one flag per atom: whether it is behind that atom).
    """
    sql = _compile_records(atoms, school is not None, record is not None, engine.dialect)
    if record is not None:
        sql = sql.replace(str(_RECORD), str(int(record)))
    return _run(engine, sql, school)


def run_keys(engine: Engine, atom: Atom, *, school: int | None) -> list[Any]:
    """The distinct keys of a ``distinct`` atom."""
    sql = _compile_keys(atom, school is not None, engine.dialect)
    return [row[0] for row in _run(engine, sql, school)]


def _run(engine: Engine, sql: str, school: int | None) -> list[Any]:
    return engine.rows(sql if school is None else sql.replace(str(_SCHOOL), str(int(school))))


@functools.lru_cache(maxsize=1024)
def _compile_pass(atoms: tuple[Atom, ...], one_school: bool, by: str | None, dialect: str) -> str:
    extra = (dimension_path(by),) if by else ()
    table, marks = marked_facts(atoms, extra, _SCHOOL if one_school else None)
    groups: dict[str, Any] = {"school": table.school_id}
    if by:
        groups["dimension"] = dimension(atoms[0].model, by, table)
    columns = {
        f"a{number}": aggregate(atom, table, predicate(atom, table, marks))
        for number, atom in enumerate(atoms)
    }
    return _sql(table.group_by(**groups).aggregate(**columns), dialect)


@functools.lru_cache(maxsize=1024)
def _compile_records(
    atoms: tuple[Atom, ...], one_school: bool, one_record: bool, dialect: str
) -> str:
    table, marks = marked_facts(atoms, (), _SCHOOL if one_school else None)
    if one_record:
        table = table.filter(table.id == _RECORD)
    flags = {f"a{n}": predicate(atom, table, marks) for n, atom in enumerate(atoms)}
    flagged = table.select(id=table.id, version=table.version, **flags)
    matching = flagged.filter(ibis.or_(*(flagged[name] for name in flags)))
    return _sql(matching.order_by("id"), dialect)


@functools.lru_cache(maxsize=1024)
def _compile_keys(atom: Atom, one_school: bool, dialect: str) -> str:
    return _sql(keys(atom, _SCHOOL if one_school else None), dialect)


def _sql(expression: Table, dialect: str) -> str:
    return str(ibis.to_sql(expression, dialect=dialect))
