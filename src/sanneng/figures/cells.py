"""Figures in the cells of a table, which take their unit from a heading, a row or a caption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sanneng.figures import lexicon as lex
from sanneng.figures.numbers import ARABIC, UNIT

_SCALED_UNIT = rf"(?:万亿|亿|万)?(?:{UNIT})"
_BARE = re.compile(rf"^\s*(?:{ARABIC})\s*$")
_IN_BRACKETS = re.compile(rf"[（(]\s*(?:单位[:：]\s*)?(?P<unit>{_SCALED_UNIT})\s*[)）]\s*$")
_CAPTION = re.compile(rf"单位[:：]\s*(?P<unit>{_SCALED_UNIT})(?![\u4e00-\u9fff])")
_HEADING = re.compile(rf"(?:{'|'.join(sorted(lex.HEADINGS, key=len, reverse=True))})$")
_RULE = re.compile(r"^[\s|:+-]+$")


def units_of_cells(text: str) -> dict[int, str]:
    """For each cell that holds a bare number: where the number starts, and its unit.

    A table is a run of lines with tabs or bars. The unit is that of the row's first cell
    (班次（期）), else of the column (参训人数（人）, 期数), else of the line above the table
    (单位：万元).
    """
    if "\t" not in text and "|" not in text:
        return {}
    found: dict[int, str] = {}
    for caption, rows in _tables(text):
        columns = _columns(rows[0][1])
        for offset, cells in rows:
            label = _unit(cells[0]) if len(cells) > 1 else None
            for place, (start, cell) in enumerate(_placed(offset, cells)):
                if not _BARE.match(cell):
                    continue
                column = columns[place] if place < len(columns) else None
                unit = label or column or (caption if place else None)
                if unit:
                    found[start + len(cell) - len(cell.lstrip())] = unit
    return found


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
            if not _RULE.match(plain):
                rows.append((offset, plain.split(mark)))
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
