"""What is found in a text: claims, each with its number, unit, qualifier, kind and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Number = int | float
Value = Number | tuple[Number, Number] | None


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a claim speaks of.

    ``kind`` is one of since, year, years, months, last_years, this_year, last_year, recent,
    to_date, against, unclear (十四五以来: no days are known); ``since`` and ``until`` are years,
    ``years`` a number of years, ``months`` the first and the last month of ``since``, or where
    that is None of the current year, or with ``is_last_year`` of the one before.
    """

    text: str
    kind: str
    since: int | None = None
    until: int | None = None
    years: int | None = None
    months: tuple[int, int] | None = None
    is_last_year: bool = False

    def label(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that a text states, or (``value`` None) a coverage or trend in words.

    ``text`` is what stands at ``start``..``end``; ``subject`` is what is counted, with what it
    inherits; ``context`` is the sentence. ``qualifier`` is exact, over
    (余), above (超过), approx, under (近), atmost (以内) or atleast, for statements every, rising
    or falling. ``kind`` is count, ratio, change, money,
    rank, age or average, for statements coverage or trend. ``part_of`` is the index, in the
    list that ``claims`` or ``extract`` gave, of the whole that this is a part of.
    """

    text: str
    start: int
    end: int
    subject: str
    context: str
    value: Value
    unit: str
    qualifier: str = "exact"
    kind: str = "count"
    direction: str | None = None
    period: Period | None = None
    part_of: int | None = None


# In what is given out 余 and 超过 are both over, 近 and 以内 both under.
_GIVEN_OUT = {"above": "over", "atmost": "under"}


def to_json(claim: Claim) -> dict[str, Any]:
    """The claim as plain data: a range is a list of two numbers, and the qualifier one of
    exact, over, approx, under, atleast (or of those of statements)."""
    value = list(claim.value) if isinstance(claim.value, tuple) else claim.value
    return {
        "subject": claim.subject,
        "value": value,
        "unit": claim.unit,
        "qualifier": _GIVEN_OUT.get(claim.qualifier, claim.qualifier),
        "kind": claim.kind,
        "period": claim.period.text if claim.period else None,
        "start": claim.start,
        "end": claim.end,
    }
