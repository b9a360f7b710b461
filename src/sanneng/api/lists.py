"""Lists of records: what they can be narrowed, searched and sorted by, page by page."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from annotated_types import Ge, Le
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query

from sanneng.api.callers import Caller
from sanneng.api.presenting import is_private, presented, with_references
from sanneng.api.problems import Problem
from sanneng.api.shapes import STATES
from sanneng.api.values import Key, Words, field_at
from sanneng.core.domain.access import access_to
from sanneng.core.listing import narrowed
from sanneng.core.models import RecordQuerySet
from sanneng.core.registry import RecordType

# Counting further than this would make a long list slow and tell nobody more.
COUNT_TO = 2000
Year = Annotated[int, Ge(1900), Le(2100)]


def list_signature(record_type: RecordType) -> inspect.Signature:
    """The parameters of a type's list, from its declaration."""
    parameters = {
        "school": Query(None, description="学校代码；不填则是您能看到的所有学校"),
        "state": Query(None, description="状态"),
        "key": Query(None, description="编号"),
        "q": Query(None, description="搜索的词，空格分开，都要有"),
        "sort": Query(None, description="排序；前面加 - 是倒序"),
        "page": Query(1, description="第几页"),
        "size": Query(50, description="每页几条"),
        "after": Query(None, description="只要 id 比它大的，按 id 排序；逐批同步时用"),
    }
    kinds: dict[str, Any] = {
        "school": Key,
        "state": STATES,
        "key": Key,
        "q": Words,
        "sort": Literal[tuple(_orders(record_type))],
        "page": Annotated[int, Ge(1), Le(10_000)],
        "size": Annotated[int, Ge(1), Le(200)],
        "after": Annotated[int, Ge(0), Le(2**63 - 1)],
    }
    if record_type.time:
        parameters["year"] = Query(None, description="年份")
        kinds["year"] = Year
    for path in record_type.filters:
        field = field_at(record_type.model, path)
        parameters[path] = Query(None, description=str(field.verbose_name))
        kinds[path] = _filter_kind(field)
    return signature(
        {
            name: (kinds[name] if name in ("page", "size") else kinds[name] | None, default)
            for name, default in parameters.items()
        }
    )


def signature(parameters: Mapping[str, tuple[Any, Any]]) -> inspect.Signature:
    """A view's signature: the request, then parameters by name with type and default."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found = [inspect.Parameter("request", kind, annotation=HttpRequest)]
    for name, (annotation, default) in parameters.items():
        found.append(inspect.Parameter(name, kind, annotation=annotation, default=default))
    return inspect.Signature(found)


def _orders(record_type: RecordType) -> list[str]:
    model = record_type.model
    paths = [p for p in record_type.list_fields if not model._meta.get_field(p).is_relation]
    names = dict.fromkeys(["id", *paths])
    return [sign + name for name in names for sign in ("", "-")]


def _filter_kind(field: Any) -> Any:
    if field.choices:
        return Literal[tuple(code for code, _label in field.flatchoices if code != "")]
    if isinstance(field, models.BooleanField):
        return bool
    return Key if field.is_relation else Words


def found_by(record_type: RecordType, caller: Caller, asked: Mapping[str, Any]) -> RecordQuerySet:
    """The records that the caller may read and asks for, not yet in order.

    Raises Problem where it asks by a field that it may not see.
    """
    found = caller.records(record_type.model, asked.get("school"))
    chosen = {}
    for name in ("state", "key", *record_type.filters):
        if (value := asked.get(name)) is None:
            continue
        is_reference = name not in ("state", "key") and (
            field_at(record_type.model, name).is_relation
        )
        chosen[f"{name}__key" if is_reference else name] = value
    words = asked.get("q") or ""
    by = [name for name in record_type.filters if asked.get(name) is not None]
    by += record_type.search if words else ()
    by += [record_type.time] if asked.get("year") and record_type.time else []
    _refuse_private(record_type, by, caller, asked.get("school"))
    return narrowed(found, record_type, chosen=chosen, year=asked.get("year"), words=words)


def _refuse_private(
    record_type: RecordType, paths: list[str], caller: Caller, school: str | None
) -> None:
    schools = caller.schools()
    if school is not None:
        schools = schools.filter(code=school)
    within = list(schools.values_list("pk", flat=True))
    if any(is_private(record_type, path, caller, within) for path in paths):
        text = _("这一项您无权查看，不能用来筛选、搜索或排序。")
        raise Problem(403, text)


def page_of(
    record_type: RecordType, caller: Caller, asked: Mapping[str, Any], address: str
) -> dict[str, Any]:
    """One page of a list, how many there are in all, and where the next page is."""
    found = found_by(record_type, caller, asked)
    page, size, after = asked["page"], asked["size"], asked.get("after")
    if after is not None:
        found, order, first = found.filter(pk__gt=after), ["pk"], 0
    else:
        order, first = _order(record_type, caller, asked), (page - 1) * size
    count = len(found.order_by().values_list("pk")[:COUNT_TO])
    wanted = with_references(found, record_type).order_by(*order)[first : first + size + 1]
    records = list(wanted)
    following = None
    if len(records) > size:
        where = {"after": records[size - 1].pk} if after is not None else {"page": page + 1}
        following = _address(address, asked, where)
    return {
        "items": presented(records[:size], caller),
        "count": count,
        "count_is_exact": count < COUNT_TO,
        "next": following,
    }


def _order(record_type: RecordType, caller: Caller, asked: Mapping[str, Any]) -> list[str]:
    wanted = asked.get("sort")
    if wanted is not None:
        path = wanted.removeprefix("-")
        if path in access_to(record_type.model).private:
            _refuse_private(record_type, [path], caller, asked.get("school"))
        return [wanted, "-pk"]
    return [f"-{record_type.time}", "-pk"] if record_type.time else ["-pk"]


def _address(address: str, asked: Mapping[str, Any], changed: Mapping[str, Any]) -> str:
    query = {name: value for name, value in asked.items() if value is not None} | dict(changed)
    plain = {n: str(v).lower() if isinstance(v, bool) else v for n, v in query.items()}
    return f"{address}?{urlencode(plain)}"
