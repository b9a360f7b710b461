"""The same atoms on the database of the run (SQLite or PostgreSQL) and on DuckDB."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from sanneng.core.registry import all_types
from sanneng.indicators.atoms import Atom
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.engines import DjangoEngine, DuckDBEngine, run_pass
from sanneng.indicators.entries import Condition
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.export import export_parquet
from sanneng.indicators.figure import round_half_up
from sanneng.indicators.periods import Window

AS_OF = dt.date(2023, 6, 30)
pytestmark = pytest.mark.django_db
duckdb = pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def duck(sample, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return DuckDBEngine(export_parquet(tmp_path_factory.mktemp("parquet")))


def test_whole_catalogue_is_equal_on_duckdb(sample, duck):
    here = evaluate(school=sample, as_of=AS_OF)
    there = evaluate(school=sample, as_of=AS_OF, engine=duck)
    different = [e.id for e in load_catalogue() if here[e.id].outcome != there[e.id].outcome]
    assert different == []


def atom(**more) -> Atom:
    return Atom("research.Project", Window(None, AS_OF), time="approved_on", **more)


@pytest.mark.parametrize(
    "where",
    [
        Condition("level", "eq", "provincial"),
        Condition("level", "eq", "Provincial"),
        Condition("level", "in", ("city", "school")),
        Condition("grade", "not", "excellent"),
        Condition("grade", "present"),
        Condition("grade", "absent"),
        Condition("concluded_on", "present"),
        Condition("concluded_on", "absent"),
        Condition("version", "at_least", 2),
        Condition("version", "at_most", 1),
    ],
    ids=lambda one: f"{one.path} {one.op} {one.value}",
)
def test_every_operation_is_equal(sample, duck, where):
    one = atom(where=(where,))
    assert run_pass(DjangoEngine(), (one,), school=sample.pk) == [
        tuple(map(int, row)) for row in run_pass(duck, (one,), school=sample.pk)
    ]


def test_text_is_compared_in_its_case(sample):
    assert run_pass(DjangoEngine(), (atom(where=(Condition("level", "eq", "CITY"),)),),
                    school=sample.pk)[0][1] == 0  # fmt: skip


@pytest.mark.parametrize("part", ["year", "quarter", "month"])
def test_parts_of_a_date_are_equal(sample, duck, part):
    def rows(engine):
        found = run_pass(engine, (atom(),), school=sample.pk, by=f"approved_on.{part}")
        return sorted((int(key), int(number)) for _school, key, number in found)

    assert rows(DjangoEngine()) == rows(duck)


def test_quarter_is_that_of_the_calendar(sample):
    from sanneng.research.models import Project

    found = run_pass(DjangoEngine(), (atom(),), school=sample.pk, by="approved_on.quarter")
    wanted: dict[int, int] = {}
    for project in Project.objects.counted().filter(approved_on__lte=AS_OF):
        quarter = (project.approved_on.month - 1) // 3 + 1
        wanted[quarter] = wanted.get(quarter, 0) + 1
    assert {int(key): int(number) for _school, key, number in found} == wanted


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [(0.5, 0, 1), (1.5, 0, 2), (2.5, 0, 3), (-0.5, 0, -1), (26.923, 0, 27), (8.566, 1, 8.6)],
)
def test_halves_are_rounded_up(value, decimals, rounded):
    from fractions import Fraction

    assert float(round_half_up(Fraction(str(value)), decimals)) == rounded


def test_export_has_every_record_type(sample, tmp_path):
    engine = DuckDBEngine(export_parquet(tmp_path))
    for record_type in all_types():
        table = record_type.model._meta.db_table
        counted = engine.rows(f'SELECT count(*) FROM "{table}"')[0][0]
        assert counted == record_type.model.objects.count(), table
    assert connection.vendor in ("sqlite", "postgresql")
