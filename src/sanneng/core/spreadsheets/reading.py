"""Read a workbook: its sheets, headings and cells, with every fault named by its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from sanneng.core.spreadsheets.cells import CellRefused, reader_of
from sanneng.core.spreadsheets.columns import Column, Sheet, sheets
from sanneng.core.spreadsheets.report import ImportReport
from sanneng.core.spreadsheets.template import GUIDE_TITLE

Progress = Callable[[str, int, int], None]
PROGRESS_STEP = 1000
_VISIBLE = SheetVisibleEnum.Visible
_MARKS = re.compile(r"[\s*＊\u200b\ufeff]+")


class ParsedRow(NamedTuple):
    """One row: Excel's row number, its 编号 once known, and a value per read column."""

    number: int
    key: str | None
    values: tuple[Any, ...]


class FaultyRow(NamedTuple):
    """A row with faults, and the names of the columns whose cells could not be read."""

    row: ParsedRow
    columns: frozenset[str]


@dataclass
class SheetRows:
    """The rows of one sheet; ``columns`` are those that the file has, in its order.

    ``set_aside`` are rows with faults: they are looked at further, so that all their faults
    are told at once, and rows that refer to them need not be complained of too.
    """

    sheet: Sheet
    columns: tuple[Column, ...]
    rows: list[ParsedRow] = field(default_factory=list)
    set_aside: list[FaultyRow] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.sheet.title

    @property
    def every_row(self) -> list[ParsedRow]:
        return self.rows + [faulty.row for faulty in self.set_aside]


class _Bound(NamedTuple):
    place: int
    column: Column
    read: Callable[[Any], Any]


def read_workbook(
    workbook: CalamineWorkbook, report: ImportReport, progress: Progress
) -> list[SheetRows]:
    """The rows of every known sheet, parents first; faults go to ``report``."""
    by_title = {normal_heading(sheet.title): sheet for sheet in sheets()}
    found: dict[str, SheetRows] = {}
    hidden = {one.name for one in workbook.sheets_metadata if one.visible is not _VISIBLE}
    for name in workbook.sheet_names:
        if normal_heading(name) == normal_heading(GUIDE_TITLE):
            continue
        sheet = by_title.get(normal_heading(name))
        if sheet is None and name in hidden:
            # Office programs keep things of their own in hidden sheets.
            continue
        page = _page(workbook, name, report)
        if page is None or page.height == 0:
            continue
        if sheet is None:
            report.refuse(name, 0, "", _("没有这种记录"), _near_titles(name))
        elif sheet.title in found:
            report.refuse(name, 0, "", _("同一种记录有两张工作表"), _("请合并成一张。"))
        else:
            found[sheet.title] = _read_sheet(page, sheet, report, progress)
    filled = {title: rows for title, rows in found.items() if rows.every_row}
    if not filled and report.is_clean:
        report.refuse(
            "",
            0,
            "",
            _("工作簿里没有可导入的内容：每张工作表都没有填写"),
            _("请从第二行起填写。空白模板可用“sanneng template”生成。"),
        )
    return [filled[sheet.title] for sheet in sheets() if sheet.title in filled]


def _page(workbook: CalamineWorkbook, name: str, report: ImportReport) -> CalamineSheet | None:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError:
        report.refuse(name, 0, "", _("这张工作表读不出来"), _("请把它另存为普通工作表再试。"))
        return None


def _near_titles(name: str) -> str:
    titles = [sheet.title for sheet in sheets()]
    near = difflib.get_close_matches(name, titles, n=1, cutoff=0.4)
    if near:
        return _("是不是“{near}”？请改工作表名；不要导入的工作表请删去。").format(near=near[0])
    return _("请按模板里的名称改工作表名；不要导入的工作表请删去。")


def _read_sheet(
    page: CalamineSheet, sheet: Sheet, report: ImportReport, progress: Progress
) -> SheetRows:
    lines = enumerate(page.iter_rows(), start=1)
    headings: Sequence[Any] = ()
    for _number, headings in lines:
        if any(cell != "" for cell in headings):
            break
    bound = _bind(headings, sheet, report)
    found = SheetRows(sheet, tuple(binding.column for binding in bound))
    names = [column.name for column in found.columns]
    key_at = names.index("key") if "key" in names else None
    total = page.total_height
    for number, cells in lines:
        values, faulty = _read_row(number, cells, bound, sheet, report)
        row = ParsedRow(number, None if key_at is None else values[key_at], values)
        if faulty:
            found.set_aside.append(FaultyRow(row, faulty))
        elif any(value is not None for value in values):
            found.rows.append(row)
        if number % PROGRESS_STEP == 0:
            progress(_("读取{sheet}").format(sheet=sheet.title), number, total)
    progress(_("读取{sheet}").format(sheet=sheet.title), total, total)
    return found


def _read_row(
    number: int, cells: Sequence[Any], bound: list[_Bound], sheet: Sheet, report: ImportReport
) -> tuple[tuple[Any, ...], frozenset[str]]:
    """The values of one row, and the columns with faults (which are then in ``report``)."""
    values = []
    faulty: set[str] = set()
    for place, column, read in bound:
        try:
            values.append(read(cells[place]))
        except CellRefused as refused:
            report.refuse(sheet.title, number, column.heading, refused.problem, refused.advice)
            values.append(None)
            faulty.add(column.name)
    return tuple(values), frozenset(faulty)


def normal_heading(text: Any) -> str:
    """A heading or sheet name without blanks, stars and differences of bracket width."""
    return _MARKS.sub("", str(text)).replace("(", "（").replace(")", "）")


def _bind(headings: Sequence[Any], sheet: Sheet, report: ImportReport) -> list[_Bound]:
    """Which cell belongs to which column; unknown, repeated and missing headings are faults."""
    by_heading = {normal_heading(column.heading): column for column in sheet.columns}
    bound: dict[str, _Bound] = {}
    for index, cell in enumerate(headings):
        text = normal_heading(cell)
        if not text:
            continue
        column = by_heading.get(text)
        if column is None:
            report.refuse(sheet.title, 0, str(cell), _("没有这一列"), _near_headings(text, sheet))
        elif column.name in bound:
            report.refuse(
                sheet.title, 0, column.heading, _("这一列出现了两次"), _("请删去多余的一列。")
            )
        elif column.is_read:
            bound[column.name] = _Bound(index, column, reader_of(column))
    for column in sheet.columns:
        if column.required and column.name not in bound:
            report.refuse(
                sheet.title,
                0,
                column.heading,
                _("缺少这一列"),
                _("请在第一行补上“{heading}”，或改用模板。").format(heading=column.heading),
            )
    return list(bound.values())


def _near_headings(text: str, sheet: Sheet) -> str:
    headings = [column.heading for column in sheet.read_columns]
    near = difflib.get_close_matches(text, headings, n=1, cutoff=0.4)
    if near:
        return _("是不是“{near}”？请改列名；不要导入的列请删去。").format(near=near[0])
    return _("可用的列：{headings}。不要导入的列请删去。").format(headings="、".join(headings))
