"""What an import is going to write: decided in full before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sanneng.core.domain.audit import Event
from sanneng.core.enums import RecordState
from sanneng.core.models import Record, School, User
from sanneng.core.spreadsheets.attachments import Attachment, EvidenceFolder
from sanneng.core.spreadsheets.columns import Sheet
from sanneng.core.spreadsheets.reading import ParsedRow, Progress, SheetRows
from sanneng.core.spreadsheets.report import ImportReport

DECIDED = (RecordState.APPROVED, RecordState.RETURNED, RecordState.VOIDED)


class Change(NamedTuple):
    """A record to be changed: its row, and the values by field name that differ.

    A reference among ``values`` is a 编号, as its record may be in the same file.
    """

    number: int
    record: Record
    values: dict[str, Any]


@dataclass
class SheetPlan:
    """What becomes of the rows of one sheet. ``proposals`` are changes that wait for consent;
    ``attachments`` are by row number; ``decides`` where a row approves, returns or voids."""

    found: SheetRows
    creates: list[ParsedRow] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    proposals: list[Change] = field(default_factory=list)
    unchanged: int = 0
    decides: bool = False
    attachments: dict[int, list[Attachment]] = field(default_factory=dict)

    @property
    def sheet(self) -> Sheet:
        return self.found.sheet

    @property
    def model(self) -> type[Record]:
        return self.found.sheet.model


@dataclass
class ImportContext:
    """What every step of an import shares.

    ``pks`` are the primary keys of this school's records by model and 编号, as far as rows
    refer to them; records that the file brings are added as they are written. ``selves`` are
    the users whose work the importing one does not approve: itself, and those it stands in for.
    ``events`` are what is noted of single records if the import stays.
    """

    school: School
    by: User | None
    report: ImportReport
    folder: EvidenceFolder
    progress: Progress
    pks: dict[type[Record], dict[str, int]] = field(default_factory=dict)
    brought: dict[type[Record], set[str]] = field(default_factory=dict)
    selves: set[int] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
