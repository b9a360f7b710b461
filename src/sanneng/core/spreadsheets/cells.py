"""Read one cell: what people type, turned into the value of a column, or a clear refusal."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable
from typing import Any, cast

from django.utils.translation import gettext as _

from sanneng.core.spreadsheets.columns import NO, YES, Column, Kind
from sanneng.core.spreadsheets.safe_text import CUT_SHORT, one_line_end

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EVIDENCE_SEPARATOR = re.compile(r"[；;\n]")
_YEARS = range(1900, 2101)
_TRUTHS = {YES: True, "√": True, "true": True, "1": True, "y": True, "yes": True}
_TRUTHS |= {NO: False, "×": False, "false": False, "0": False, "n": False, "no": False}
# Excel keeps 15 digits; a longer number has already lost its end.
_EXACT = 10**15


class CellRefused(Exception):
    """A cell that cannot be taken: what is wrong, and what to do."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


def reader_of(column: Column) -> Callable[[Any], Any]:
    """The function that reads cells of ``column``: None for a blank cell, else the value as
    the model stores it (a reference as 编号, evidence as titles). Raises CellRefused."""
    readers: dict[Kind, Callable[[Any, Column], Any]] = {
        Kind.INTEGER: _integer,
        Kind.PERCENT: _integer,
        Kind.TENTHS: _tenths,
        Kind.DATE: _date,
        Kind.BOOLEAN: _boolean,
        Kind.EVIDENCE: _evidence,
    }
    if column.kind is Kind.CHOICE:
        return _choice_reader(column)
    read: Callable[[Any, Column], Any] = readers.get(column.kind, _text)
    seen: dict[Any, Any] = {}

    def reader(cell: Any) -> Any:
        if cell == "" or cell is None:
            return None
        # Sheets repeat themselves; one object per value keeps a long file small in memory.
        same = (type(cell), cell)
        known = seen.get(same)
        if known is None:
            known = read(cell, column)
            if len(seen) < 5000:
                seen[same] = known
        return known

    return reader


def normal_text(text: str) -> str:
    """``text`` as a cell gives it back: line ends as one character, no blanks around."""
    return one_line_end(text).strip()


def _text(cell: Any, column: Column) -> str | None:
    text = _written(cell)
    if text.endswith(CUT_SHORT):
        return None
    if _CONTROL.search(text):
        raise CellRefused(_("含有看不见的控制字符"), _("请删去这一格的内容，重新输入。"))
    if len(text) > column.max_length:
        raise CellRefused(
            _("有 {length} 个字，太长").format(length=len(text)),
            _("请缩短到 {limit} 个字以内。").format(limit=column.max_length),
        )
    return text or None


def _written(cell: Any) -> str:
    """The text of a cell that Excel may have taken for a number or a date."""
    if isinstance(cell, str):
        return normal_text(cell)
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if abs(cell) >= _EXACT:
            raise CellRefused(
                _("数字超过 15 位，Excel 已经改动了末尾几位"),
                _("请把这一列设为“文本”格式，再重新输入。"),
            )
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        raise CellRefused(
            _("应是文字，Excel 把它当成了日期或时间"),
            _("请把这一格设为“文本”格式，再重新输入。"),
        )
    return str(cell)


def _narrow(cell: Any) -> str:
    """Full-width digits and signs as the plain ones."""
    return unicodedata.normalize("NFKC", _written(cell)).strip()


def _number(cell: Any) -> float | None:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, str):
        text = _narrow(cell).replace(",", "").removesuffix("%").strip()
        if re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,6})?", text):
            return float(text)
        if not text:
            return None
    raise CellRefused(_shown(cell, _("不是数字")), _("请填数字，如 12。"))


def _integer(cell: Any, column: Column) -> int | None:
    number = _number(cell)
    if number is None:
        return None
    is_percent = column.kind is Kind.PERCENT
    if not number.is_integer():
        advice = (
            _("请填 0 到 100 的整数，如 60 表示 60%，单元格不要设成百分比格式。")
            if is_percent
            else _("请填整数，如 12。")
        )
        raise CellRefused(_shown(cell, _("不是整数")), advice)
    return _within(int(number), cell, column.maximum)


def _tenths(cell: Any, column: Column) -> int | None:
    number = _number(cell)
    if number is None:
        return None
    tenths = round(number * 10)
    if abs(number * 10 - tenths) > 1e-6:
        raise CellRefused(_shown(cell, _("小数位数太多")), _("请最多保留一位小数，如 12.5。"))
    return _within(tenths, cell, column.maximum)


def _within(number: int, cell: Any, maximum: int) -> int:
    if not 0 <= number <= maximum:
        raise CellRefused(
            _shown(cell, _("超出范围")), _("请填 0 到 {maximum} 之间的数。").format(maximum=maximum)
        )
    return number


def _date(cell: Any, column: Column) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if not isinstance(cell, dt.date):
        text = _narrow(cell)
        if not text:
            return None
        match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        if match is None:
            raise _no_date(cell)
        try:
            cell = dt.date(*map(int, match.groups()))
        except ValueError:
            raise _no_date(cell) from None
    if cell.year not in _YEARS:
        raise CellRefused(
            _shown(cell, _("年份不对")), _("请填 1900 到 2100 年之间的日期，如 2023-06-30。")
        )
    return cast(dt.date, cell)


def _no_date(cell: Any) -> CellRefused:
    advice = _("请填完整的日期，如 2023-06-30 或 2023年6月30日。")
    if isinstance(cell, float | int) and 20000 < cell < 80000:
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))
        advice = _("是不是 {day}？请把这一列设为“日期”格式。").format(day=day)
    return CellRefused(_shown(cell, _("不是日期")), advice)


def _boolean(cell: Any, column: Column) -> bool | None:
    if isinstance(cell, bool):
        return cell
    text = _narrow(cell).lower()
    if not text:
        return None
    if text not in _TRUTHS:
        raise CellRefused(_shown(cell, _("看不出是与否")), _("请填“是”或“否”。"))
    return _TRUTHS[text]


def _evidence(cell: Any, column: Column) -> tuple[str, ...] | None:
    titles = dict.fromkeys(part.strip() for part in _EVIDENCE_SEPARATOR.split(_written(cell)))
    titles.pop("", None)
    for title in titles:
        if _CONTROL.search(title):
            raise CellRefused(_("含有看不见的控制字符"), _("请删去这一格的内容，重新输入。"))
        if len(title) > 255:
            raise CellRefused(
                _("一份佐证材料的名称有 {length} 个字，太长").format(length=len(title)),
                _("请缩短到 255 个字以内；多份材料之间用“；”分开。"),
            )
    return tuple(titles) or None


def _choice_reader(column: Column) -> Callable[[Any], Any]:
    codes = {code: code for code in column.labels}
    codes |= {label: code for code, label in column.labels.items()}
    digits = max((len(code) for code in column.labels if code.isdigit()), default=0)

    def reader(cell: Any) -> str | None:
        known = codes.get(cell) if isinstance(cell, str) else None
        if known is not None or cell == "" or cell is None:
            return known
        text = _written(cell)
        # 01 typed into a cell becomes the number 1.
        known = codes.get(text) or codes.get(text.zfill(digits))
        if known is None and text:
            raise CellRefused(
                _shown(cell, _("不在可填的值里")), suggestion(text, column.labels.values())
            )
        return known

    return reader


def suggestion(text: str, options: Any) -> str:
    """Which of ``options`` was perhaps meant by ``text``, and what else there is."""
    listed = [str(option) for option in options]
    near = difflib.get_close_matches(text, listed, n=1, cutoff=0.5)
    near = near or [option for option in listed if option in text or text in option][:1]
    advice = _("可填：{options}。").format(options="、".join(listed))
    return (_("是不是“{near}”？").format(near=near[0]) if near else "") + advice


def _shown(cell: Any, what: str) -> str:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    text = " ".join(text.split())
    return f"“{text[:30]}{'…' if len(text) > 30 else ''}”{what}"
