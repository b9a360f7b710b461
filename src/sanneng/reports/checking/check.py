"""Checking a document: every figure found, tied to its indicator, and judged by the records."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sanneng.core.models import School
from sanneng.figures import Claim, Contradiction, claims, contradictions, to_json
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import RecordRef, records_for
from sanneng.indicators.entries import Entry
from sanneng.indicators.evaluate import figures_for
from sanneng.indicators.figure import Figure
from sanneng.indicators.measures import asked_for
from sanneng.indicators.periods import Period
from sanneng.reports.checking.documents import CheckedText, plain_text, read_document
from sanneng.reports.checking.matching import Match, Matcher
from sanneng.reports.checking.ties import Ties
from sanneng.reports.checking.verdicts import Verdict, counted_until, is_planned, judge, period_of


@dataclass(frozen=True)
class CheckedClaim:
    """A claim with its verdict. ``asked`` is the period that the records were asked for."""

    claim: Claim
    verdict: Verdict
    entry: Entry | None = None
    rivals: tuple[Entry, ...] = ()
    figure: Figure | None = None
    asked: Period | None = None
    refs: tuple[RecordRef, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """What the claim itself says: text, start, end, subject, value, unit, ..."""
        return getattr(self.claim, name)

    @property
    def found(self) -> str | None:
        return self.figure.display() if self.figure else None

    @property
    def records(self) -> int:
        return len(self.refs)

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.claim.text,
            **to_json(self.claim),
            "indicator": self.entry.id if self.entry else None,
            "verdict": self.verdict.value,
            "found": self.found,
            "records": self.records,
        }


@dataclass(frozen=True)
class CheckResult:
    """A checked document."""

    document: CheckedText
    school: School
    as_of: dt.date
    claims: tuple[CheckedClaim, ...]
    contradictions: tuple[Contradiction, ...] = field(default=())

    @property
    def text(self) -> str:
        return self.document.text

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict."""
        counted = Counter(claim.verdict.value for claim in self.claims)
        return {verdict: counted[verdict] for verdict in Verdict.values}

    def contradiction_texts(self) -> list[str]:
        """Each contradiction in words."""
        return [_in_words(one, self.claims) for one in self.contradictions]

    def as_json(self) -> dict[str, Any]:
        return {
            "claims": [claim.as_json() for claim in self.claims],
            "contradictions": [
                {
                    "kind": one.kind,
                    "claims": [one.first, one.second],
                    "message": _in_words(one, self.claims),
                }
                for one in self.contradictions
            ],
        }


def check_document(source: Path | str, *, school: School, as_of: dt.date) -> CheckResult:
    """Check a file (a ``Path``) or a text (a ``str``) against the records of ``school``.

    Raises UnacceptableFile for a file that cannot be read.
    """
    document = read_document(source) if isinstance(source, Path) else plain_text(source)
    catalogue = load_catalogue()
    ties = Ties(document, school, catalogue)
    found = ties.stated(claims(document.text))
    matches = Matcher(catalogue).match(document.text, found)
    periods = [period_of(claim, as_of) for claim in found]
    for index, claim in enumerate(found):
        tie = ties.of(claim)
        if tie is not None:
            matches[index], periods[index] = Match(tie.entry), tie.period
        elif is_planned(document.text, claim, as_of):
            matches[index] = Match(None)
    checked = _judged(found, matches, periods, school, as_of)
    return CheckResult(document, school, as_of, tuple(checked), tuple(contradictions(found)))


def _judged(
    found: Sequence[Claim], matches: Sequence[Match], periods: Sequence[Period | None],
    school: School, as_of: dt.date,
) -> list[CheckedClaim]:  # fmt: skip
    asked = [
        _question(claim, match.entry, period, as_of) if match.entry else None
        for claim, match, period in zip(found, matches, periods, strict=True)
    ]
    figures, behind = {}, {}
    for day in {one[0] for one in asked if one}:
        questions = {one[1]: None for one in asked if one and one[0] == day}
        figures[day] = figures_for(questions, school=school, as_of=day)
        behind[day] = records_for(questions, school=school, as_of=day)
    checked = []
    for claim, match, one in zip(found, matches, asked, strict=True):
        if match.entry is None or one is None:
            checked.append(CheckedClaim(claim, Verdict.UNKNOWN))
            continue
        day, question = one
        figure = figures[day][question]
        verdict = Verdict.AMBIGUOUS if match.rivals else judge(claim, figure)
        refs = tuple(behind[day][question])
        checked.append(
            CheckedClaim(claim, verdict, match.entry, match.rivals, figure, question[1], refs)
        )
    return checked


def _question(
    claim: Claim, entry: Entry, period: Period | None, as_of: dt.date
) -> tuple[dt.date, tuple[str, Period | None]]:
    """Up to which day, and what over which period, the records are asked for ``claim``."""
    return counted_until(claim, entry, as_of), (entry.id, asked_for(entry, period).period)


def _in_words(one: Contradiction, claims: Sequence[CheckedClaim]) -> str:
    first, second = claims[one.first], claims[one.second]
    words = {
        "part_above_whole": _("其中项“{second}”大于总项“{first}”。"),
        "parts_above_whole": _("“{first}”后括号里各项之和大于它（算到“{second}”）。"),
        "two_values": _("同一件事前后两个数：“{first}”和“{second}”。"),
    }
    return words[one.kind].format(first=first.claim.text, second=second.claim.text)
