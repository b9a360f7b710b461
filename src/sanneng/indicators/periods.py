"""Periods of indicators: ``since 2020``, ``last 5 years``, ``in 2022``, ``in 202301-202306``,
``to date``, ``as of``, ``against 2019``."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

KINDS = ("since YYYY", "last N years", "in YYYY", "to date", "as of", "against YYYY")
_PATTERN = re.compile(
    r"(?P<kind>since|last|in|to date|as of|against)(?: (?P<number>\d{1,4}|\d{6}))?"
    r"(?:-(?P<until>\d{4}|\d{6}))?(?: years)?"
)
NUMBERED = {"since", "last", "in", "against"}


@dataclass(frozen=True, slots=True)
class Window:
    """Days ``start``..``end``, both included; no ``start`` means from the beginning."""

    start: dt.date | None
    end: dt.date

    def __str__(self) -> str:
        return f"{self.start or ''}/{self.end}"


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of period, which a day of reference turns into a ``Window``.

    ``number`` is a year, or how many years; ``until`` is the last year of an ``in`` that
    spans several. An ``in`` may name months too, as 202301.
    """

    kind: str
    number: int = 0
    until: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Raises ValueError for anything but the forms of ``KINDS``."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None or (match["number"] is not None) != (match["kind"] in NUMBERED):
            raise ValueError(text)
        by_month = len(match["number"] or "") == 6
        if match["kind"] != "in" and (match["until"] or by_month):
            raise ValueError(text)
        return cls(match["kind"], int(match["number"] or 0), int(match["until"] or 0))

    @property
    def is_state(self) -> bool:
        """Whether the figure describes a day rather than what happened over time."""
        return self.kind in ("as of", "against")

    def window(self, as_of: dt.date) -> Window:
        """The days covered when today is ``as_of``."""
        if self.kind == "since":
            return Window(dt.date(self.number, 1, 1), as_of)
        if self.kind == "last":
            return Window(years_before(as_of, self.number) + dt.timedelta(days=1), as_of)
        if self.kind == "in":
            end = _last_day(self.until or self.number)
            return Window(_first_day(self.number), min(as_of, end))
        return Window(None, as_of)

    def spec(self) -> str:
        """The period as ``parse`` reads it."""
        if self.kind not in NUMBERED:
            return self.kind
        more = " years" if self.kind == "last" else f"-{self.until}" if self.until else ""
        return f"{self.kind} {self.number}{more}"

    def label(self) -> str:
        """The period as a reader says it."""
        labels = {
            "since": _("{number}年以来"),
            "last": _("近{number}年"),
            "in": _("{number}年至{until}年") if self.until else _("{number}年"),
            "to date": _("截至目前累计"),
            "as of": _("截止日当天"),
            "against": _("较{number}年末"),
        }
        if self.kind == "in" and self.number > _MONTHS:
            first, last = _first_day(self.number), _last_day(self.until or self.number)
            return _("{start}至{end}").format(start=f"{first:%Y-%m-%d}", end=f"{last:%Y-%m-%d}")
        return labels[self.kind].format(number=self.number, until=self.until)


def years_before(day: dt.date, years: int) -> dt.date:
    """The same calendar day ``years`` earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


_MONTHS = 9999  # what is above is a month (202301), what is below a year


def _first_day(number: int) -> dt.date:
    return dt.date(number // 100, number % 100, 1) if number > _MONTHS else dt.date(number, 1, 1)


def _last_day(number: int) -> dt.date:
    if number <= _MONTHS:
        return year_end(number)
    year, month = divmod(number, 100)
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def year_end(year: int) -> dt.date:
    return dt.date(year, 12, 31)


def complete_years(window: Window) -> list[int]:
    """Calendar years that lie wholly inside ``window``; none without a start."""
    if window.start is None:
        return []
    first = (
        window.start.year
        if window.start == dt.date(window.start.year, 1, 1)
        else (window.start.year + 1)
    )
    last = window.end.year if window.end == year_end(window.end.year) else window.end.year - 1
    return list(range(first, last + 1))
