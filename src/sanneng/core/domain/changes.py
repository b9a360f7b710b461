"""What of a record changes: values before and after, as they are kept and as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, DataError, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from sanneng.core.domain.access import access_to
from sanneng.core.domain.refusals import explain
from sanneng.core.errors import InvalidValues
from sanneng.core.models import Record
from sanneng.core.spelling import spelling_of

Changes = dict[str, tuple[Any, Any]]
HIDDEN = "***"


def own_fields(model: type[Record]) -> list[models.Field[Any, Any]]:
    """The fields that a record of ``model`` itself records, 编号 and life cycle left out."""
    common = {field.name for field in Record._meta.get_fields()}
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in common
    ]


def as_kept(value: Any) -> Any:
    """``value`` as JSON holds it: a reference as its primary key, a date in ISO form."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


def from_kept(model: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that JSON held, as the fields of ``model`` take them.

    Raises ObjectDoesNotExist for a reference to a record that is no more.
    """
    found = {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        if field.is_relation:
            found[name] = (
                None if value is None else field.related_model._base_manager.get(pk=value)  # type: ignore[union-attr]
            )
        else:
            found[name] = field.to_python(value)  # type: ignore[union-attr]
    return found


def changes_of(record: Record, values: Mapping[str, Any]) -> Changes:
    """The ``values`` that differ from what ``record`` says, as (before, after)."""
    return {
        name: (before, value)
        for name, value in values.items()
        if (before := getattr(record, name)) != value
    }


def as_noted(model: type[Record], changes: Changes) -> Changes:
    """``changes`` for the audit log: references by their names, private values left out."""
    private = set(access_to(model).private)
    return {
        name: (HIDDEN, HIDDEN) if name in private else (_noted(before), _noted(after))
        for name, (before, after) in changes.items()
    }


def lost_with(record: Record) -> Changes:
    """What ``record`` says, for the audit log of its end; private values left out."""
    values = {
        field.name: (getattr(record, field.name), None)
        for field in own_fields(type(record))
        if getattr(record, field.name) not in (None, "")
    }
    return as_noted(type(record), values)


def _noted(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else as_kept(value)


def check_values(record: Record, values: Mapping[str, Any]) -> None:
    """Refuse values that the record cannot take, with what to do for each field.

    Raises InvalidValues. A reference must lead to a record of the same school.
    """
    faults: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, Record) and value.school_id != record.school_id:
            faults[name] = [_("没有这条记录，请重新选择。")]
    try:
        record.full_clean(exclude=[*faults, "import_batch"])
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            place = _place(name, texts, record)
            faults.setdefault(place, []).extend(texts)
    if faults:
        raise InvalidValues(faults)


def _place(name: str, texts: list[str], record: Record) -> str:
    """The field a fault belongs to; a 编号 that is taken is said of the record as a whole."""
    if name != NON_FIELD_ERRORS:
        return name
    taken = [
        str(c.violation_error_message) for c in record._meta.constraints if c.name[-4:] == "_key"
    ]
    return "key" if set(taken) & set(texts) else ""


def save_changes(record: Record, values: Mapping[str, Any], **where: Any) -> bool:
    """Write ``values``, which ``record`` holds already, where its row is still as ``where``
    says; whether it was.

    Raises InvalidValues where a rule of the database is broken.
    """
    try:
        with transaction.atomic():
            found = type(record)._base_manager.filter(pk=record.pk, **where)
            return bool(found.update(**values, spelling=spelling_of(record)))
    except (IntegrityError, DataError) as error:
        raise refused(type(record), error) from error


def refused(model: type[Record], error: DatabaseError) -> InvalidValues:
    """What the database refused, by field where it can be told."""
    refusal = explain(model=model, error=error)
    field = refusal.fields[0] if refusal.fields else ""
    return InvalidValues({field if field != "school" else "key": [refusal.message]})
