"""What a report of ours says of its own figures: which indicator stands where.

A document made by others is read by its words alone (``matching``). A report made here has a
bookmark around every figure and a manifest that says what the figure is; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sanneng.core.models import School
from sanneng.figures import Claim
from sanneng.indicators.catalogue import Catalogue
from sanneng.indicators.entries import Entry
from sanneng.indicators.periods import Period
from sanneng.reports.checking.documents import CheckedText, Placed
from sanneng.reports.manifest import BOOKMARK, ROW_BOOKMARK, read_manifest

_IN_WORDS = frozenset({"coverage", "trend"})


@dataclass(frozen=True, slots=True)
class Tie:
    """The indicator that a claim states, and the period it was asked for over."""

    entry: Entry
    period: Period | None


class Ties:
    """The figures of a report of ``school``; of any other document it knows nothing."""

    def __init__(self, document: CheckedText, school: School, catalogue: Catalogue) -> None:
        self._text = document.text
        self._placed: list[tuple[Placed, Tie]] = []
        self._rows: list[tuple[int, int]] = []
        if document.word is None:
            return
        stated = read_manifest(document.word.part.package)  # type: ignore[arg-type]
        if not any(figure.school == school.code for figure in stated):
            return
        ties = {
            BOOKMARK + figure.id.replace("-", "_"): Tie(
                catalogue[figure.indicator], Period.parse(figure.asked) if figure.asked else None
            )
            for figure in stated
            if figure.indicator in catalogue
        }
        ties |= {f"{ROW_BOOKMARK}{entry.figure}": Tie(entry, None) for entry in catalogue.figures}
        for placed in document.placed():
            if placed.bookmark in ties:
                self._placed.append((placed, ties[placed.bookmark]))
            if placed.bookmark.startswith(ROW_BOOKMARK):
                self._rows.append(self._line(placed.start))

    def of(self, claim: Claim) -> Tie | None:
        """The figure that ``claim`` states, if it is one that the report has marked."""
        for placed, tie in self._placed:
            if placed.start < claim.end and claim.start < placed.end:
                in_words = claim.value is None
                return tie if not in_words or tie.entry.measure in _IN_WORDS else None
        return None

    def stated(self, claims: Sequence[Claim]) -> list[Claim]:
        """``claims`` without those in a row of the annex that are not the row's figure: a
        caliber states nothing."""
        kept = [claim for claim in claims if not self._in_row(claim) or self.of(claim)]
        if len(kept) == len(claims):
            return list(claims)
        where = {id(claim): index for index, claim in enumerate(kept)}
        wholes = [None if c.part_of is None else where.get(id(claims[c.part_of])) for c in kept]
        return [replace(claim, part_of=whole) for claim, whole in zip(kept, wholes, strict=True)]

    def _in_row(self, claim: Claim) -> bool:
        return any(start <= claim.start < end for start, end in self._rows)

    def _line(self, position: int) -> tuple[int, int]:
        end = self._text.find("\n", position)
        return self._text.rfind("\n", 0, position) + 1, end if end >= 0 else len(self._text)
