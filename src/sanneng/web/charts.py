"""What the pages' charts are drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

YEARS_SHOWN = 8


def by_year(rows: Iterable[tuple[str, int]], *, as_of: dt.date) -> dict[str, Any]:
    """Labels and values of the last years. The last is marked when it is not over (``partial``
    draws it pale), so that a half year is not read as a fall."""
    shown = list(rows)[-YEARS_SHOWN:]
    unfinished = (as_of.month, as_of.day) != (12, 31)
    partial = bool(shown) and shown[-1][0] == str(as_of.year) and unfinished
    labels = [label for label, _number in shown]
    if partial:
        labels[-1] = _("{year}（未满）").format(year=labels[-1])
    return {
        "labels": labels,
        "values": [number for _label, number in shown],
        "partial": partial,
    }
