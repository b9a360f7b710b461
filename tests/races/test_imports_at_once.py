"""The same workbook, brought by several people at once."""

import functools

from sanneng.core.models import ImportBatch
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.core.spreadsheets.writing import write_rows
from tests.core.rows import rows_of_every_type
from tests.races.conftest import at_once, told


def test_a_workbook_brought_by_four_is_taken_in_once_and_undone_once(school, office, tmp_path):
    workbook = tmp_path / "all.xlsx"
    write_rows(workbook, rows_of_every_type())
    models = [record_type.model for record_type in all_types()]
    reports = at_once(
        [
            functools.partial(import_workbook, workbook, school=school, by=person)
            for person in office[:4]
        ]
    )
    assert told(reports) == {"done": 4}
    assert [report.errors for report in reports] == [[], [], [], []]
    assert sorted(report.new for report in reports) == [0, 0, 0, len(models)]
    assert sorted(report.unchanged for report in reports) == [0, *[len(models)] * 3]
    assert {model.objects.filter(school=school).count() for model in models} == {1}

    batch = ImportBatch.objects.get(school=school)
    outcomes = at_once(
        [
            functools.partial(undo_batch, batch=ImportBatch.objects.get(pk=batch.pk), by=person)
            for person in office[:4]
        ]
    )
    assert told(outcomes) == {"done": 1, "SannengError": 3}
    assert [model for model in models if model.objects.filter(school=school).exists()] == []
