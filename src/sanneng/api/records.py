"""The records of every type: list, one, make, change, delete; made in one loop over the types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Body, Path, Query, Router
from pydantic import BaseModel

from sanneng.api.callers import Caller, caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.lists import list_signature, page_of, signature
from sanneng.api.presenting import presented, with_references
from sanneng.api.problems import Problem, not_found
from sanneng.api.shapes import camel, shapes_of
from sanneng.api.values import Id, Key
from sanneng.core.domain.changes import own_fields
from sanneng.core.domain.editing import create_record, delete_draft, edit_record, outdated_text
from sanneng.core.enums import ApiScope
from sanneng.core.errors import InvalidValues, Outdated
from sanneng.core.models import Record, School
from sanneng.core.registry import RecordType, all_types

_TAG = re.compile(r'(?:W/)?"([0-9]{1,10})"')
ONE: dict[str, tuple[Any, Any]] = {"id": (Id, Path(...))}
SCHOOL = Query(None, description="学校代码；只在一所学校有权限时可以不填")


def record_of(request: HttpRequest, record_type: RecordType, pk: int) -> Record:
    """The record where the caller may read it. Raises Problem: a foreign one is not found."""
    mine = with_references(caller_of(request).records(record_type.model), record_type)
    found = mine.filter(pk=pk).first()
    if found is None:
        raise not_found()
    assert isinstance(found, Record)
    return found


def reply_with(request: HttpRequest, record: Record, status: int | None = None) -> Reply:
    """The record as it is now, with its version as ETag."""
    record_type = next(one for one in all_types() if one.model is type(record))
    record = record_of(request, record_type, record.pk)
    headers = {"ETag": f'"{record.version}"'}
    if status == 201:
        headers["Location"] = f"{request.path}{record.pk}/"
    return Reply(presented([record], caller_of(request))[0], headers, status)


def expected_version(request: HttpRequest) -> int | None:
    """The version in If-Match; None without one. Raises Problem for what is none."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    match = _TAG.fullmatch(given.strip())
    if match is None:
        raise Problem(400, _('If-Match 要写成 "3" 这样，用记录的 version 或 ETag。'))
    return int(match[1])


def check_version(request: HttpRequest, record: Record) -> None:
    """Raises Outdated where If-Match names another version than the record has."""
    expected = expected_version(request)
    if expected is not None and expected != record.version:
        raise Outdated(outdated_text(record))


def resolved(
    given: BaseModel, *, record_type: RecordType, school: School, caller: Caller
) -> dict[str, Any]:
    """The values that were given, by field name, 编号 turned into the records they name.

    Raises InvalidValues for one that the caller cannot see in the school.
    """
    values = {name: getattr(given, name) for name in given.model_fields_set}
    faults: dict[str, list[str]] = {}
    for field in own_fields(record_type.model):
        key = values.get(field.name)
        if not field.is_relation or key is None:
            continue
        target = caller.records(field.related_model).filter(school=school, key=key).first()  # type: ignore[arg-type]
        if target is None:
            text = _("本校没有编号为“{key}”的{what}，或者您看不到它。")
            faults[field.name] = [text.format(key=key, what=field.verbose_name)]
        values[field.name] = target
    if faults:
        raise InvalidValues(faults)
    return values


def add_records(router: Router) -> None:
    """The endpoints of every record type."""
    for record_type in all_types():
        _add_type(router, record_type)


def _add_type(router: Router, record_type: RecordType) -> None:
    shapes, label = shapes_of(record_type), record_type.label
    name, path = camel(record_type.code), f"/records/{record_type.code}/"
    read, write = ApiScope.RECORDS_READ, ApiScope.RECORDS_WRITE

    def listing(request: HttpRequest, **asked: Any) -> Mapping[str, Any]:
        return page_of(record_type, caller_of(request), asked, request.path)

    listing.__signature__ = list_signature(record_type)  # type: ignore[attr-defined]

    def detail(request: HttpRequest, id: int) -> Reply:
        return reply_with(request, record_of(request, record_type, id))

    detail.__signature__ = one = signature(ONE)  # type: ignore[attr-defined]

    def create(request: HttpRequest, given: BaseModel, school: str | None) -> Reply:
        caller = caller_of(request)
        place = caller.school(school)
        values = resolved(given, record_type=record_type, school=place, caller=caller)
        made = create_record(record_type.model, school=place, values=values, by=caller.user)
        return reply_with(request, made, status=201)

    create.__signature__ = signature(  # type: ignore[attr-defined]
        {"given": (shapes.new, Body(...)), "school": (Key | None, SCHOOL)}
    )

    def edit(request: HttpRequest, id: int, given: BaseModel) -> Reply:
        record, caller = record_of(request, record_type, id), caller_of(request)
        version = expected_version(request)
        if version is None:
            raise Problem(428, _("请在 If-Match 里写明您看到的版本。"), code="version_missing")
        check_version(request, record)
        values = resolved(given, record_type=record_type, school=record.school, caller=caller)
        edit_record(record=record, values=values, by=caller.user, version=version)
        return reply_with(request, record)

    edit.__signature__ = signature(  # type: ignore[attr-defined]
        ONE | {"given": (shapes.change, Body(...))}
    )

    def delete(request: HttpRequest, id: int) -> None:
        record = record_of(request, record_type, id)
        check_version(request, record)
        delete_draft(record=record, by=caller_of(request).user)

    delete.__signature__ = one  # type: ignore[attr-defined]

    def add(method: str, where: str, view: Any, verb: str, summary: str, **more: Any) -> None:
        endpoint(
            router, method, where, name=f"{verb}{name}", summary=summary, tags=(label,), **more
        )(view)

    own = f"{path}{{int:id}}/"
    shown = {"scope": read, "response": shapes.shown}
    written = {"scope": write, "response": shapes.shown}
    add("GET", path, listing, "list", f"列出{label}", scope=read, response=shapes.page)
    add("POST", path, create, "create", f"登记{label}", status=201, **written)
    add("GET", own, detail, "get", f"查看一条{label}", **shown)
    changed = {"refusals": (409, 412, 428), "versioned": "must"}
    add("PATCH", own, edit, "edit", f"修改{label}的草稿", **written, **changed)
    gone = {"status": 204, "refusals": (409, 412), "versioned": "may"}
    add("DELETE", own, delete, "delete", f"删除{label}的草稿", scope=write, response=None, **gone)
