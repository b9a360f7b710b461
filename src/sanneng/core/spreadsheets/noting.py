"""What an import or its undoing does to single records, for the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from sanneng.core.domain.changes import Changes, as_noted, own_fields
from sanneng.core.models import Record

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
