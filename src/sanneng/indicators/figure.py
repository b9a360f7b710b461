"""A figure: an indicator's value for one school on one day, and how it is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from sanneng.indicators.entries import Entry
from sanneng.indicators.measures import Outcome, Value
from sanneng.indicators.periods import Window


@dataclass(frozen=True, slots=True)
class Figure:
    entry: Entry
    school_id: int
    as_of: dt.date
    window: Window
    outcome: Outcome

    @property
    def value(self) -> Value:
        return self.outcome.value

    @property
    def numerator(self) -> int | None:
        return self.outcome.numerator

    @property
    def denominator(self) -> int | None:
        return self.outcome.denominator

    @property
    def series(self) -> tuple[tuple[int, Value], ...]:
        return self.outcome.series

    @property
    def holds(self) -> bool | None:
        return self.outcome.holds

    @property
    def rounded(self) -> int | Decimal | None:
        """The value rounded half up to the entry's decimals; an ``int`` when there are none."""
        return round_half_up(self.value, self.entry.decimals)

    def display(self) -> str:
        """The value as a reader sees it, with its unit."""
        if self.entry.measure == "trend":
            return self._trend_text()
        if self.entry.measure == "coverage":
            return self._coverage_text()
        if self.value is None:
            return _("无数据")
        return f"{self.rounded}{self.entry.unit}"

    def _trend_text(self) -> str:
        rising = self.entry.direction == "rising"
        if len(self.series) < 2:
            return _("不足两个完整年度")
        if self.holds:
            return _("逐年上升") if rising else _("逐年下降")
        return _("未逐年上升") if rising else _("未逐年下降")

    def _coverage_text(self) -> str:
        if not self.denominator:
            return _("无应参加人员")
        unit = _("人年") if self.entry.each else self.entry.unit
        counts = {"covered": self.numerator, "wanted": self.denominator, "unit": unit}
        if self.holds:
            return _("{covered}{unit}全覆盖").format(**counts)
        return _("{wanted}{unit}中{covered}{unit}").format(**counts)


def round_half_up(value: Value, decimals: int) -> int | Decimal | None:
    """``value`` rounded half away from zero, exactly (GB/T 8170 leaves the rule to the caliber)."""
    if value is None:
        return None
    exact = Fraction(value)
    scaled = exact * 10**decimals
    whole = Decimal(abs(scaled.numerator)) / Decimal(scaled.denominator)
    nearest = int(whole.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    nearest = -nearest if scaled < 0 else nearest
    return nearest if decimals == 0 else Decimal(nearest).scaleb(-decimals)
