"""What a backup says of itself, and whether this installation can take it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from sanneng import __version__
from sanneng.core.errors import SannengError

PRODUCT, FORMAT = "sanneng", 1
NAME = "manifest.json"
Heads = list[tuple[str, int, str]]


class UnusableBackup(SannengError):
    """A backup that is damaged, is none of ours, or belongs to another version."""

    code = "unusable_backup"


@dataclass
class Member:
    """A file inside the archive: bytes and SHA-256 of its content; ``rows`` for a table."""

    size: int
    digest: str
    rows: int = 0


@dataclass
class Manifest:
    """Format, product and its version, the migrations of the database, then the content:
    ``tables`` by the model's name, ``files`` by their name in the archive, the files that rows
    named but that were ``missing`` when the backup was made, and the heads of the audit log."""

    made_at: str
    database: str
    migrations: list[str]
    heads: Heads
    format: int = FORMAT
    product: str = PRODUCT
    version: str = __version__
    tables: dict[str, Member] = field(default_factory=dict)
    files: dict[str, Member] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()


def read_manifest(content: bytes) -> Manifest:
    """Raises UnusableBackup for another format or product, or for nonsense."""
    try:
        stated: dict[str, Any] = json.loads(content)
        if stated.get("product") != PRODUCT:
            raise UnusableBackup(_("这不是三能的备份文件。"))
        if stated.get("format") != FORMAT:
            raise UnusableBackup(
                _(
                    "备份的格式是第 {found} 版，本程序只认第 {known} 版。请用版本 {version} 恢复。"
                ).format(found=stated.get("format"), known=FORMAT, version=stated.get("version"))
            )
        for part in ("tables", "files"):
            stated[part] = {name: Member(**member) for name, member in stated[part].items()}
        stated["heads"] = [
            (str(chain), int(number), str(d)) for chain, number, d in stated["heads"]
        ]
        return Manifest(**stated)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableBackup(_("备份的清单读不懂，文件可能已损坏。请换一份备份。")) from error


def migrations_of(using: str = "default") -> list[str]:
    """The migrations that a database has, such as ``core.0001_initial``; sorted."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def check_migrations(manifest: Manifest, applied: list[str]) -> None:
    """Raises UnusableBackup unless the backup has exactly the tables of this program."""
    theirs, ours = set(manifest.migrations), set(applied)
    if theirs == ours:
        return
    if ours - theirs:
        raise UnusableBackup(
            _(
                "备份来自较早的版本 {version}，数据库结构不同（少 {names}）。"
                "请先装版本 {version}，恢复后再升级。"
            ).format(version=manifest.version, names=_some(ours - theirs))
        )
    raise UnusableBackup(
        _(
            "备份来自较新的版本 {version}，数据库结构不同（多 {names}）。请先升级本程序再恢复。"
        ).format(version=manifest.version, names=_some(theirs - ours))
    )


def _some(names: set[str]) -> str:
    shown = "、".join(sorted(names)[:3])
    return (
        shown
        if len(names) <= 3
        else _("{shown} 等 {count} 项").format(shown=shown, count=len(names))
    )
