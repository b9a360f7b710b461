"""The catalogue against hand-written SQL: one school on SQLite, 3,000 schools on DuckDB."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from django.test.utils import CaptureQueriesContext
from rich.table import Table

from benchmarks import by_hand
from benchmarks.timing import least

AS_OF = dt.date(2023, 6, 30)
SCHOOLS, FACTS = 3000, 10_000_000

# Four figures of one data set, in one pass over it.
HAND_WRITTEN = (
    "SELECT school_id, COUNT(*) FILTER (WHERE level='provincial' AND approved_on BETWEEN "
    "'2020-01-01' AND '2023-06-30'), COUNT(*) FILTER (WHERE level='city' AND approved_on BETWEEN "
    "'2020-01-01' AND '2023-06-30'), COUNT(*) FILTER (WHERE level='provincial' AND "
    "grade='excellent' AND approved_on BETWEEN '2020-01-01' AND '2023-06-30'), COUNT(*) FILTER "
    "(WHERE level='city' AND grade='excellent' AND approved_on BETWEEN '2020-01-01' AND "
    "'2023-06-30') FROM research_project WHERE state='approved' GROUP BY school_id"
)
SAME = [
    "research.projects.provincial", "research.projects.city",
    "research.projects.provincial_excellent", "research.projects.city_excellent",
]  # fmt: skip


def one_school() -> Table:
    """The whole catalogue of the sample school on SQLite, against the same in SQL by hand."""
    from django.db import connection

    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.indicators.evaluate import evaluate
    from sanneng.sample.build import sample_school, write_sample

    workbook = Path(tempfile.mkdtemp()) / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    import_workbook(workbook, school=school, by=None)
    queries = {name: sql.format(school=school.pk) for name, sql in by_hand.QUERIES.items()}

    def hand_written() -> dict[str, Any]:
        with connection.cursor() as cursor:
            rows = {name: cursor.execute(sql).fetchone() for name, sql in queries.items()}
        return by_hand.values(rows)

    figures = evaluate(school=school, as_of=AS_OF)
    expected = {name: figure.value for name, figure in figures.items()}
    found = hand_written()
    assert found == expected, {
        k: (found.get(k), v) for k, v in expected.items() if found.get(k) != v
    }
    hand = least(hand_written, runs=30)
    ours = least(lambda: evaluate(school=school, as_of=AS_OF), runs=30)
    table = Table("whole catalogue, one school, SQLite", "ms", "queries", "ratio")
    table.add_row("hand-written SQL", f"{hand * 1000:.2f}", str(len(queries)), "1")
    with CaptureQueriesContext(connection) as captured:
        evaluate(school=school, as_of=AS_OF)
    table.add_row("catalogue", f"{ours * 1000:.2f}", str(len(captured)), f"{ours / hand:.2f}")
    return table


def many_schools() -> Table:
    """Four figures of 3,000 schools over 10^7 projects on DuckDB, one grouped pass."""
    import duckdb

    from sanneng.indicators.engines import DuckDBEngine
    from sanneng.indicators.evaluate import evaluate_schools

    connection = duckdb.connect()
    connection.execute(
        f"CREATE TABLE research_project AS SELECT i AS id, 1 + i % {SCHOOLS} AS school_id, "
        "CASE WHEN i % 11 = 0 THEN 'draft' ELSE 'approved' END AS state, 1 AS version, "
        "['provincial', 'city', 'district', 'school'][1 + (i * 7919) % 4] AS level, "
        "CASE WHEN i % 5 = 0 THEN 'excellent' ELSE '' END AS grade, "
        "DATE '2017-01-01' + CAST((i * 104729) % 2400 AS INTEGER) AS approved_on "
        f"FROM range({FACTS}) t(i)"
    )
    engine = DuckDBEngine(connection)
    ids = SAME
    ours_found = evaluate_schools(as_of=AS_OF, engine=engine, ids=ids)
    assert len(ours_found) == SCHOOLS
    hand = least(lambda: connection.execute(HAND_WRITTEN).fetchall(), runs=12)
    from sanneng.indicators.catalogue import load_catalogue
    from sanneng.indicators.evaluate import atom_values
    from sanneng.indicators.measures import plan

    catalogue = load_catalogue()
    atoms = [atom for one in ids for atom in plan(catalogue[one], catalogue, AS_OF).atoms]
    query = least(lambda: atom_values(atoms, engine=engine, school=None), runs=12)
    whole = least(lambda: evaluate_schools(as_of=AS_OF, engine=engine, ids=ids), runs=6)
    table = Table(f"{SCHOOLS} schools, {FACTS:.0e} facts, DuckDB", "s", "ratio")
    table.add_row("hand-written, one pass", f"{hand:.3f}", "1")
    table.add_row("catalogue, one pass", f"{query:.3f}", f"{query / hand:.2f}")
    table.add_row(
        "catalogue with figures made for each school", f"{whole:.3f}", f"{whole / hand:.2f}"
    )
    return table
