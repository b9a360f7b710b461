"""Records as they are given out: only what the caller may see of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet

from sanneng.api.callers import Caller
from sanneng.core.domain.access import access_to, person_account
from sanneng.core.domain.changes import own_fields
from sanneng.core.models import Record, School
from sanneng.core.registry import RecordType

_PEOPLE = ("created_by", "submitted_by", "decided_by")


def with_references(found: QuerySet[Any], record_type: RecordType) -> QuerySet[Any]:
    """``found`` with everything that giving its records out needs, in one query."""
    foreign = [field.name for field in own_fields(record_type.model) if field.is_relation]
    return found.select_related("school", *_PEOPLE, *foreign)


def presented(records: Iterable[Record], caller: Caller) -> list[dict[str, Any]]:
    """The records as JSON has them; ``hidden`` names what the caller may not see."""
    records = list(records)
    hidden = hidden_in(records, caller)
    return [_one(record, hidden[record.pk]) for record in records]


def hidden_in(records: Collection[Record], caller: Caller) -> dict[int, set[str]]:
    """For each record, by primary key, the fields that the caller may not see of it."""
    if not records:
        return {}
    model = type(next(iter(records)))
    by_school = {
        school: caller.rights.hidden_fields(model, school)
        for school in {record.school_id for record in records}
    }
    about = _about_caller(model, records, caller) if any(by_school.values()) else set()
    return {
        record.pk: set() if record.pk in about else by_school[record.school_id]
        for record in records
    }


def _about_caller(model: type[Record], records: Collection[Record], caller: Caller) -> set[int]:
    path = person_account(model)
    if path is None:
        return set()
    about = {"pk__in": [record.pk for record in records], path: caller.user.pk}
    return set(model._base_manager.filter(**about).values_list("pk", flat=True))


def _one(record: Record, hidden: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": record._meta.label_lower,
        "id": record.pk,
        "school": named(record.school),
        "key": record.key,
        "state": record.state,
        "version": record.version,
        "reason": record.reason,
        "created_at": record.created_at,
        "submitted_at": record.submitted_at,
        "decided_at": record.decided_at,
        "hidden": sorted(hidden),
    }
    for role in _PEOPLE:
        person = getattr(record, role)
        found[role] = str(person) if person is not None else None
    for field in own_fields(type(record)):
        if field.name not in hidden:
            found[field.name] = shown_value(getattr(record, field.name))
    return found


def named(school: School) -> dict[str, str]:
    return {"code": school.code, "name": school.name}


def shown_value(value: Any) -> Any:
    """A value of a field as JSON has it: a reference by its 编号 and name."""
    if isinstance(value, Record):
        return {"key": value.key, "name": str(value)}
    return value


def is_private(record_type: RecordType, path: str, caller: Caller, schools: Iterable[int]) -> bool:
    """Whether ``path`` leads to or through a field that the caller may not see somewhere in
    ``schools``: sorting or searching by it would tell what it holds."""
    model: Any = record_type.model
    for step in path.split("__"):
        if not (isinstance(model, type) and issubclass(model, Record)):
            return True
        if step in access_to(model).private and any(
            step in caller.rights.hidden_fields(model, school) for school in schools
        ):
            return True
        field = model._meta.get_field(step)
        model = field.related_model if field.is_relation else None
    return False
