"""The same workbook, brought by several people at once."""

import functools
import random
import threading

from django.db import connection, transaction

from sanneng.core.domain.bulk import take_steps
from sanneng.core.domain.records import APPROVE, approve_record
from sanneng.core.errors import Busy
from sanneng.core.models import ImportBatch
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.core.spreadsheets.writing import write_rows
from sanneng.research.models import Project
from tests.core.rows import rows_of_every_type
from tests.races.conftest import DAY, at_once, told

call = functools.partial


def test_a_workbook_brought_by_four_is_taken_in_once_and_undone_once(school, office, tmp_path):
    workbook = tmp_path / "all.xlsx"
    write_rows(workbook, rows_of_every_type())
    models = [record_type.model for record_type in all_types()]
    reports = at_once(
        [call(import_workbook, workbook, school=school, by=person) for person in office[:4]]
    )
    assert told(reports) == {"done": 4}
    assert [report.errors for report in reports] == [[], [], [], []]
    assert sorted(report.new for report in reports) == [0, 0, 0, len(models)]
    assert sorted(report.unchanged for report in reports) == [0, *[len(models)] * 3]
    assert {model.objects.filter(school=school).count() for model in models} == {1}

    batch = ImportBatch.objects.get(school=school)
    outcomes = at_once(
        [
            call(undo_batch, batch=ImportBatch.objects.get(pk=batch.pk), by=person)
            for person in office[:4]
        ]
    )
    assert told(outcomes) == {"done": 1, "SannengError": 3}
    assert [model for model in models if model.objects.filter(school=school).exists()] == []


def test_an_import_and_approvals_of_the_same_records(school, office, tmp_path):
    """Each is done whole or not at all, and nobody sees an error of the database."""
    records = Project.objects.bulk_create(
        Project(
            school=school, key=f"{n:02}", title="旧题", level="city", approved_on=DAY,
            state="submitted",
        )
        for n in range(60)
    )  # fmt: skip
    chance = random.Random(5)
    workbook = tmp_path / "titles.xlsx"
    rows = [{"key": record.key, "title": "新题"} for record in chance.sample(records, 60)]
    write_rows(workbook, {Project: rows})
    approvals = [
        call(take_steps, APPROVE, records=chance.sample(records, 5), by=person)
        for person in office[:12]
    ]
    outcomes = at_once([call(import_workbook, workbook, school=school, by=office[-1]), *approvals])
    assert set(told(outcomes)) <= {"done", "WrongState", "Busy"}
    if not isinstance(outcomes[0], Exception) and outcomes[0].is_clean:
        # What was approved before the import got there waits for consent instead.
        old = Project.objects.filter(school=school, title="旧题")
        assert old.count() == outcomes[0].proposed
        assert not old.exclude(state="approved").exists()
    else:
        assert not Project.objects.filter(school=school, title="新题").exists()
    approved = Project.objects.filter(school=school, state="approved").count()
    assert approved == 5 * sum(outcome == 5 for outcome in outcomes[1:])


def test_whoever_waits_too_long_is_told_and_nothing_happens(school, office):
    project = Project.objects.create(
        school=school, key="1", title="题", level="city", approved_on=DAY, state="submitted"
    )
    held, free = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Project.objects.filter(pk=project.pk).update(title="占用")
            held.set()
            free.wait(30)

    def approve():
        held.wait(30)
        is_sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50" if is_sqlite else "SET lock_timeout = 50")
        try:
            approve_record(record=project, by=office[0])
        finally:
            free.set()

    _held, outcome = at_once([hold, approve])
    assert isinstance(outcome, Busy)
    assert str(outcome) == "数据库正忙或不可用，请稍后再试。"
    assert Project.objects.get(pk=project.pk).state == "submitted"
