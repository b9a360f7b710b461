"""What the pages' charts are drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

YEARS_SHOWN = 8


def by_year(rows: Iterable[tuple[str, int]], *, as_of: dt.date) -> dict[str, Any]:
    """Labels and values of the last years; ``partial`` when the last of them is not over, so
    that a half year is not read as a fall."""
    shown = list(rows)[-YEARS_SHOWN:]
    unfinished = (as_of.month, as_of.day) != (12, 31)
    return {
        "labels": [label for label, _number in shown],
        "values": [number for _label, number in shown],
        "partial": bool(shown) and shown[-1][0] == str(as_of.year) and unfinished,
    }
