"""What requests and answers about the records of a type look like."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from sanneng.api.values import Key, Reason, codes_of, described, given
from sanneng.core.domain.access import access_to
from sanneng.core.domain.changes import own_fields
from sanneng.core.enums import RecordState
from sanneng.core.registry import RecordType

# A checker of types cannot read what is made from declarations.
STATES: Any = Literal[tuple(RecordState.values)]


class Strict(BaseModel):
    """A request body: what it does not know is refused, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Reference(BaseModel):
    """Another record, by its 编号, and what it is called."""

    key: str
    name: str


class SchoolName(BaseModel):
    code: str
    name: str


class CommonFields(BaseModel):
    """What every record has."""

    id: int
    school: SchoolName
    key: str = Field(description="编号")
    state: STATES = Field(
        description="状态：" + "；".join(f"{s.value} {s.label}" for s in RecordState)
    )
    version: int = Field(description="版本，修改时放在 If-Match 里")
    reason: str = Field(description="退回或作废原因")
    created_at: dt.datetime
    created_by: str | None
    submitted_at: dt.datetime | None
    submitted_by: str | None
    decided_at: dt.datetime | None
    decided_by: str | None
    hidden: list[str] = Field(description="您无权查看、因而没有给出的项")


@dataclass(frozen=True)
class Shapes:
    """The models of one record type: a record as it is given out, a new one, a change, a
    proposed correction, and a page of a list."""

    shown: type[BaseModel]
    new: type[BaseModel]
    change: type[BaseModel]
    correction: type[BaseModel]
    page: type[BaseModel]


def camel(code: str) -> str:
    """``research.project`` as ResearchProject."""
    return "".join(part.capitalize() for part in code.split("."))


@functools.cache
def shapes_of(record_type: RecordType) -> Shapes:
    name, fields = camel(record_type.code), own_fields(record_type.model)
    if meant_twice := {field.name for field in fields} & ({*CommonFields.model_fields, "type"}):
        raise TypeError(f"{record_type.code}: {meant_twice} stand for every record's own fields")
    private = set(access_to(record_type.model).private)
    kind = (Literal[record_type.code], ...)  # type: ignore[valid-type]
    shown = {
        field.name: _documented(_shown(field), field, required=field.name not in private)
        for field in fields
    }
    optional = {field.name: _documented(given(field), field, required=False) for field in fields}
    new = {
        field.name: _documented(given(field), field, required=_is_required(field))
        for field in fields
    }
    key = (Key, Field(default=None, description="编号，不填则自动生成"))
    record = create_model(name, __base__=CommonFields, type=kind, **shown)  # type: ignore[call-overload]
    return Shapes(
        shown=record,
        new=create_model(f"{name}New", __base__=Strict, key=key, **new),  # type: ignore[call-overload]
        change=create_model(f"{name}Change", __base__=Strict, **optional),  # type: ignore[call-overload]
        correction=create_model(  # type: ignore[call-overload]
            f"{name}Correction",
            __base__=Strict,
            reason=(Reason, Field(description="更正原因")),
            values=(create_model(f"{name}Values", __base__=Strict, **optional), ...),  # type: ignore[call-overload]
        ),
        page=create_model(
            f"{name}Page",
            items=(list[record], ...),  # type: ignore[valid-type]
            count=(int, Field(description="符合条件的条数，最多数到 2000")),
            count_is_exact=(bool, ...),
            next=(str | None, Field(description="下一页的地址")),
        ),
    )


def _documented(kind: Any, field: Any, *, required: bool) -> tuple[Any, Any]:
    if required:
        return kind, Field(description=described(field))
    return kind, Field(default=None, description=described(field))


def _is_required(field: Any) -> bool:
    return not (field.blank or field.null or field.has_default())


def _shown(field: Any) -> Any:
    """The type of ``field`` as it is given out: a reference by 编号 and name."""
    if field.is_relation:
        kind: Any = Reference
    elif field.choices:
        kind = codes_of(field)
    else:
        kind = {"DateField": dt.date, "BooleanField": bool}.get(type(field).__name__)
        if kind is None:
            kind = int if "Integer" in type(field).__name__ else str
    return kind | None if field.null else kind
