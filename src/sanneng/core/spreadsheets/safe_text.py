"""Text that stays text: nothing we write may run as a formula or break the file."""

from __future__ import annotations

import re

from sanneng.core.spreadsheets.columns import CELL_LENGTH

# A spreadsheet program takes a cell that begins so for a formula; some input methods and
# some programs treat the full-width forms alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# XML 1.0 has no place for these characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel's own escape of a character; literal text of that shape has to be escaped itself.
_ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
CUT_SHORT = "……（本格放不下，全文请在系统里看）"


def starts_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might run ``text``, also behind leading blanks."""
    return text.startswith(FORMULA_STARTS) or text.lstrip(" \u3000").startswith(FORMULA_STARTS)


def one_line_end(text: str) -> str:
    """``text`` with every line end as one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def writable(text: str) -> str:
    """``text`` without what no workbook can hold."""
    return _UNWRITABLE.sub("", one_line_end(text))


def for_cell(text: str) -> str:
    """``text`` as an xlsx cell can hold it; what is too long ends with ``CUT_SHORT``."""
    text = writable(text)
    if len(text) > CELL_LENGTH:
        text = text[: CELL_LENGTH - len(CUT_SHORT)] + CUT_SHORT
    return _ESCAPE_LOOKALIKE.sub("_x005F_", text)


def for_csv(text: str) -> str:
    """``text`` for a CSV file: an apostrophe before what a program might run."""
    text = text.replace("\x00", "")
    return f"'{text}" if starts_like_formula(text) else text
