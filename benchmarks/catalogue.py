"""The catalogue against hand-written SQL: one school on SQLite, 3,000 schools on DuckDB."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.timing import least

AS_OF = dt.date(2023, 6, 30)
SCHOOLS, FACTS = 3000, 10_000_000

# The same results as the entries over research_project and teaching_* of one school, written
# by hand in one pass per table.
HAND_WRITTEN = (
    "SELECT COUNT(*) FILTER (WHERE level='provincial' AND approved_on BETWEEN '2020-01-01' AND "
    "'2023-06-30'), COUNT(*) FILTER (WHERE level='city' AND approved_on BETWEEN '2020-01-01' AND "
    "'2023-06-30'), COUNT(*) FILTER (WHERE level='provincial' AND grade='excellent' AND approved_on "
    "BETWEEN '2020-01-01' AND '2023-06-30'), COUNT(*) FILTER (WHERE level='city' AND "
    "grade='excellent' AND approved_on BETWEEN '2020-01-01' AND '2023-06-30') "
    "FROM research_project WHERE state='approved' AND school_id={school}",
    "SELECT COUNT(*) FILTER (WHERE outlet_kind='public_journal' AND published_on BETWEEN "
    "'2020-01-01' AND '2023-06-30'), COUNT(*) FILTER (WHERE outlet_kind IN ('media_platform', "
    "'internal_journal') AND published_on BETWEEN '2020-01-01' AND '2023-06-30') "
    "FROM research_publication WHERE state='approved' AND school_id={school}",
    "SELECT COUNT(*) FILTER (WHERE delivered_on BETWEEN '2020-01-01' AND '2023-06-30') "
    "FROM teaching_outreachlecture WHERE state='approved' AND school_id={school}",
    "SELECT COUNT(*) FILTER (WHERE c.kind IN ('main','long') AND l.listened_on BETWEEN '2020-01-01' "
    "AND '2023-06-30') FROM teaching_listening l JOIN teaching_trainingclass c ON "
    "c.id=l.training_class_id WHERE l.state='approved' AND l.school_id={school}",
)
SAME = [
    "research.projects.provincial", "research.projects.city",
    "research.projects.provincial_excellent", "research.projects.city_excellent",
    "research.publications.public_journals", "research.publications.media_and_internal",
    "teaching.outreach.sessions", "teaching.listening.person_times",
]  # fmt: skip


def one_school() -> Table:
    """Eight figures of four data sets, and the whole catalogue, on SQLite."""
    from django.db import connection

    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.indicators.evaluate import evaluate
    from sanneng.sample.build import sample_school, write_sample

    workbook = Path(tempfile.mkdtemp()) / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    import_workbook(workbook, school=school, by=None)

    def by_hand() -> list[Any]:
        with connection.cursor() as cursor:
            return [cursor.execute(sql.format(school=school.pk)).fetchall() for sql in HAND_WRITTEN]

    values = [number for rows in by_hand() for number in rows[0]]
    figures = evaluate(school=school, as_of=AS_OF, ids=SAME)
    assert values == [figures[one].value for one in SAME]
    hand = least(by_hand)
    ours = least(lambda: evaluate(school=school, as_of=AS_OF, ids=SAME))
    whole = least(lambda: evaluate(school=school, as_of=AS_OF))
    table = Table("one school, SQLite", "ms", "ratio")
    table.add_row("eight figures, hand-written SQL", f"{hand * 1000:.2f}", "1")
    table.add_row("eight figures, catalogue", f"{ours * 1000:.2f}", f"{ours / hand:.2f}")
    table.add_row("whole catalogue", f"{whole * 1000:.2f}", "")
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
    hand_sql = HAND_WRITTEN[0].replace("WHERE state='approved' AND school_id={school}",
                                       "WHERE state='approved' GROUP BY school_id")  # fmt: skip
    hand_sql = hand_sql.replace("SELECT ", "SELECT school_id, ", 1)
    engine = DuckDBEngine(connection)
    ids = SAME[:4]
    ours_found = evaluate_schools(as_of=AS_OF, engine=engine, ids=ids)
    assert len(ours_found) == SCHOOLS
    hand = least(lambda: connection.execute(hand_sql).fetchall(), runs=5)
    from sanneng.indicators.catalogue import load_catalogue
    from sanneng.indicators.evaluate import atom_values
    from sanneng.indicators.measures import plan

    catalogue = load_catalogue()
    atoms = [atom for one in ids for atom in plan(catalogue[one], catalogue, AS_OF).atoms]
    query = least(lambda: atom_values(atoms, engine=engine, school=None), runs=5)
    whole = least(lambda: evaluate_schools(as_of=AS_OF, engine=engine, ids=ids), runs=3)
    table = Table(f"{SCHOOLS} schools, {FACTS:.0e} facts, DuckDB", "s", "ratio")
    table.add_row("hand-written, one pass", f"{hand:.3f}", "1")
    table.add_row("catalogue, one pass", f"{query:.3f}", f"{query / hand:.2f}")
    table.add_row(
        "catalogue with figures made for each school", f"{whole:.3f}", f"{whole / hand:.2f}"
    )
    return table
