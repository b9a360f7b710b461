"""The files that rows name. Each lies under its own digest and never changes."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from sanneng.core.domain import evidence
from sanneng.core.errors import SannengError
from sanneng.core.models import Evidence
from sanneng.reports import library
from sanneng.reports.models import Report


@dataclass(frozen=True)
class FileStore:
    """Files named by the ``digest`` of the rows of ``model``; ``name`` is their folder in a
    backup, ``root`` the setting that says where they lie."""

    name: str
    model: type[models.Model]
    root: str
    path_of: Callable[[str], Path]

    @property
    def folder(self) -> Path:
        return Path(getattr(settings, self.root))

    def digests(self, using: str = "default") -> set[str]:
        """The digests of all files that rows name."""
        rows = self.model._base_manager.using(using).exclude(digest="")
        return set(rows.order_by().values_list("digest", flat=True).distinct())


STORES = (
    FileStore("evidence", Evidence, "EVIDENCE_ROOT", evidence.path_of),
    FileStore("reports", Report, "REPORTS_ROOT", library.path_of),
)


@contextmanager
def nothing_is_deleted() -> Iterator[None]:
    """No evidence file goes away meanwhile: whoever would delete one leaves it (see
    ``core.domain.evidence.forget_unused``)."""
    with evidence.deletion_lock().open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


def named_files(using: str = "default") -> Iterator[tuple[FileStore, str, Path]]:
    """Every file that a row names: its store, its digest, and where it ought to lie."""
    for store in STORES:
        for digest in sorted(store.digests(using)):
            yield store, digest, store.path_of(digest)


STRAY_AFTER = 24 * 3600


def strays() -> Iterator[Path]:
    """Files that no row names and that are a day old: what a crash or a deletion during a
    backup left behind. They do no harm but take up space."""
    too_young = time.time() - STRAY_AFTER
    for store in STORES:
        named = {store.path_of(digest) for digest in store.digests()}
        for path in store.folder.rglob("*"):
            if path.is_file() and path not in named and path.stat().st_mtime < too_young:
                yield path


@transaction.atomic
def tidy() -> int:
    """Delete the strays; returns how many. Raises SannengError while a backup runs."""
    with evidence.deletion_lock().open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SannengError(_("正在备份，请等备份结束后再清理。"), code="busy") from error
        found = list(strays())
        for path in found:
            path.unlink()
    return len(found)
