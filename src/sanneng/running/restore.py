"""Bring a backup back: everything is checked first, and either all of it comes or nothing."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain import audit
from sanneng.core.enums import AuditAction
from sanneng.core.errors import SannengError
from sanneng.core.models import AuditEntry, User
from sanneng.core.row_rules import install_row_rules
from sanneng.running.backup import PIECE, SECRETS, Progress
from sanneng.running.ledger import Happened, write_down
from sanneng.running.manifest import (
    NAME,
    Manifest,
    Member,
    UnusableBackup,
    check_migrations,
    migrations_of,
    read_manifest,
)
from sanneng.running.rows import digest_of_rows, kept_models, write_lines
from sanneng.running.sealing import BadKey, is_sealed, unseal
from sanneng.running.stores import STORES

MAX_MANIFEST = 256 << 20
_DIGEST = re.compile("[0-9a-f]{64}")
# Rows that come with the tables themselves.
_GIVEN: tuple[type[models.Model], ...] = (ContentType, Permission)


@dataclass
class Restored:
    """What was brought back and found equal: each line of ``checks`` is one check passed."""

    manifest: Manifest
    checks: list[str] = field(default_factory=list)


@contextmanager
def opened(path: Path, key: bytes | None) -> Iterator[zipfile.ZipFile]:
    """The archive of a backup, decrypted into an unnamed file where it is sealed.

    Raises UnusableBackup or BadKey.
    """
    if not path.is_file():
        raise UnusableBackup(_("找不到备份文件“{path}”。").format(path=path))
    with tempfile.TemporaryFile(dir=settings.HOME) as plain, path.open("rb") as source:
        readable: IO[bytes] = source
        if is_sealed(path):
            if key is None:
                raise BadKey(_("这份备份是加密的，请用 --key 指明密钥文件。"))
            unseal(source, plain, key)
            readable = plain
        try:
            with zipfile.ZipFile(readable) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _damaged(str(error)) from error


def _damaged(what: str) -> UnusableBackup:
    return UnusableBackup(
        _("备份文件已损坏（{what}），什么都没有恢复。请换一份备份。").format(what=what)
    )


def examine(archive: zipfile.ZipFile, progress: Progress) -> Manifest:
    """Read every member through and compare it with the manifest; nothing is written.

    Raises UnusableBackup for another format or product, and for anything that is missing,
    changed, or there without being named.
    """
    names = archive.namelist()
    if NAME not in names:
        raise UnusableBackup(_("这不是三能的备份文件：里面没有清单。"))
    if archive.getinfo(NAME).file_size > MAX_MANIFEST:
        raise _damaged(NAME)
    manifest = read_manifest(archive.read(NAME))
    stated = {f"rows/{label}.jsonl": table for label, table in manifest.tables.items()}
    stated |= manifest.files
    if len(names) != len(set(names)) or set(names) != {NAME, *stated}:
        raise _damaged(_("内容与清单不符"))
    for number, (name, member) in enumerate(stated.items(), start=1):
        if not _is_whole(archive, name, member):
            raise _damaged(name)
        progress(_("核对备份"), number, len(stated))
    for name in manifest.files:
        _place_of(name)
    return manifest


def _is_whole(archive: zipfile.ZipFile, name: str, member: Member) -> bool:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as source:
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            if size > member.size:
                return False
    return (size, digest.hexdigest()) == (member.size, member.digest)


def _place_of(name: str) -> Path:
    """Where a file of the archive belongs: worked out from its digest, never from a path that
    the archive names. Raises UnusableBackup for any other name."""
    folder, _slash, last = name.partition("/")
    if folder == "home" and last in SECRETS:
        return Path(settings.HOME) / last
    for store in STORES:
        if folder == store.name and _DIGEST.fullmatch(last):
            return store.path_of(last)
    raise _damaged(_("不认识的文件 {name}").format(name=name[:80]))


def is_empty() -> bool:
    """Whether the database holds nothing but what comes with its tables."""
    return not any(model._base_manager.exists() for model in kept_models() if model not in _GIVEN)


def restore(path: Path, *, key: bytes | None, replace: bool, with_secrets: bool,
            progress: Progress) -> Restored:  # fmt: skip
    """Bring the backup at ``path`` into this installation, tables included where it is bare.

    Raises UnusableBackup, BadKey, or SannengError where the database is not empty and
    ``replace`` is not given. Files are put in place first and harm nobody; the rows come in one
    transaction, in which they are read back and compared before it counts.
    """
    with opened(path, key) as archive:
        manifest = examine(archive, progress)
        if not migrations_of():
            call_command("migrate", verbosity=0)
        check_migrations(manifest, migrations_of())
        if not replace and not is_empty():
            raise SannengError(
                _("数据库里已有数据，没有恢复。确实要用备份整个替换时，请加 --replace。"),
                code="not_empty",
            )
        restored = Restored(manifest)
        _place_files(archive, manifest, with_secrets, restored, progress)
        try:
            with transaction.atomic():
                _replace_rows(archive, manifest, restored, progress)
                _note(path, manifest)
        except DatabaseError as error:
            raise UnusableBackup(
                _("数据库不接受备份里的数据，什么都没有改动：{error}").format(error=error)
            ) from error
    _write_down(path, manifest)
    return restored


def _place_files(
    archive: zipfile.ZipFile,
    manifest: Manifest,
    with_secrets: bool,
    restored: Restored,
    progress: Progress,
) -> None:
    placed = 0
    for number, (name, member) in enumerate(manifest.files.items(), start=1):
        if not name.startswith("home/") or with_secrets:
            _place(archive, name, member)
            placed += 1
        progress(_("放回文件"), number, len(manifest.files))
    restored.checks.append(_("文件：{count} 个，摘要全部一致").format(count=placed))
    if manifest.missing:
        restored.checks.append(
            _("注意：备份时已缺 {count} 个文件").format(count=len(manifest.missing))
        )


def _place(archive: zipfile.ZipFile, name: str, member: Member) -> None:
    place = _place_of(name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
    digest = hashlib.sha256()
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with archive.open(name) as source, os.fdopen(descriptor, "wb") as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != member.digest:
            raise _damaged(name)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def _replace_rows(
    archive: zipfile.ZipFile, manifest: Manifest, restored: Restored, progress: Progress
) -> None:
    ours = {model._meta.label_lower: model for model in kept_models()}
    if set(ours) != set(manifest.tables):
        raise UnusableBackup(_("备份里的数据表与本程序的不同，请用同一版本的程序恢复。"))
    _empty()
    with _without_row_rules():
        for number, (label, model) in enumerate(ours.items(), start=1):
            with archive.open(f"rows/{label}.jsonl") as lines:
                write_lines(model, lines)
            progress(_("写入数据"), number, len(ours))
        _restart_sequences(list(ours.values()))
        connection.check_constraints()
    ContentType.objects.clear_cache()
    for number, (label, model) in enumerate(ours.items(), start=1):
        table = manifest.tables[label]
        if digest_of_rows(model) != (table.rows, table.digest):
            raise UnusableBackup(
                _("读回的“{label}”与备份不一致，什么都没有改动。").format(label=label)
            )
        progress(_("读回核对"), number, len(ours))
    restored.checks.append(
        _("数据：{tables} 张表 {rows} 行，逐行读回，与备份一致").format(
            tables=len(ours), rows=manifest.rows
        )
    )
    _check_meaning(manifest, restored)


def _check_meaning(manifest: Manifest, restored: Restored) -> None:
    if faults := audit.verify(manifest.heads):
        raise UnusableBackup(
            _("备份里的审计链不完整：{fault}。什么都没有改动。").format(fault=faults[0])
        )
    restored.checks.append(
        _("审计链：{entries} 条完整，链头与备份时一致").format(entries=AuditEntry.objects.count())
    )
    accounts = [user for user in User.objects.filter(is_active=True) if user.has_usable_password()]
    restored.checks.append(
        _("账号：{count} 个可用原密码登录，所有会话已结束").format(count=len(accounts))
    )


def _empty() -> None:
    """Every table of the program, sessions too; the migrations' own stays."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    flush = connection.ops.sql_flush(
        no_style(), tables, reset_sequences=True, allow_cascade=connection.vendor == "postgresql"
    )
    with connection.cursor() as cursor:
        for statement in flush:
            cursor.execute(statement)


@contextmanager
def _without_row_rules() -> Iterator[None]:
    """A rule that looks at other rows would depend on the order in which rows come back. They
    met every rule when they were written; constraints and foreign keys are checked anew."""
    before = _triggers()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for name, table in before:
            on = f" ON {quote(table)}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {quote(name)}{on}")
    yield
    for app_config in apps.get_app_configs():
        install_row_rules(app_config)
    if _triggers() != before:
        raise UnusableBackup(_("数据库里有本程序不认识的触发器，什么都没有改动。请先移除再恢复。"))


def _triggers() -> set[tuple[str, str]]:
    """Every trigger with its table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            if connection.vendor == "sqlite"
            else "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        )
        return set(cursor.fetchall())


def _restart_sequences(restored: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), restored):
            cursor.execute(statement)


def _note(path: Path, manifest: Manifest) -> None:
    audit.note(
        AuditAction.RESTORE,
        school=None,
        by=None,
        file=path.name,
        made_at=manifest.made_at,
        rows=manifest.rows,
        files=len(manifest.files),
    )


def _write_down(path: Path, manifest: Manifest) -> None:
    write_down(
        Happened(
            "restore",
            at=timezone.now().isoformat(timespec="seconds"),
            file=str(path.resolve()),
            manifest=hashlib.sha256(manifest.to_bytes()).hexdigest(),
            heads=manifest.heads,
            rows=manifest.rows,
            files=len(manifest.files),
        )
    )
