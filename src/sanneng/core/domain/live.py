"""How far running jobs are, and whether anybody still works on them.

A job that writes holds the database until it is done: on SQLite nobody else can write then,
and elsewhere nobody sees what is not committed. So its progress lies in a file, and the file
is locked by the process that works. The system lets go of the lock when that process dies,
however it dies, which is how a job that was cut short is told from one that takes long.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

WRITE_EVERY = 0.3  # seconds


@dataclass(frozen=True)
class Progress:
    """The step that a job is at, and ``done`` of ``total`` in it; ``total`` 0 is unknown."""

    step: str = ""
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


class Grip:
    """The lock on a job while it is worked on, and the pen for its progress."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.last = Progress()
        self.written_at = 0.0

    def write(self, progress: Progress) -> None:
        """Keep ``progress``, not more often than somebody would look."""
        is_new_step = progress.step != self.last.step
        self.last = progress
        now = time.monotonic()
        if not is_new_step and now - self.written_at < WRITE_EVERY:
            return
        self.written_at = now
        text = json.dumps([progress.step, progress.done, progress.total])
        # Padded, so that a shorter line leaves no rest of the longer one before it.
        os.pwrite(self.descriptor, text.encode().ljust(600), 0)


@contextmanager
def grip(job: int, *, wait: float = 0) -> Iterator[Grip | None]:
    """Hold ``job`` as the one who works on it; None where another process does, and still does
    after ``wait`` seconds."""
    path = _path(job)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield Grip(descriptor) if _locked(descriptor, wait) else None
    finally:
        os.close(descriptor)


def _locked(descriptor: int, wait: float) -> bool:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            return True


def read(job: int) -> Progress:
    """How far ``job`` is; nothing known before it has begun."""
    try:
        step, done, total = json.loads(_path(job).read_text())
        return Progress(step, done, total)
    except (FileNotFoundError, ValueError):
        return Progress()


def forget(job: int) -> None:
    _path(job).unlink(missing_ok=True)


def _path(job: int) -> Path:
    return Path(settings.JOBS_ROOT) / f"{job}.live"
