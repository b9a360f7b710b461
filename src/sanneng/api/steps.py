"""The life cycle of records: each step for one record and for many at once."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Body, Path, Router
from pydantic import BaseModel, Field

from sanneng.api.callers import caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.lists import signature
from sanneng.api.problems import not_found
from sanneng.api.records import check_version, record_of, reply_with
from sanneng.api.shapes import CommonFields, Strict
from sanneng.api.values import Id, Reason, StrictId
from sanneng.core.domain import bulk
from sanneng.core.domain import records as life
from sanneng.core.enums import ApiScope
from sanneng.core.models import Record
from sanneng.core.registry import RecordType, all_types, type_by_code

CODES = Literal[tuple(one.code for one in all_types())]  # type: ignore[valid-type]
TYPE = (CODES, Path(..., description="记录类型"))
STEPS: dict[str, tuple[life.Transition, str]] = {
    "submit": (life.SUBMIT, "提交"),
    "take-back": (life.TAKE_BACK, "撤回提交"),
    "approve": (life.APPROVE, "通过"),
    "return": (life.RETURN, "退回"),
    "void": (life.VOID, "作废"),
    "reopen": (life.REOPEN, "撤销审核"),
}
RECORD = {"type": TYPE, "id": (Id, Path(...))}


class WithReason(Strict):
    reason: Reason


class Nothing(Strict):
    """An empty object."""


class Some(Strict):
    ids: list[StrictId] = Field(min_length=1, max_length=bulk.LIMIT)
    dry_run: bool = Field(default=False, strict=True, description="只看结果，不改动")


class SomeWithReason(Some):
    reason: Reason


class Outlook(BaseModel):
    id: int
    refusal: str = Field(description="不能执行的原因；空的是可以执行")


class Outcome(BaseModel):
    done: int = Field(description="已处理的条数；试运行时是 0")
    outlook: list[Outlook]


class AnyRecord(CommonFields):
    """A record of any type: what all have, and its own fields as in its own endpoint."""

    model_config = {"extra": "allow"}
    type: str


def add_steps(router: Router) -> None:
    for name, (step, label) in STEPS.items():
        _add_step(router, name, step, label)


def _add_step(router: Router, name: str, step: life.Transition, label: str) -> None:
    scope = ApiScope.RECORDS_DECIDE if step.is_decision else ApiScope.RECORDS_WRITE

    def take(request: HttpRequest, type: str, id: int, given: Any) -> Reply:
        record = record_of(request, type_by_code(type), id)
        check_version(request, record)
        reason = getattr(given, "reason", "")
        life.take_step(step, record=record, by=caller_of(request).user, reason=reason)
        return reply_with(request, record)

    body = WithReason if step.needs_reason else Nothing
    take.__signature__ = signature({**RECORD, "given": (body, Body(...))})  # type: ignore[attr-defined]
    endpoint(
        router, "POST", f"/records/{{type}}/{{int:id}}/{name}/", name=f"{_camel(name)}Record",
        summary=f"{label}一条记录", scope=scope, response=AnyRecord, tags=("办理",),
        refusals=(409, 412), versioned="may",
    )(take)  # fmt: skip

    def take_all(request: HttpRequest, type: str, given: Any) -> dict[str, Any]:
        records = _all_of(request, type_by_code(type), given.ids)
        by = caller_of(request).user
        reason = getattr(given, "reason", "")
        outlook = bulk.preview(step, records=records, by=by)
        done = 0
        if not given.dry_run:
            done = bulk.take_steps(step, records=records, by=by, reason=reason)
        return {
            "done": done,
            "outlook": [{"id": one.record.pk, "refusal": one.refusal} for one in outlook],
        }

    many = SomeWithReason if step.needs_reason else Some
    take_all.__signature__ = signature({"type": TYPE, "given": (many, Body(...))})  # type: ignore[attr-defined]
    endpoint(
        router, "POST", f"/records/{{type}}/bulk/{name}/", name=f"{_camel(name)}Records",
        summary=f"{label}多条记录，要么全部成功，要么都不改动", scope=scope, response=Outcome,
        tags=("办理",), refusals=(409,),
    )(take_all)  # fmt: skip


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _all_of(request: HttpRequest, record_type: RecordType, ids: list[int]) -> list[Record]:
    """The records with ``ids``; where one of them is out of reach, none is found."""
    mine = caller_of(request).records(record_type.model).filter(pk__in=ids)
    found = list(mine.select_related("school"))
    if len(found) != len(set(ids)):
        raise not_found()
    return found
