"""Writing figures the official way: GB/T 15835-2011, and no qualifier that is not true."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from sanneng.figures.claims import Number
from sanneng.figures.qualifiers import holds

QUALIFIERS = ("exact", "over", "atleast", "under", "approx")
_NEAR = Decimal("0.9")


class QualifierNotTrue(ValueError):
    """The qualifier asked for would make the figure false; write it exactly instead."""


def write(value: Number | Decimal, unit: str, qualifier: str = "exact") -> str:
    """``value`` with ``unit`` in Arabic numerals: 301人次, 300余人次, 9次以上, 近300人, 约300人.

    A round number is chosen for 余, 近 and 约: the nearest one below or above that makes the
    words true by ``holds``. Raises QualifierNotTrue when there is none (300 is not 300余).
    """
    plain = _plain(value)
    if qualifier == "exact":
        return f"{plain}{unit}"
    if qualifier == "atleast":
        return f"{math.floor(value)}{unit}以上"
    stated = _round_number(value, qualifier)
    if stated is None or not holds(qualifier, stated, Decimal(str(value))):
        raise QualifierNotTrue(f"{plain}{unit}: {qualifier}")
    forms = {"over": "{}余{}", "under": "近{}{}", "approx": "约{}{}"}
    return forms[qualifier].format(stated, unit)


def write_range(low: Number, high: Number, unit: str) -> str:
    """A range; both ends carry a percent sign (63%～68%), other units stand once."""
    first = "%" if unit == "%" else ""
    return f"{_plain(low)}{first}～{_plain(high)}{unit}"


def write_date(day: dt.date) -> str:
    """A date in full, without leading zeros: 2026年1月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _plain(value: Number | Decimal) -> str:
    text = format(Decimal(str(value)).normalize(), "f")
    return text if not text.startswith(".") else f"0{text}"


def _round_number(value: Number | Decimal, qualifier: str) -> int | None:
    """The round number beside ``value``; below 10 there is none."""
    if qualifier not in QUALIFIERS:
        raise ValueError(qualifier)
    whole = math.floor(value)
    if whole < 10:
        return None
    digits = len(str(whole))
    step: int = 10 ** (digits - 1 if digits < 4 else digits - 2)
    below = whole // step * step
    if qualifier == "over":
        return below
    above = below + step
    if qualifier == "under":
        return above if Decimal(str(value)) >= above * _NEAR else None
    return below if value - below < above - value else above
