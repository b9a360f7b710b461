"""How our sheets look: headings with notes, drop-down lists, date formats, widths."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from sanneng.core.spreadsheets.columns import NO, YES, Column, Kind, Sheet

DATE_FORMAT = "yyyy-mm-dd"
REQUIRED_MARK = "*"
LIST_ROWS = 5000  # How far down the drop-down lists reach.
FONT = "微软雅黑"
NOTE_AUTHOR = "三能"

_REQUIRED = PatternFill("solid", fgColor="FFC0392B")
_OPTIONAL = PatternFill("solid", fgColor="FF1F4E79")
_READ_ONLY = PatternFill("solid", fgColor="FF8C8C8C")
_EDGE = Side(style="thin", color="FFFFFFFF")
_WIDTHS = {
    Kind.INTEGER: 10,
    Kind.PERCENT: 10,
    Kind.TENTHS: 10,
    Kind.DATE: 13,
    Kind.BOOLEAN: 10,
    Kind.CHOICE: 14,
    Kind.REFERENCE: 16,
    Kind.NAME: 18,
    Kind.EVIDENCE: 36,
}
_FORMATS = {
    Kind.INTEGER: "要填整数，如 12。",
    Kind.PERCENT: "要填 0 到 100 的整数，如 60 表示 60%。单元格不要设成百分比格式。",
    Kind.TENTHS: "要填数字，最多一位小数，如 12.5。",
    Kind.DATE: "要填日期，如 2023-06-30，也可写 2023年6月30日。",
    Kind.BOOLEAN: f"要填“{YES}”或“{NO}”。",
    Kind.NAME: "仅供查看，导入时不读；要改请改左边的编号。",
    Kind.EVIDENCE: (
        "文号或文件名，多个用“；”分开。文件放在与工作簿同名加“_佐证”的文件夹里，"
        "导入时一并存入；没有对应文件的，记为文号。"
    ),
}


def note_of(column: Column) -> str:
    """What to fill in: shown at the heading, so that nobody has to look elsewhere."""
    if column.kind is Kind.CHOICE:
        format_ = "可填：" + "、".join(column.labels.values()) + "。"
    elif column.kind is Kind.REFERENCE and column.target is not None:
        format_ = f"要填“{column.target._meta.verbose_name}”表里的编号。"
    elif column.name == "key":
        format_ = "本校内不重复，改过的记录靠它对应。不填则按内容自动编号。"
    else:
        format_ = _FORMATS.get(column.kind, f"文字，最多 {column.max_length} 字。")
    if column.name == "state":
        format_ += "不填则新记录为草稿。只有“已通过”的记录计入指标。"
    elif column.name == "reason":
        format_ += "状态为“已退回”或“已作废”时必填。"
    if column.kind is Kind.NAME:
        return format_
    return ("必填。" if column.required else "选填。") + format_


def heading_cell(page: Any, column: Column) -> Any:
    """The heading of ``column``: red and starred where required, grey where not read."""
    mark = REQUIRED_MARK if column.required else ""
    cell = WriteOnlyCell(page, column.heading + mark)
    cell.font = Font(name=FONT, bold=True, color="FFFFFFFF")
    fills = {True: _REQUIRED, False: _OPTIONAL if column.is_read else _READ_ONLY}
    cell.fill = fills[column.required]
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = Border(right=_EDGE)
    cell.comment = Comment(note_of(column), NOTE_AUTHOR, height=110, width=260)
    return cell


def date_cell(page: Any, value: dt.date) -> Any:
    cell = WriteOnlyCell(page, value)  # type: ignore[arg-type]
    cell.number_format = DATE_FORMAT
    return cell


def dress(page: Any, sheet: Sheet) -> None:
    """Freeze the headings of ``page``, set widths, formats and drop-down lists."""
    page.freeze_panes = "B2"
    page.sheet_format.defaultRowHeight = 18
    for index, column in enumerate(sheet.columns, start=1):
        letter = get_column_letter(index)
        dimension = page.column_dimensions[letter]
        dimension.width = _width(column)
        if column.kind is Kind.DATE:
            dimension.number_format = DATE_FORMAT
        elif column.kind in (Kind.TEXT, Kind.REFERENCE):
            # 编号 such as 007 must not turn into a number while somebody types it.
            dimension.number_format = "@"
        if rule := _validation(column):
            rule.add(f"{letter}2:{letter}{LIST_ROWS}")
            page.data_validations.append(rule)
    last = get_column_letter(len(sheet.columns))
    page.auto_filter.ref = f"A1:{last}1"


def _width(column: Column) -> int:
    if column.kind is Kind.TEXT:
        width = 16 if column.max_length <= 64 else 30
    else:
        width = _WIDTHS[column.kind]
    return max(width, 2 * len(column.heading) + 4)


@cache
def _list_formula(options: tuple[str, ...]) -> str | None:
    """A list written into the validation itself; Excel takes at most 255 characters."""
    formula = '"' + ",".join(options) + '"'
    if len(formula) > 255 or any("," in option for option in options):
        return None
    return formula


def _validation(column: Column) -> DataValidation | None:
    options: tuple[str, ...] = ()
    if column.kind is Kind.CHOICE:
        options = tuple(column.labels.values())
    elif column.kind is Kind.BOOLEAN:
        options = (YES, NO)
    formula = _list_formula(options) if options else None
    if formula is None:
        return None
    return DataValidation(
        type="list",
        formula1=formula,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="请从列表里选",
        error=f"{column.heading}只能填列表里的值。",
    )
