"""Give a workbook back with its faults marked where they are, to be mended and sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineError

from sanneng.core.errors import UnacceptableFile
from sanneng.core.spreadsheets.opening import open_workbook
from sanneng.core.spreadsheets.reading import normal_heading
from sanneng.core.spreadsheets.report import ImportReport, RowError
from sanneng.core.spreadsheets.styles import NOTE_AUTHOR
from sanneng.core.spreadsheets.writing import Target

# Unlike reading for an import, this needs the whole workbook in memory with its looks.
MAX_FILE_BYTES = 8 << 20
MAX_CELLS = 100_000
_FAULT = PatternFill("solid", fgColor="FFFFE08A")


def mark_errors(source: Path, target: Target, report: ImportReport) -> None:
    """Write a copy of ``source`` in which each faulty cell is coloured and bears a note.

    Notes and colours do not disturb the next import. Raises UnacceptableFile for a workbook
    too large or too damaged to be copied so.
    """
    if source.stat().st_size > MAX_FILE_BYTES:
        raise _too_large()
    _refuse_long(source)
    try:
        workbook = load_workbook(source)
    except Exception as damage:  # openpyxl lets the errors of zip and XML readers through
        raise UnacceptableFile(
            _("工作簿有损坏的部分，不能生成标注副本，请按错误清单修改，或另存一份再试。"),
            code="damaged",
        ) from damage
    headings = {page.title: _headings(page) for page in workbook.worksheets}
    pages = {normal_heading(page.title): page for page in workbook.worksheets}
    notes: dict[Any, list[str]] = {}
    for error in report.errors:
        page = pages.get(normal_heading(error.sheet))
        if page is not None:
            for place in _places(page.title, error, headings[page.title]):
                notes.setdefault(place, []).append(f"{error.problem}。{error.advice}")
    for (title, row, column), words in notes.items():
        cell = workbook[title].cell(row, column)
        cell.fill = _FAULT
        cell.comment = Comment(
            "\n".join(words), NOTE_AUTHOR, height=60 + 40 * len(words), width=300
        )
    workbook.save(target)


def _too_large() -> UnacceptableFile:
    return UnacceptableFile(_("工作簿太大，不能生成标注副本，请按错误清单修改。"), code="too_large")


def _refuse_long(source: Path) -> None:
    """A file of a few hundred kilobytes may hold cells that take minutes to copy."""
    workbook, cells = open_workbook(source), 0
    for name in workbook.sheet_names:
        try:
            page = workbook.get_sheet_by_name(name)
        except CalamineError:
            continue
        cells += page.height * page.width
    workbook.close()
    if cells > MAX_CELLS:
        raise _too_large()


def _headings(page: Any) -> tuple[int, dict[str, int]]:
    """The row of the headings, and the number of each column by its heading."""
    for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
        if any(cell not in (None, "") for cell in cells):
            found = {
                normal_heading(cell): index
                for index, cell in enumerate(cells, start=1)
                if cell is not None
            }
            return number, found
    return 1, {}


def _places(
    title: str, error: RowError, headings: tuple[int, dict[str, int]]
) -> list[tuple[str, int, int]]:
    """The cells that ``error`` is about; the first of its row where no column is named."""
    heading_row, by_heading = headings
    columns = [
        by_heading[normal_heading(name)]
        for name in error.column.split("、")
        if normal_heading(name) in by_heading
    ]
    return [(title, error.row or heading_row, column) for column in columns or [1]]
