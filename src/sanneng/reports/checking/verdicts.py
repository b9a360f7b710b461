"""Whether a claim is what the records say."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from fractions import Fraction

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sanneng.figures import Claim, holds
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
        year = said.since or as_of.year
        year = as_of.year - 1 if year == 1 else year
        first, last = said.months
        return Period("in", year * 100 + first, year * 100 + last)
    if said.kind == "last_year":
        return Period("in", as_of.year - 1)
    if said.kind == "this_year":
        return Period("in", as_of.year, as_of.year)
    return None


_UP_TO = re.compile(
    r"截至(?:(?P<year>20\d\d)年|(?P<last>去年|上年)|今年)?"
    r"(?:(?P<end>年?底|年?末)|(?P<month>1[0-2]|[1-9])月(?:底|末|(?P<day>[1-3]?\d)日)?)"
)


def day_of(claim: Claim, as_of: dt.date) -> dt.date:
    """The day up to which the claim counts: 截至2022年底 names one, which is never later than
    ``as_of``."""
    said = _UP_TO.match(claim.period.text) if claim.period else None
    if said is None:
        return as_of
    year = int(said["year"] or as_of.year - bool(said["last"]))
    month = int(said["month"] or 12)
    last = calendar.monthrange(year, month)[1]
    return min(as_of, dt.date(year, month, min(int(said["day"] or last), last)))


def judge(claim: Claim, figure: Figure) -> Verdict:
    """agrees or disagrees: what ``claim`` says against what ``figure`` came to."""
    return Verdict.AGREES if _is_true(claim, figure) else Verdict.DISAGREES


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
    if figure.entry.measure == "coverage" and not figure.holds:
        return False
    return holds(claim.qualifier, claim.value, found)
