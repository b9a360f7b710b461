"""One file with everything: the rows of one moment, the files that they name, and a manifest."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction
from sanneng.core.errors import SannengError
from sanneng.core.models import AuditHead
from sanneng.running.ledger import Happened, write_down
from sanneng.running.manifest import NAME, Manifest, Member, migrations_of
from sanneng.running.rows import kept_models, lines_of
from sanneng.running.sealing import Sealer
from sanneng.running.stores import named_files, nothing_is_deleted

SNAPSHOT = "snapshot"
PIECE = 1 << 20
SUFFIX, SEALED_SUFFIX = ".zip", ".zip.sealed"
SECRETS = ("secret_key",)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Backup:
    """A finished backup: where it lies, its size in bytes, what is in it, seconds it took."""

    path: Path
    size: int
    manifest: Manifest
    seconds: float


def backup_folder() -> Path:
    return Path(settings.HOME) / "backups"


def default_target(*, sealed: bool) -> Path:
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    return backup_folder() / f"sanneng-{stamp}{SEALED_SUFFIX if sealed else SUFFIX}"


def make_backup(
    target: Path, *, key: bytes | None, with_secrets: bool, progress: Progress
) -> Backup:
    """Write a backup to ``target`` while the system is in use; ``key`` seals it.

    The rows are those of one moment: one read transaction, which on SQLite (WAL) and on
    PostgreSQL (repeatable read) holds nobody up. A file is written before the row that names
    it and none is deleted meanwhile, so that every row's file is there. The audit log notes
    the backup, ``HOME/backups.jsonl`` records it. Raises SannengError where ``target`` exists.
    """
    if target.exists():
        raise SannengError(_("“{path}”已经存在，不会覆盖，请换一个文件名。").format(path=target))
    started = time.monotonic()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _appearing_whole(target) as file, nothing_is_deleted():
        sealer = Sealer(file, key) if key is not None else None
        manifest, digest = _write_archive(sealer or file, with_secrets, progress)
        if sealer is not None:
            sealer.finish()
    made = Backup(target, target.stat().st_size, manifest, time.monotonic() - started)
    _record(made, digest, sealed=key is not None)
    return made


@contextmanager
def _appearing_whole(target: Path) -> Iterator[IO[bytes]]:
    """A file beside ``target`` that takes its name at the end, and does not stay when
    something goes wrong."""
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_archive(file: Any, with_secrets: bool, progress: Progress) -> tuple[Manifest, str]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        with snapshot():
            manifest = Manifest(
                made_at=timezone.now().isoformat(timespec="seconds"),
                database=connections[SNAPSHOT].vendor,
                migrations=migrations_of(SNAPSHOT),
                heads=list(
                    AuditHead.objects.using(SNAPSHOT)
                    .order_by("chain")
                    .values_list("chain", "number", "digest")
                ),
            )
            _write_rows(archive, manifest, progress)
            files = list(named_files(SNAPSHOT))
        for number, (store, digest, path) in enumerate(files, start=1):
            name = f"{store.name}/{digest}"
            try:
                with path.open("rb") as source:
                    manifest.files[name] = _add(archive, name, source)
            except FileNotFoundError:
                manifest.missing.append(name)
            progress(_("文件"), number, len(files))
        for name in SECRETS if with_secrets else ():
            if (Path(settings.HOME) / name).exists():
                with (Path(settings.HOME) / name).open("rb") as source:
                    manifest.files[f"home/{name}"] = _add(archive, f"home/{name}", source)
        content = manifest.to_bytes()
        archive.writestr(zipfile.ZipInfo(NAME, _DATE), content, zipfile.ZIP_DEFLATED)
    return manifest, hashlib.sha256(content).hexdigest()


_DATE = (1980, 1, 1, 0, 0, 0)


def _write_rows(archive: zipfile.ZipFile, manifest: Manifest, progress: Progress) -> None:
    models = kept_models()
    for number, model in enumerate(models, start=1):
        label = model._meta.label_lower
        info = zipfile.ZipInfo(f"rows/{label}.jsonl", _DATE)
        info.compress_type = zipfile.ZIP_DEFLATED
        digest, size, rows = hashlib.sha256(), 0, 0
        with archive.open(info, "w", force_zip64=True) as target:
            for line in lines_of(model, SNAPSHOT):
                target.write(line)
                digest.update(line)
                size, rows = size + len(line), rows + 1
        manifest.tables[label] = Member(size, digest.hexdigest(), rows)
        progress(_("数据表"), number, len(models))


def _add(archive: zipfile.ZipFile, name: str, source: IO[bytes]) -> Member:
    digest, size = hashlib.sha256(), 0
    with archive.open(zipfile.ZipInfo(name, _DATE), "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Member(size, digest.hexdigest())


@contextmanager
def snapshot() -> Iterator[None]:
    """The database as it is at this moment, to be read under the alias ``SNAPSHOT``."""
    options = dict(connections.settings["default"])
    if options["ENGINE"].endswith("sqlite3"):
        # A reader takes no place in the queue of writers.
        options["OPTIONS"] = {**options["OPTIONS"], "transaction_mode": "DEFERRED"}
    connections.settings[SNAPSHOT] = options
    try:
        # On PostgreSQL the connection says first what it may see, which has to come before.
        with connections[SNAPSHOT].cursor() as cursor:
            cursor.execute("SELECT 1")
        with transaction.atomic(using=SNAPSHOT):
            if connections[SNAPSHOT].vendor == "postgresql":
                with connections[SNAPSHOT].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The first read fixes the moment.
            AuditHead.objects.using(SNAPSHOT).exists()
            yield
    finally:
        connections[SNAPSHOT].close()
        del connections[SNAPSHOT]
        del connections.settings[SNAPSHOT]


def _record(made: Backup, manifest_digest: str, *, sealed: bool) -> None:
    manifest = made.manifest
    note(
        AuditAction.BACKUP,
        school=None,
        by=None,
        file=made.path.name,
        manifest=manifest_digest,
        rows=manifest.rows,
        files=len(manifest.files),
        sealed=sealed,
    )
    write_down(
        Happened(
            "backup",
            at=manifest.made_at,
            file=str(made.path.resolve()),
            manifest=manifest_digest,
            heads=manifest.heads,
            rows=manifest.rows,
            files=len(manifest.files),
            size=made.size,
            seconds=round(made.seconds, 2),
            sealed=sealed,
            missing=len(manifest.missing),
        )
    )


def drop_old(*, keep: int) -> list[Path]:
    """Delete the oldest backups in the default folder so that ``keep`` stay; returns them."""
    named = [
        path
        for path in backup_folder().glob("sanneng-*")
        if path.name.endswith((SUFFIX, SEALED_SUFFIX))
    ]
    gone = sorted(named, key=lambda path: path.name)[: max(len(named) - keep, 0)]
    for path in gone:
        path.unlink()
    return gone
