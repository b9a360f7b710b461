from pathlib import Path

import pytest

from sanneng.core.spreadsheets.importing import import_workbook
from tests.core.rows import write_sheets


@pytest.fixture
def take(school, tmp_path):
    """Import lines typed into sheets, or a path."""

    def taken(lines_by_title, *, by=None, **options):
        path = lines_by_title
        if not isinstance(path, Path):
            path = write_sheets(tmp_path / "表.xlsx", lines_by_title)
        return import_workbook(path, school=school, by=by, **options)

    return taken
