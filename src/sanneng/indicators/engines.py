"""Running compiled atoms on connections of our own.

One school's id is put in after compiling, so that the compiled text serves every school; it
is kept in a file cache, so that it serves every process: compiling the catalogue takes
seconds, and reading it back takes none of them.
"""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from django.core.cache import caches
from django.db import connections

import sanneng
from sanneng.indicators.atoms import Atom

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
    return _run(
        engine,
        _compiled("compile_pass", atoms, _place(school, _SCHOOL), by, engine.dialect),
        school,
    )


def run_records(
    engine: Engine, atoms: tuple[Atom, ...], *, school: int | None, record: int | None = None
) -> list[tuple[Any, ...]]:
    """The records (or the one ``record``) behind any of ``atoms`` of one dataset, in one query.

    Each row is (primary key, version, one flag per atom: whether it is behind that atom).
    """
    places = _place(school, _SCHOOL), _place(record, _RECORD)
    sql = _compiled("compile_records", atoms, *places, engine.dialect)
    if record is not None:
        sql = sql.replace(str(_RECORD), str(int(record)))
    return _run(engine, sql, school)


def run_keys(engine: Engine, atom: Atom, *, school: int | None) -> list[Any]:
    """The distinct keys of a ``distinct`` atom."""
    sql = _compiled("compile_keys", (atom,), _place(school, _SCHOOL), engine.dialect)
    return [row[0] for row in _run(engine, sql, school)]


def _run(engine: Engine, sql: str, school: int | None) -> list[Any]:
    return engine.rows(sql if school is None else sql.replace(str(_SCHOOL), str(int(school))))


def _place(asked: int | None, mark: int) -> int | None:
    """What stands in the compiled text for an id that is asked for."""
    return None if asked is None else mark


@functools.lru_cache(maxsize=1024)
def _compiled(function: str, atoms: tuple[Atom, ...], *rest: Any) -> str:
    """What ``function`` of ``compiling`` makes of ``atoms``, from the cache where it is there."""
    said = repr((_fingerprint(), function, atoms, rest))
    key = hashlib.sha256(said.encode()).hexdigest()
    text: str | None = caches["compiled"].get(key)
    if text is None:
        from sanneng.indicators import compiling  # imports Ibis, which takes a second

        text = str(getattr(compiling, function)(atoms, *rest))
        caches["compiled"].set(key, text)
    return text


@functools.cache
def _fingerprint() -> str:
    """Changes with everything that compiled text depends on: models, compiler and our code."""
    folder = Path(sanneng.__file__).parent
    sources = sorted(
        path for name in ("core", "people", "teaching", "research", "indicators")
        for path in (folder / name).rglob("*.py")
    )  # fmt: skip
    stamps = [(str(p.relative_to(folder)), p.stat().st_mtime_ns, p.stat().st_size) for p in sources]
    return repr((version("ibis-framework"), version("sqlglot"), stamps))
