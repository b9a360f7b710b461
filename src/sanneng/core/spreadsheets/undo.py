"""Take an import back: what it created goes, what it changed is as it was."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core import registry
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import Event, note_all
from sanneng.core.domain.endings import end_with
from sanneng.core.domain.evidence import forget_unused
from sanneng.core.enums import AuditAction, BatchState, CorrectionState
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import Correction, Evidence, ImportBatch, ImportedRow, Record, User
from sanneng.core.permissions import Permission
from sanneng.core.spreadsheets.batches import types_in
from sanneng.core.spreadsheets.bulk import write_all
from sanneng.core.spreadsheets.noting import events_of_undo, fetch_names
from sanneng.core.transactions import one_transaction, take_turns

CHUNK = 500
SHOWN = 5


@one_transaction()
def undo_batch(*, batch: ImportBatch, by: User | None) -> None:
    """Undo ``batch`` in whole, or refuse and change nothing.

    Raises SannengError when the batch is undone already, when a record of it was changed or
    given evidence since, or when something else now depends on a record that it created; and
    NotAllowed. Corrections that the batch proposed and that still wait are withdrawn; those
    consented to stay. ``by`` None is the operator of the command line.
    """
    if by is not None and (text := refusal(batch, by)):
        raise NotAllowed(text)
    take_turns(batch.school)
    # The first of two who undo at once takes the batch; the other is told.
    taken = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.APPLIED).update(
        state=BatchState.UNDONE, undone_at=timezone.now()
    )
    if not taken:
        raise SannengError(_("这一批已经撤销过了。"), code="already_undone")
    digests = set(Evidence.objects.filter(import_batch=batch).values_list("digest", flat=True))
    models_ = [record_type.model for record_type in registry.all_types()]
    events = [event for model in models_ for event in _withdraw_proposals(model, batch, by)]
    for model in models_:
        events += _check_and_end(model, batch, by)
    for model in models_:
        _point_back(model, batch)
    for model in reversed(models_):
        _delete_created(model, batch)
    Evidence.objects.filter(import_batch=batch).delete()
    for model in models_:
        _restore_changed(model, batch)
    batch.refresh_from_db()
    details = {
        "workbook": batch.digest,
        "deleted": batch.created_count,
        "restored": batch.updated_count,
    }
    note_all([*events, Event(AuditAction.UNDO, batch.school, by, batch, details=details)])
    transaction.on_commit(lambda: forget_unused(digests))


def refusal(batch: ImportBatch, by: User) -> str:
    """Why ``by`` may not undo ``batch``; empty where it may."""
    rights = Rights(by)
    if not rights.may(Permission.IMPORT, batch.school):
        return _("只有本校股室人员和校领导可以撤销导入，请联系管理员。")
    not_theirs = [
        _label(model) for model in types_in(batch) if not rights.may_decide(model, batch.school)
    ]
    if not_theirs:
        return _("这一批里有您无权审核的记录（{types}），请由分管股室或校领导撤销。").format(
            types="、".join(not_theirs)
        )
    return ""


def _withdraw_proposals(model: type[Record], batch: ImportBatch, by: User | None) -> list[Event]:
    """Take back what the batch proposed and nobody has decided; returns what to note."""
    waiting = Correction.objects.filter(
        import_batch=batch,
        content_type=ContentType.objects.get_for_model(model),
        state=CorrectionState.PENDING,
    )
    by_record = dict(waiting.order_by("object_id").values_list("object_id", "pk"))
    # The record before its correction, as everybody who touches both does it.
    locked = model._base_manager.select_for_update().order_by("pk")
    records = [
        record for some in _slices(sorted(by_record)) for record in locked.filter(pk__in=some)
    ]
    waiting.update(state=CorrectionState.WITHDRAWN, decided_by=by, decided_at=timezone.now())
    fetch_names(model, records)
    return [
        Event(
            AuditAction.WITHDRAW, batch.school, by, record,
            details={"correction": by_record[record.pk], "import_batch": batch.pk},
        )
        for record in records
    ]  # fmt: skip


def _slices(pks: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(pks), CHUNK):
        yield pks[start : start + CHUNK]


def _rows(model: type[Record], batch: ImportBatch) -> models.QuerySet[ImportedRow]:
    return ImportedRow.objects.filter(
        batch=batch, content_type=ContentType.objects.get_for_model(model)
    )


def _chunks(rows: models.QuerySet[ImportedRow]) -> Iterator[list[ImportedRow]]:
    chunk: list[ImportedRow] = []
    for row in rows.order_by("pk").iterator():
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _check_and_end(model: type[Record], batch: ImportBatch, by: User | None) -> list[Event]:
    """Refuse where records were changed since, and end what waits for the others; returns what
    to note of each of them."""
    events: list[Event] = []
    for rows in _chunks(_rows(model, batch)):
        pks = [row.object_id for row in rows]
        found = model._base_manager.select_for_update().in_bulk(pks)
        changed = [
            found[row.object_id]
            for row in rows
            if row.object_id in found and found[row.object_id].version != row.after_version
        ]
        if len(found) < len(pks):
            raise SannengError(
                _("不能撤销：这一批的“{type}”里有记录已被删除。").format(type=_label(model)),
                code="changed_since",
            )
        if changed:
            raise SannengError(
                _("不能撤销：导入以后又改过{type}：{records}。请逐条处理。").format(
                    type=_label(model), records=_named(changed)
                ),
                code="changed_since",
            )
        _refuse_later_evidence(model, [row.object_id for row in rows if row.before is None], batch)
        ended = end_with(model, pks, by=by)
        fetch_names(model, list(found.values()))
        events += events_of_undo(batch, by, rows, found, ended)
    return events


def _refuse_later_evidence(model: type[Record], pks: list[int], batch: ImportBatch) -> None:
    later = (
        Evidence.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=pks
        )
        .exclude(import_batch=batch)
        .values_list("object_id", flat=True)
    )
    if found := list(model._base_manager.filter(pk__in=list(later[:SHOWN]))):
        raise SannengError(
            _("不能撤销：导入以后又给{type}加了佐证材料：{records}。请先删去这些材料。").format(
                type=_label(model), records=_named(found)
            ),
            code="changed_since",
        )


def _delete_created(model: type[Record], batch: ImportBatch) -> None:
    for rows in _chunks(_rows(model, batch).filter(before__isnull=True)):
        try:
            model._base_manager.filter(pk__in=[row.object_id for row in rows]).delete()
        except ProtectedError as error:
            dependants = list(error.protected_objects)
            raise SannengError(
                _("不能撤销：后来的记录用到了这一批的{type}：{records}。请先处理这些记录。").format(
                    type=_label(model), records=_named(dependants)
                ),
                code="depended_on",
            ) from error


def _point_back(model: type[Record], batch: ImportBatch) -> None:
    """Let changed records refer to what they referred to before, so that what the batch created
    can go. Where a rule does not permit that yet, all is left to ``_restore_changed``."""
    for rows in _chunks(_rows(model, batch).filter(before__isnull=False)):
        found = model._base_manager.in_bulk([row.object_id for row in rows])
        names: set[str] = set()
        for row in rows:
            for name, value in (row.before or {}).items():
                field: Any = model._meta.get_field(name)
                if field.is_relation:
                    setattr(found[row.object_id], field.attname, value)
                    names.add(name)
        if names:
            with contextlib.suppress(DatabaseError), transaction.atomic():
                model._base_manager.bulk_update(found.values(), sorted(names), batch_size=100)


def _restore_changed(model: type[Record], batch: ImportBatch) -> None:
    for rows in _chunks(_rows(model, batch).filter(before__isnull=False)):
        found = model._base_manager.in_bulk([row.object_id for row in rows])
        names: set[str] = set()
        was: dict[int, int] = {}
        for row in rows:
            record = found[row.object_id]
            before = dict(row.before or {})
            was[record.pk] = before.pop("version")
            names |= _put_back(record, before)
        _save(model, list(found.values()), names)
        _carry_versions(model, batch, found, was)


def _put_back(record: Record, before: dict[str, Any]) -> set[str]:
    """Set the old values; the version goes on, so that an open form still notices."""
    record.version += 1
    for name, value in before.items():
        field: Any = record._meta.get_field(name)
        setattr(record, field.attname, _typed(field, value))
    return {"version", *before}


def _typed(field: Any, value: Any) -> Any:
    if isinstance(field, models.DateTimeField):
        return value and dt.datetime.fromisoformat(value)
    return value if field.is_relation else field.to_python(value)


def _save(model: type[Record], records: list[Record], names: set[str]) -> None:
    fields = sorted(names)
    refused = write_all(
        records,
        together=lambda some: model._base_manager.bulk_update(some, fields, batch_size=100),
        alone=lambda record: record.save(update_fields=fields),
    )
    if refused:
        raise SannengError(
            _("不能撤销：{type}恢复原样会违反规则：{records}。请逐条处理。").format(
                type=_label(model), records=_named(record for record, _error in refused)
            ),
            code="depended_on",
        )


def _carry_versions(
    model: type[Record], batch: ImportBatch, found: dict[int, Record], was: dict[int, int]
) -> None:
    """Let an earlier batch still be undone: for it, the record is as it left it."""
    earlier = ImportedRow.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=list(found),
        batch__state=BatchState.APPLIED,
    ).exclude(batch=batch)
    rows = [row for row in earlier if row.after_version == was[row.object_id]]
    for row in rows:
        row.after_version = found[row.object_id].version
    ImportedRow.objects.bulk_update(rows, ["after_version"], batch_size=CHUNK)


def _label(model: type[Record]) -> str:
    return str(model._meta.verbose_name)


def _named(records: Iterable[Any]) -> str:
    """A few of ``records`` by name, and how many there are."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for record in records:
        grouped[_label(type(record))].append(str(record))
    parts = []
    for label, names in grouped.items():
        more = _(" 等 {count} 条").format(count=len(names)) if len(names) > SHOWN else ""
        parts.append(f"{label}“{'、'.join(names[:SHOWN])}”{more}")
    return "；".join(parts)
