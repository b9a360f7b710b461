"""Whether a claim is what the records say."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from fractions import Fraction

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sanneng.figures import Claim, holds
from sanneng.indicators.entries import Entry
from sanneng.indicators.figure import Figure
from sanneng.indicators.periods import Period


class Verdict(TextChoices):
    AGREES = "agrees", _("相符")
    DISAGREES = "disagrees", _("不符")
    UNKNOWN = "unknown", _("目录中没有")
    AMBIGUOUS = "ambiguous", _("不能确定")


def period_of(claim: Claim, as_of: dt.date) -> Period | None:
    """The claim's own period for the engine; None leaves the indicator its own."""
    said = claim.period
    if said is None:
        return None
    if said.kind == "since" and said.since:
        return Period("since", said.since)
    if said.kind == "last_years" and said.years:
        return Period("last", said.years)
    if said.kind in ("year", "years") and said.since:
        return Period("in", said.since, said.until or said.since)
    if said.kind == "against" and said.since:
        return Period("against", said.since)
    if said.kind == "months" and said.months:
        year = said.since or as_of.year - said.is_last_year
        first, last = said.months
        return Period("in", year * 100 + first, year * 100 + last)
    if said.kind == "last_year":
        return Period("in", as_of.year - 1)
    if said.kind == "this_year":
        return Period("in", as_of.year, as_of.year)
    return None


_UP_TO = re.compile(
    r"截[至止](?:(?P<year>20\d\d)年|(?P<last>去年|上年)|今年)?"
    r"(?:(?P<end>年?底|年?末)|(?P<month>1[0-2]|0?[1-9])月"
    r"(?:底|末|(?P<day>3[01]|[12]\d|0?[1-9])日)?)"
)


def counted_until(claim: Claim, entry: Entry, as_of: dt.date) -> dt.date:
    """The day up to which the claim counts, never later than ``as_of``: 截至2022年底 names one, and
    so does 2022年末 for what holds on a day."""
    if claim.period is None:
        return as_of
    said = _UP_TO.match(claim.period.text)
    if said is not None:
        year = int(said["year"] or as_of.year - bool(said["last"]))
        return min(as_of, _last_day(year, int(said["month"] or 12), int(said["day"] or 31)))
    is_state = entry.period.is_state and entry.measure != "change"
    period = period_of(claim, as_of) if is_state else None
    if period is not None and period.kind == "in":
        return period.window(as_of).end
    return as_of


def _last_day(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


_PLANNED = re.compile(
    r"(?:力争|争取|预计|拟|目标是|(?<![有引进人才动学训作展划])计划)[^。；！？\n]{0,24}$"
)


def is_planned(text: str, claim: Claim, as_of: dt.date) -> bool:
    """Whether the claim (at its place in ``text``) speaks of what is still to come."""
    if claim.value is not None and _PLANNED.search(text, max(0, claim.start - 36), claim.start):
        return True
    period = period_of(claim, as_of)
    window = period.window(as_of) if period and period.kind in ("in", "since") else None
    return bool(window and window.start and window.start > as_of)


def judge(claim: Claim, figure: Figure) -> Verdict:
    """What ``claim`` says against what ``figure`` came to: agrees or disagrees, or ambiguous where
    there is nothing to judge by, or a time is named of which the days are not known."""
    if figure.entry.measure == "coverage" and not figure.denominator:
        return Verdict.AMBIGUOUS
    if figure.entry.measure == "trend" and len(figure.series) < 2:
        return Verdict.AMBIGUOUS
    if _is_true(claim, figure):
        return Verdict.AGREES
    unclear = claim.period is not None and claim.period.kind == "unclear"
    return Verdict.AMBIGUOUS if unclear else Verdict.DISAGREES


def _is_true(claim: Claim, figure: Figure) -> bool:
    if claim.value is None:
        wanted = {"rising": "rising", "falling": "falling"}.get(claim.qualifier)
        if wanted is not None and figure.entry.direction != wanted:
            return False
        return bool(figure.holds)
    if figure.value is None:
        return False
    found = Fraction(figure.value)
    if figure.entry.measure == "change" and claim.direction:
        falling = figure.entry.direction == "falling"
        found = found if falling == (claim.direction == "down") else -found
    if figure.entry.measure == "coverage" and not figure.holds and _EVERYBODY.search(claim.context):
        return False
    return holds(claim.qualifier, claim.value, found)


# With these words a number of people claims that it is all of them.
_EVERYBODY = re.compile(r"均|全部|全员|全体|人人|都")
