"""Figures in the cells of a table, which take their unit from a heading, a row or a caption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sanneng.figures import lexicon as lex
from sanneng.figures.numbers import ARABIC, UNIT

_SCALED_UNIT = rf"(?:万亿|亿|万)?(?:{UNIT})"
_BARE = re.compile(rf"^\s*[+\-－−]?(?P<digits>{ARABIC})\s*$")
_IN_BRACKETS = re.compile(rf"[（(]\s*(?:单位[:：]\s*)?(?P<unit>{_SCALED_UNIT})\s*[)）]\s*$")
_CAPTION = re.compile(rf"单位[:：]\s*(?P<unit>{_SCALED_UNIT})(?![\u4e00-\u9fff])")
_HEADING = re.compile(rf"(?:{'|'.join(sorted(lex.HEADINGS, key=len, reverse=True))})$")
_WHOLE_UNIT = re.compile(_SCALED_UNIT)
_UNIT_HEADS = frozenset({"单位", "计量单位"})
_RULE = re.compile(r"^[\s|:+-]+$")


def units_of_cells(text: str) -> dict[int, str]:
    """For each cell that holds a bare number: where its digits start, and its unit.

    A table is a run of lines with tabs or bars. The unit is what the row says in a column 单位,
    else that of the row's first cell (班次（期）; an indented row goes on with the one above),
    else of the column (参训人数（人）, 期数), else of the caption (单位：万元). A column of shares
    keeps its unit in every row.
    """
    if "\t" not in text and "|" not in text:
        return {}
    found: dict[int, str] = {}
    for caption, rows in _tables(text):
        head = rows[0][1]
        columns = _columns(head)
        named = _place_of_units(head)
        label: str | None = None
        for offset, cells in rows:
            own = cells[named].strip() if named is not None and named < len(cells) else ""
            first = _unit(cells[0]) if len(cells) > 1 else None
            if first or not cells[0].startswith("  "):
                label = first
            said = own if _WHOLE_UNIT.fullmatch(own) else label
            for place, (start, cell) in enumerate(_placed(offset, cells)):
                bare = _BARE.match(cell)
                if bare is None:
                    continue
                column = columns[place] if place < len(columns) else None
                unit = column if column in lex.RATIOS else said or column
                unit = unit or (caption if place else None)
                if unit:
                    found[start + bare.start("digits")] = unit
    return found


def _place_of_units(head: list[str]) -> int | None:
    """Which column is headed 单位 and gives the unit of its row."""
    return next((place for place, cell in enumerate(head) if cell.strip() in _UNIT_HEADS), None)


def _tables(text: str) -> Iterator[tuple[str | None, list[tuple[int, list[str]]]]]:
    """Each table with the unit in its caption, its rows as (offset, cells)."""
    rows: list[tuple[int, list[str]]] = []
    caption: str | None = None
    offset, between = 0, ""
    for line in text.splitlines(keepends=True):
        plain = line.rstrip("\r\n")
        mark = "\t" if "\t" in plain else "|" if "|" in plain else ""
        if mark:
            if rows and mark != between:
                yield caption, rows
                rows, caption = [], None
            between = mark
            within = _CAPTION.search(plain)
            if within:
                caption = within["unit"]
            if not _RULE.match(plain):
                rows.append(_row(offset, plain, mark))
            elif len(rows) > 1:  # the row above a rule is a heading
                yield caption, rows[:-1]
                rows, caption = rows[-1:], None
        else:
            if rows:
                yield caption, rows
                rows, caption = [], None
            said = _CAPTION.search(plain)
            if said:
                caption = said["unit"]
            elif plain.strip():
                caption = None
        offset += len(line)
    if rows:
        yield caption, rows


def _row(offset: int, line: str, mark: str) -> tuple[int, list[str]]:
    """The cells of a line; a bar at its head opens the first cell and parts nothing."""
    if mark == "|" and line.startswith("|"):
        offset, line = offset + 1, line[1:]
    return offset, line.split(mark)


def _placed(offset: int, cells: list[str]) -> Iterator[tuple[int, str]]:
    for cell in cells:
        yield offset, cell
        offset += len(cell) + 1


def _columns(cells: list[str]) -> list[str | None]:
    """The unit of each column, when the first row is a heading (no cell of it is a number)."""
    if any(_BARE.match(cell) for cell in cells):
        return []
    return [_unit(cell) for cell in cells]


def _unit(cell: str) -> str | None:
    plain = cell.strip()
    bracketed = _IN_BRACKETS.search(plain)
    if bracketed:
        return bracketed["unit"]
    named = _HEADING.search(plain)
    return lex.HEADINGS[named[0]] if named else None
