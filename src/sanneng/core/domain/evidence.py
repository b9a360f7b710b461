"""Evidence of records: files kept outside the web root, and references to documents elsewhere."""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.archives import check_archive
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.records import overtaken
from sanneng.core.enums import AuditAction, RecordState
from sanneng.core.errors import NotAllowed, SannengError, UnacceptableFile, WrongState
from sanneng.core.files import PIECE, pieces_of, write_whole
from sanneng.core.models import Evidence, Record, User
from sanneng.core.row_security import all_schools
from sanneng.core.transactions import one_transaction

# Any number that nothing else in the database uses as an advisory lock.
_STORE_LOCK = 0x5A6E_6E65_6E67
TITLE_LENGTH = 255
# Several titles share a spreadsheet cell, parted by these.
_SEPARATORS = re.compile("[；;]")
_OLE = (bytes.fromhex("D0CF11E0A1B11AE1"),)
_ZIP = (b"PK\x03\x04",)
_OFFICE = "application/vnd.openxmlformats-officedocument."


class _FileKind(NamedTuple):
    """How a kind of file begins, and for a container a member that it must have."""

    media_type: str
    starts: tuple[bytes, ...]
    member: str = ""


FILE_KINDS = {
    ".pdf": _FileKind("application/pdf", (b"%PDF-",)),
    ".ofd": _FileKind("application/ofd", _ZIP, "OFD.xml"),
    ".docx": _FileKind(f"{_OFFICE}wordprocessingml.document", _ZIP, "word/document.xml"),
    ".xlsx": _FileKind(f"{_OFFICE}spreadsheetml.sheet", _ZIP, "xl/workbook.xml"),
    ".pptx": _FileKind(f"{_OFFICE}presentationml.presentation", _ZIP, "ppt/presentation.xml"),
    ".doc": _FileKind("application/msword", _OLE),
    ".wps": _FileKind("application/vnd.ms-works", _OLE),
    ".xls": _FileKind("application/vnd.ms-excel", _OLE),
    ".jpg": _FileKind("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": _FileKind("image/jpeg", (b"\xff\xd8\xff",)),
    ".png": _FileKind("image/png", (b"\x89PNG\r\n\x1a\n",)),
}


class FileFacts(NamedTuple):
    """What is kept of a file beside its content: SHA-256 in hex, bytes, media type."""

    digest: str
    size: int
    media_type: str


def examine_file(*, source: IO[bytes], name: str) -> FileFacts:
    """Read ``source`` through and say what it is, without keeping it.

    Raises UnacceptableFile when it is empty, too large, of a kind that is not allowed, or
    not what the ending of ``name`` says.
    """
    kind = FILE_KINDS.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise UnacceptableFile(
            _("“{name}”的类型不允许。可以用：{kinds}。").format(
                name=name, kinds=" ".join(sorted(FILE_KINDS))
            ),
            code="kind_not_allowed",
        )
    digest, size = _measure(source, name)
    source.seek(0)
    if not source.read(8).startswith(kind.starts):
        raise _not_what_it_says(name)
    if kind.member:
        names = check_archive(source)
        if kind.member not in names or any(part.endswith("vbaProject.bin") for part in names):
            raise _not_what_it_says(name)
    source.seek(0)
    return FileFacts(digest, size, kind.media_type)


def _measure(source: IO[bytes], name: str) -> tuple[str, int]:
    source.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > settings.EVIDENCE_MAX_BYTES:
            raise UnacceptableFile(
                _("“{name}”超过 {limit} MB，请压缩或拆分后再传。").format(
                    name=name, limit=settings.EVIDENCE_MAX_BYTES >> 20
                ),
                code="too_large",
            )
        digest.update(piece)
    if size == 0:
        raise UnacceptableFile(_("“{name}”是空文件。").format(name=name), code="empty")
    return digest.hexdigest(), size


def _not_what_it_says(name: str) -> UnacceptableFile:
    return UnacceptableFile(
        _("“{name}”的内容与扩展名不符，请核对是不是选错了文件。").format(name=name),
        code="kind_mismatch",
    )


def path_of(digest: str) -> Path:
    """Where the file with ``digest`` lies: below EVIDENCE_ROOT, in folders of its first letters."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError(f"no digest: {digest!r}")
    return Path(settings.EVIDENCE_ROOT) / digest[:2] / digest[2:4] / digest


def keep_file(*, source: IO[bytes], facts: FileFacts) -> bool:
    """Put ``source`` into the store unless it is there; returns whether it is new.

    A file appears under its digest whole or not at all.
    """
    place = path_of(facts.digest)
    if place.exists():
        return False
    write_whole(place, pieces_of(source))
    return True


def clean_title(name: str) -> str:
    """``name`` without folders and control characters, cut to what a title holds."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    title = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    title = _SEPARATORS.sub("，", title)
    if len(title) > TITLE_LENGTH:
        suffix = PurePosixPath(title).suffix[:10]
        title = title[: TITLE_LENGTH - len(suffix)] + suffix
    return title


@one_transaction()
def attach_file(*, record: Record, source: IO[bytes], name: str, by: User | None) -> Evidence:
    """Keep ``source`` as evidence of ``record`` under the title ``name``.

    The same file under the same title is attached once. Raises UnacceptableFile.
    """
    title = clean_title(name)
    if not title:
        raise UnacceptableFile(_("文件没有名称，请改名后再传。"), code="name_missing")
    facts = examine_file(source=source, name=title)
    use_store()
    keep_file(source=source, facts=facts)
    evidence, _created = Evidence.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(record),
        object_id=record.pk,
        title=title,
        digest=facts.digest,
        defaults={
            "school_id": record.school_id,
            "size": facts.size,
            "media_type": facts.media_type,
            "added_by": by,
        },
    )
    return evidence


def add_reference(*, record: Record, title: str, by: User | None) -> Evidence:
    """Note a document kept elsewhere, such as its 文号, as evidence of ``record``; once."""
    title = _SEPARATORS.sub("，", " ".join(title.split()))
    if not title:
        raise SannengError(_("请写明佐证材料的名称或文号。"), code="title_missing")
    if len(title) > TITLE_LENGTH:
        raise SannengError(
            _("名称太长，请缩短到 {limit} 个字以内。").format(limit=TITLE_LENGTH),
            code="title_too_long",
        )
    evidence, _created = Evidence.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(record),
        object_id=record.pk,
        title=title,
        digest="",
        defaults={"school_id": record.school_id, "added_by": by},
    )
    return evidence


@one_transaction()
def hand_in_file(*, record: Record, source: IO[bytes], name: str, by: User) -> Evidence:
    """Attach a file that ``by`` brings. Raises NotAllowed, WrongState or UnacceptableFile.

    A file under a title that is there already is a new version of it. What is handed in cannot
    get more evidence until it is decided; an approved record only from those who decide, and
    then counts as a new version of the record.
    """
    _check_may_change(record, by)
    evidence = attach_file(record=record, source=source, name=name, by=by)
    older = record.evidence.filter(title=evidence.title, superseded_at=None)
    replaced = older.exclude(pk=evidence.pk).update(superseded_at=timezone.now())
    Evidence.objects.filter(pk=evidence.pk).update(superseded_at=None)
    _note(AuditAction.ATTACH, record, by, evidence, replaced)
    return evidence


@one_transaction()
def hand_in_reference(*, record: Record, title: str, by: User) -> Evidence:
    """Note a document kept elsewhere. Raises NotAllowed, WrongState or SannengError."""
    _check_may_change(record, by)
    evidence = add_reference(record=record, title=title, by=by)
    _note(AuditAction.ATTACH, record, by, evidence, 0)
    return evidence


@one_transaction()
def remove_evidence(*, evidence: Evidence, by: User) -> None:
    """Take evidence off a record that is still being written. What has been decided upon stays.

    Raises NotAllowed or WrongState.
    """
    record = record_of(evidence)
    _check_may_change(record, by)
    if record.state == RecordState.APPROVED:
        raise WrongState(_("已通过的记录不能移除佐证材料，可以上传新版本。"))
    digest = evidence.digest
    _note(AuditAction.DETACH, record, by, evidence, 0)
    evidence.delete()
    transaction.on_commit(lambda: forget_unused([digest]))


def record_of(evidence: Evidence) -> Record:
    """The record that ``evidence`` proves."""
    record = evidence.record
    assert isinstance(record, Record)
    return record


def _check_may_change(record: Record, by: User) -> None:
    rights = Rights(by)
    if not rights.may_edit(record):
        raise NotAllowed(_("您不能改动这条记录的佐证材料。"))
    if record.state == RecordState.APPROVED and rights.may_decide(type(record), record.school_id):
        return
    if record.state not in (RecordState.DRAFT, RecordState.RETURNED):
        raise WrongState(_("记录提交以后不能再改佐证材料，请先撤回或请审核人退回。"))


@one_transaction()
def _note(action: AuditAction, record: Record, by: User, evidence: Evidence, replaced: int) -> None:
    """Evidence belongs to the record: with it, the record is another version."""
    # Evidence adds up, so another version does not matter; that it was decided meanwhile does.
    same = type(record)._base_manager.filter(pk=record.pk, state=record.state)
    if not same.update(version=F("version") + 1):
        raise overtaken(record)
    record.refresh_from_db(fields=["version"])
    note(
        action,
        school=record.school,
        by=by,
        of=record,
        title=evidence.title,
        digest=evidence.digest,
        replaced=replaced,
        version=record.version,
    )


def open_evidence(*, evidence: Evidence) -> IO[bytes]:
    """The kept file, opened for reading. The caller has checked who may read the record.

    Raises SannengError for a mere reference, and when the file is gone from the store.
    """
    if not evidence.is_file:
        raise SannengError(_("这份佐证材料只登记了名称，没有文件。"), code="no_file")
    try:
        return path_of(evidence.digest).open("rb")
    except FileNotFoundError as error:
        raise SannengError(
            _("文件库里找不到“{title}”，请管理员从备份恢复。").format(title=evidence.title),
            code="file_lost",
        ) from error


def deletion_lock() -> Path:
    """The file that is locked, shared, while nothing in the store may go away: by a backup."""
    root = Path(settings.EVIDENCE_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    return root.with_name(f"{root.name}.lock")


def use_store() -> None:
    """Until the end of the transaction, no file goes that its rows are about to name.

    On SQLite the transaction is the only writer anyway; on PostgreSQL it takes a lock that
    ``forget_unused`` cannot share.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_STORE_LOCK])


def _has_store_alone() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_STORE_LOCK])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def forget_unused(digests: Iterable[str]) -> None:
    """Delete the files among ``digests`` that no evidence names any more.

    While a backup runs, or somebody attaches files, they stay: a file too many does no harm,
    and ``sanneng doctor --tidy`` removes it later.
    """
    wanted = {digest for digest in digests if digest}
    if not wanted:
        return
    with deletion_lock().open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not _has_store_alone():
            return
        # Schools share the store: another's evidence may name the same file.
        with all_schools():
            found = Evidence.objects.filter(digest__in=wanted)
            used = set(found.values_list("digest", flat=True))
        for digest in wanted - used:
            path_of(digest).unlink(missing_ok=True)
