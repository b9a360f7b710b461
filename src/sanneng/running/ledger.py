"""The record of backups and restores, ``HOME/backups.jsonl``, and what it says of the audit log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from sanneng.reports.library import witnesses as witnesses_of_reports
from sanneng.running.manifest import Heads


@dataclass(frozen=True)
class Happened:
    """A backup, or a restore from one: when (ISO, UTC), of which file, with what result."""

    event: Literal["backup", "restore"]
    at: str
    file: str
    manifest: str
    heads: Heads
    rows: int = 0
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    sealed: bool = False
    missing: int = 0


@dataclass
class Ledger:
    """What happened, in order; ``unreadable`` counts lines that say nothing."""

    entries: list[Happened] = field(default_factory=list)
    unreadable: int = 0

    def last(self, event: str) -> Happened | None:
        return next((one for one in reversed(self.entries) if one.event == event), None)


def ledger_file() -> Path:
    return Path(settings.HOME) / "backups.jsonl"


def write_down(happened: Happened) -> None:
    """Add a line, and let it reach the disk."""
    line = json.dumps(asdict(happened), ensure_ascii=False) + "\n"
    descriptor = os.open(ledger_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read_ledger() -> Ledger:
    ledger = Ledger()
    if not ledger_file().exists():
        return ledger
    for line in ledger_file().read_text("utf-8", errors="replace").splitlines():
        try:
            stated: dict[str, Any] = json.loads(line)
            stated["heads"] = [(chain, int(number), d) for chain, number, d in stated["heads"]]
            ledger.entries.append(Happened(**stated))
        except (ValueError, TypeError, KeyError):
            ledger.unreadable += 1
    return ledger


def witnesses() -> Iterator[tuple[str, int, str]]:
    """Heads of the audit log kept outside it: in reports, and in the record of backups."""
    yield from witnesses_of_reports()
    yield from witnesses_of_backups()


def witnesses_of_backups() -> Iterator[tuple[str, int, str]]:
    """What backups saw of the audit log. With a restore the log went back to what that backup
    had seen, so what earlier backups saw beyond it is no longer to be expected."""
    known: Heads = []
    for happened in read_ledger().entries:
        if happened.event == "restore":
            ends = {chain: number for chain, number, _digest in happened.heads}
            known = [one for one in known if one[1] <= ends.get(one[0], 0)]
        known += happened.heads
    yield from known
