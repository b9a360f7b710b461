"""What an import or its undoing does to single records, for the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from django.db.models import prefetch_related_objects

from sanneng.core.domain.audit import Event
from sanneng.core.domain.changes import Changes, as_noted, lost_with, own_fields
from sanneng.core.enums import AuditAction
from sanneng.core.models import ImportBatch, ImportedRow, Record, User

Raw = Mapping[str, tuple[Any, Any]]
LIFE = ("state", "reason")


def noted_changes(model: type[Record], raw: Sequence[Raw]) -> list[Changes]:
    """``raw`` are values before and after by field name, references as primary keys; returned
    as they are noted: references by name, states by label, private values left out.

    Asks once for all records that are referred to. What is no content, such as a version, is
    passed over.
    """
    fields = {field.name: field for field in own_fields(model)}
    known = {*fields, *LIFE}
    raw = [{name: pair for name, pair in one.items() if name in known} for one in raw]
    names = {
        name: _by_pk(field.related_model, (one[name] for one in raw if name in one))
        for name, field in fields.items()
        if field.is_relation
    }
    states = dict(model._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
    readings = {**names, "state": states}
    return [
        as_noted(
            model,
            {
                name: (_read(readings.get(name), before), _read(readings.get(name), after))
                for name, (before, after) in one.items()
            },
        )
        for one in raw
    ]


def _read(reading: Mapping[Any, Any] | None, value: Any) -> Any:
    return value if reading is None or value is None else reading.get(value, value)


def _by_pk(model: Any, pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Record]:
    wanted = sorted({pk for pair in pairs for pk in pair if pk is not None})
    if not wanted:
        return {}
    found = model._base_manager.in_bulk(wanted)
    fetch_names(model, list(found.values()))
    return dict(found)


def fetch_names(model: type[Record], records: Sequence[Record]) -> None:
    """Fetch what ``records`` refer to, as they are named by it, in one question for each field."""
    relations = [field.name for field in own_fields(model) if field.is_relation]
    if records and relations:
        prefetch_related_objects(records, *relations)


def events_of_undo(
    batch: ImportBatch,
    by: User | None,
    rows: list[ImportedRow],
    found: dict[int, Record],
    ended: dict[int, dict[str, list[int]]],
) -> Iterator[Event]:
    """What each record of ``rows`` (of one type, ``found`` by primary key) loses by the undoing of
    ``batch``, or gets back; ``ended`` is what ends with it."""
    if not rows:
        return
    model = type(next(iter(found.values())))
    changed = [row for row in rows if row.before is not None]
    noted = noted_changes(model, [_raw(found[row.object_id], row.before or {}) for row in changed])
    said = {row.object_id: changes for row, changes in zip(changed, noted, strict=True)}
    for row in rows:
        record = found[row.object_id]
        is_new = row.before is None
        details = {"import_batch": batch.pk, **ended.get(record.pk, {})}
        if not is_new:
            details["version"] = record.version + 1
        yield Event(
            AuditAction.DELETE if is_new else AuditAction.EDIT, batch.school, by, record,
            lost_with(record) if is_new else said[record.pk], details,
        )  # fmt: skip


def _raw(record: Record, before: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What ``record`` says now, beside what it will say again."""
    return {
        name: (getattr(record, cast(Any, record._meta.get_field(name)).attname), value)
        for name, value in before.items()
    }
