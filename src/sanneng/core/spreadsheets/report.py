"""What an import found and did."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from sanneng.core.models import ImportBatch

ERRORS_KEPT = 2000  # Of a file that is wrong throughout, more would help nobody.


@dataclass(frozen=True, order=True)
class RowError:
    """Where something is wrong, what, and what to do. ``row`` is Excel's row number; it is 0
    where the whole sheet is meant, and ``sheet`` is empty where the whole file is."""

    sheet: str
    row: int
    column: str
    problem: str
    advice: str


@dataclass
class SheetCounts:
    """Rows of one sheet by what became of them; ``proposed`` are corrections of approved records,
    which wait for somebody else's consent."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    proposed: int = 0


@dataclass
class ImportReport:
    """The outcome for one file: either errors and nothing written, or counts by sheet.

    ``doubts`` are no errors: what may be meant, but is asked about first; ``unsettled`` where
    nothing was written because of them. ``batch`` is what can be undone; None after a dry run,
    with errors, while unsettled, or when nothing had to change.
    """

    file_name: str
    dry_run: bool = False
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    doubts: list[RowError] = field(default_factory=list)
    doubt_count: int = 0
    unsettled: bool = False
    counts: dict[str, SheetCounts] = field(default_factory=dict)
    batch: ImportBatch | None = None

    @property
    def is_clean(self) -> bool:
        return self.error_count == 0

    @property
    def new(self) -> int:
        return sum(counts.new for counts in self.counts.values())

    @property
    def changed(self) -> int:
        return sum(counts.changed for counts in self.counts.values())

    @property
    def proposed(self) -> int:
        return sum(counts.proposed for counts in self.counts.values())

    @property
    def doubts_digest(self) -> str:
        """Tells whether these are the doubts that somebody has settled; empty without any."""
        if not self.doubt_count:
            return ""
        return hashlib.sha256(repr((self.doubt_count, self.doubts)).encode()).hexdigest()

    @property
    def unchanged(self) -> int:
        return sum(counts.unchanged for counts in self.counts.values())

    def add(self, error: RowError) -> None:
        """Note ``error``; of very many, only the first are kept and the others counted."""
        self.error_count += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(error)

    def refuse(self, sheet: str, row: int, column: str, problem: str, advice: str) -> None:
        self.add(RowError(sheet, row, column, problem, advice))

    def doubt(self, sheet: str, row: int, column: str, problem: str, advice: str) -> None:
        """Note something to be asked about; of very many, only the first are kept."""
        self.doubt_count += 1
        if len(self.doubts) < ERRORS_KEPT:
            self.doubts.append(RowError(sheet, row, column, problem, advice))
