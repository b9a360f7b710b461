"""Corrections of approved records: propose, consent, refuse, take back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Body, Path, Query, Router
from pydantic import BaseModel, Field

from sanneng.api.callers import Caller, caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.lists import signature
from sanneng.api.presenting import hidden_in, named
from sanneng.api.problems import not_found
from sanneng.api.records import check_version, expected_version, record_of, resolved
from sanneng.api.shapes import SchoolName, Strict, camel, shapes_of
from sanneng.api.steps import Nothing
from sanneng.api.values import Id, Key, Reason
from sanneng.core.domain import corrections as domain
from sanneng.core.enums import ApiScope, CorrectionState
from sanneng.core.models import Correction, Record
from sanneng.core.registry import RecordType, all_types

TAGS = ("更正",)
PAGE = 100
STATES: Any = Literal[tuple(CorrectionState.values)]
ONE = {"id": (Id, Path(...))}


class ShownCorrection(BaseModel):
    id: int
    school: SchoolName
    type: str
    record: int
    state: STATES
    values: dict[str, Any] = Field(description="更正后的值；引用是编号和名称")
    base_version: int
    reason: str
    refusal: str
    proposed_at: dt.datetime
    proposed_by: str
    decided_at: dt.datetime | None
    decided_by: str | None


class CorrectionList(BaseModel):
    items: list[ShownCorrection]
    next: str | None


class WithReason(Strict):
    reason: Reason


def add_corrections(router: Router) -> None:
    for record_type in all_types():
        _add_proposing(router, record_type)
    endpoint(
        router, "GET", "/corrections/", name="listCorrections", summary="等您处理或您提出的更正",
        scope=ApiScope.RECORDS_READ, response=CorrectionList, tags=TAGS,
    )(listing)  # fmt: skip
    decided: dict[str, Any] = {"response": ShownCorrection, "tags": TAGS, "refusals": (409, 412)}
    endpoint(
        router, "POST", "/corrections/{int:id}/apply/", name="applyCorrection", summary="同意更正",
        scope=ApiScope.RECORDS_DECIDE, **decided,
    )(consent)  # fmt: skip
    endpoint(
        router, "POST", "/corrections/{int:id}/refuse/", name="refuseCorrection",
        summary="不同意更正", scope=ApiScope.RECORDS_DECIDE, **decided,
    )(refuse)  # fmt: skip
    endpoint(
        router, "POST", "/corrections/{int:id}/withdraw/", name="withdrawCorrection",
        summary="撤回自己的更正", scope=ApiScope.RECORDS_WRITE, **decided,
    )(withdraw)  # fmt: skip


def _add_proposing(router: Router, record_type: RecordType) -> None:
    def propose(request: HttpRequest, id: int, given: Any) -> Reply:
        record, caller = record_of(request, record_type, id), caller_of(request)
        check_version(request, record)
        values = resolved(
            given.values, record_type=record_type, school=record.school, caller=caller
        )
        made = domain.propose_correction(
            record=record,
            values=values,
            by=caller.user,
            reason=given.reason,
            version=expected_version(request) or record.version,
        )
        return Reply(_shown([made], caller)[0])

    def of_record(request: HttpRequest, id: int) -> dict[str, Any]:
        record = record_of(request, record_type, id)
        rows = domain.corrections_of(record).select_related("school", "content_type")[:PAGE]
        return {"items": _shown(list(rows), caller_of(request)), "next": None}

    of_record.__signature__ = signature(ONE)  # type: ignore[attr-defined]
    path, name = f"/records/{record_type.code}/{{int:id}}/corrections/", camel(record_type.code)
    endpoint(
        router, "GET", path, name=f"list{name}Corrections",
        summary=f"一条{record_type.label}的更正", scope=ApiScope.RECORDS_READ,
        response=CorrectionList, tags=(record_type.label,),
    )(of_record)  # fmt: skip
    body = shapes_of(record_type).correction
    propose.__signature__ = signature({**ONE, "given": (body, Body(...))})  # type: ignore[attr-defined]
    endpoint(
        router, "POST", path, name=f"correct{name}", summary=f"申请更正{record_type.label}",
        scope=ApiScope.RECORDS_WRITE, response=ShownCorrection, status=201,
        tags=(record_type.label,), refusals=(409, 412), versioned="may",
    )(propose)  # fmt: skip


def listing(
    request: HttpRequest,
    school: Annotated[Key | None, Query(description="学校代码")] = None,
    state: Annotated[STATES | None, Query(description="状态")] = None,
    after: Annotated[Id | None, Query(description="只要 id 比它小的")] = None,
) -> dict[str, Any]:
    caller = caller_of(request)
    found = _mine(caller)
    if school is not None:
        found = found.filter(school=caller.school(school))
    if state is not None:
        found = found.filter(state=state)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query["after"] = str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    return {
        "items": _shown(rows[:PAGE], caller),
        "next": f"{request.path}?{query.urlencode()}" if len(rows) > PAGE else None,
    }


def _mine(caller: Caller) -> QuerySet[Correction]:
    """What the caller has proposed, or may decide, or stands in records that it reads."""
    wanted = Q(proposed_by=caller.user)
    for record_type in all_types():
        model = record_type.model
        schools = caller.rights.schools(record_type.access.decide)
        if schools.exists():
            kind = ContentType.objects.get_for_model(model)
            wanted |= Q(content_type=kind, school__in=schools)
    return (
        Correction.objects.filter(wanted, school__in=caller.schools())
        .select_related("school", "content_type", "proposed_by", "decided_by")
        .order_by("-pk")
    )


def consent(request: HttpRequest, id: int, given: Any) -> Reply:
    correction, caller = _correction(request, id), caller_of(request)
    domain.apply_correction(correction=correction, by=caller.user)
    return Reply(_shown([correction], caller)[0])


def refuse(request: HttpRequest, id: int, given: Any) -> Reply:
    correction, caller = _correction(request, id), caller_of(request)
    domain.refuse_correction(correction=correction, by=caller.user, reason=given.reason)
    return Reply(_shown([correction], caller)[0])


def withdraw(request: HttpRequest, id: int, given: Any) -> Reply:
    correction, caller = _correction(request, id), caller_of(request)
    domain.withdraw_correction(correction=correction, by=caller.user)
    return Reply(_shown([correction], caller)[0])


for _view, _body in ((consent, Nothing), (refuse, WithReason), (withdraw, Nothing)):
    _view.__signature__ = signature({**ONE, "given": (_body, Body(...))})  # type: ignore[attr-defined]


def _correction(request: HttpRequest, pk: int) -> Correction:
    """The correction where the caller may read its record."""
    caller = caller_of(request)
    found = Correction.objects.filter(pk=pk, school__in=caller.schools()).first()
    if found is None:
        raise not_found()
    model = found.content_type.model_class()
    if model is None or not issubclass(model, Record):
        raise not_found()
    if not caller.records(model).filter(pk=found.object_id).exists():
        raise not_found()
    return found


def _shown(rows: list[Correction], caller: Caller) -> list[dict[str, Any]]:
    """The corrections of records that the caller may read, without hidden values."""
    by_type: dict[type[Record], set[int]] = {}
    for row in rows:
        model = row.content_type.model_class()
        if model is not None and issubclass(model, Record):
            by_type.setdefault(model, set()).add(row.object_id)
    hidden: dict[tuple[int, int], set[str]] = {}
    for model, pks in by_type.items():
        records = list(caller.records(model).filter(pk__in=pks))
        kind = ContentType.objects.get_for_model(model).pk
        hidden |= {(kind, pk): names for pk, names in hidden_in(records, caller).items()}
    return [
        _one(row, hidden[row.content_type_id, row.object_id])
        for row in rows
        if (row.content_type_id, row.object_id) in hidden
    ]


def _one(row: Correction, hidden: set[str]) -> dict[str, Any]:
    model = row.content_type.model_class()
    assert model is not None
    return {
        "id": row.pk,
        "school": named(row.school),
        "type": model._meta.label_lower,
        "record": row.object_id,
        "state": row.state,
        "values": {
            name: _value(model._meta.get_field(name), value)
            for name, value in row.values.items()
            if name not in hidden
        },
        "base_version": row.base_version,
        "reason": row.reason,
        "refusal": row.refusal,
        "proposed_at": row.proposed_at,
        "proposed_by": str(row.proposed_by),
        "decided_at": row.decided_at,
        "decided_by": str(row.decided_by) if row.decided_by else None,
    }


def _value(field: Any, value: Any) -> Any:
    """A kept value as it is given out; a reference may be gone meanwhile."""
    if not field.is_relation or value is None:
        return value
    target = field.related_model._base_manager.filter(pk=value).first()
    return {"key": target.key, "name": str(target)} if target else None
