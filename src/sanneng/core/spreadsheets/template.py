"""An empty workbook to fill in, with a short guide as its first sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from sanneng.core.models import Record
from sanneng.core.spreadsheets import styles
from sanneng.core.spreadsheets.columns import Sheet, sheet_of, sheets
from sanneng.core.spreadsheets.writing import Target

GUIDE_TITLE = "填写说明"
_GUIDE = (
    ("一张工作表是一种记录", "每行一条，第一行是列名，不要改。用不到的工作表可以删去。"),
    ("红色带 * 的列必填", "鼠标停在列名上，会显示该列怎么填。有下拉箭头的列请从列表里选。"),
    ("编号认人认事", "“教职工编号”等列填另一张表里的编号。同一编号再次导入是修改，不会重复。"),
    ("空格不会清除内容", "修改时只填要改的格子。要清除已有内容，请在系统里改。"),
    ("整个文件要么全进，要么不进", "有一处错误就什么都不写入，并逐行列出错误。可以先试导入。"),
    ("状态", "只有“已通过”的记录计入指标；不填为“草稿”。"),
    ("佐证材料", "填文号或文件名，多个用“；”分开。文件放在与工作簿同名加“_佐证”的文件夹里。"),
)


def write_template(target: Target, models: Sequence[type[Record]] = ()) -> None:
    """Write an empty workbook for ``models``, or for every record type when none is named."""
    wanted = [sheet_of(model) for model in models] or list(sheets())
    workbook = Workbook(write_only=True)
    _write_guide(workbook, wanted)
    for sheet in wanted:
        page = workbook.create_sheet(sheet.title)
        # The names beside references are for reading only: here there is nothing to read.
        filled_in = Sheet(sheet.record_type, sheet.title, sheet.read_columns)
        styles.dress(page, filled_in)
        page.append([styles.heading_cell(page, column) for column in filled_in.columns])
    workbook.save(target)


def _write_guide(workbook: Workbook, wanted: Sequence[Sheet]) -> None:
    page = workbook.create_sheet(GUIDE_TITLE)
    page.column_dimensions["A"].width = 28
    page.column_dimensions["B"].width = 78
    page.append([_guide_cell(page, "怎么填", size=16, bold=True)])
    for subject, advice in _GUIDE:
        page.append([_guide_cell(page, subject, bold=True), _guide_cell(page, advice)])
    page.append([])
    page.append([_guide_cell(page, "工作表", size=13, bold=True)])
    for sheet in wanted:
        required = "、".join(column.heading for column in sheet.columns if column.required)
        page.append([_guide_cell(page, sheet.title), _guide_cell(page, f"必填：{required}")])


def _guide_cell(page: Any, text: str, *, size: int = 11, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page, text)
    cell.font = Font(name=styles.FONT, size=size, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell
