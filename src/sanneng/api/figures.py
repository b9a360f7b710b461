"""Indicators: the catalogue, values, breakdowns, and the way down to records and people."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Query, Router

from sanneng.api.asking import AsOf, PeriodText, SchoolCode, asked_day, asked_period
from sanneng.api.callers import Caller, caller_of
from sanneng.api.endpoints import endpoint
from sanneng.api.figure_shapes import (
    AbsentPeople,
    Catalogue,
    Figures,
    Parts,
    RecordsBehind,
    ShownFigure,
    behind_shown,
    entry_shown,
    figure_shown,
)
from sanneng.api.presenting import is_private
from sanneng.api.problems import Problem, not_found
from sanneng.api.values import Key, Words
from sanneng.core.enums import ApiScope
from sanneng.core.models import Record, School
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType, type_of
from sanneng.indicators.atoms import PARTS_OF_A_DATE
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.datasets import dataset_model
from sanneng.indicators.drill import breakdown, missing, querysets, records_behind
from sanneng.indicators.entries import Entry
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.periods import Period
from sanneng.people.models import Staff

TAGS = ("指标",)
PAGE = 200

Indicator = Annotated[Key, Path(description="指标代码")]


class Asked(NamedTuple):
    """What a request about one indicator asks for."""

    entry: Entry
    school: School
    as_of: dt.date
    period: Period | None

    @property
    def question(self) -> dict[str, Any]:
        return {"school": self.school, "as_of": self.as_of, "period": self.period}


def add_figures(router: Router) -> None:
    def add(path: str, view: Any, name: str, summary: str, response: Any) -> None:
        endpoint(
            router, "GET", path, name=name, summary=summary, response=response, tags=TAGS,
            scope=ApiScope.FIGURES_READ,
        )(view)  # fmt: skip

    add("/indicators/", catalogue, "listIndicators", "指标目录", Catalogue)
    add("/figures/", figures, "listFigures", "工作报告里的全部数字", Figures)
    one = "/indicators/{indicator}"
    add(f"{one}/value/", value, "getFigure", "一个指标的值", ShownFigure)
    add(f"{one}/breakdown/", split, "getBreakdown", "按年份或一项内容分开", Parts)
    add(f"{one}/records/", behind, "getRecordsBehind", "指标背后您能看到的记录", RecordsBehind)
    add(f"{one}/missing/", absent, "getMissing", "覆盖类指标里还没有参加的人", AbsentPeople)


def catalogue(request: HttpRequest) -> dict[str, Any]:
    _may_see_figures(caller_of(request))
    return {"items": [entry_shown(entry) for entry in load_catalogue()]}


def figures(request: HttpRequest, school: SchoolCode = None, as_of: AsOf = None) -> dict[str, Any]:
    place = caller_of(request).school(school, needs=Permission.SEE_FIGURES)
    stated = load_catalogue().figures
    found = evaluate(ids=[e.id for e in stated], school=place, as_of=asked_day(as_of))
    return {"items": [figure_shown(one, place) for one in found.values()]}


def value(
    request: HttpRequest,
    indicator: Indicator,
    school: SchoolCode = None,
    as_of: AsOf = None,
    period: PeriodText = None,
) -> dict[str, Any]:
    asked = _asked(request, indicator, school, as_of, period)
    found = evaluate(ids=[asked.entry.id], **asked.question)[asked.entry.id]
    return figure_shown(found, asked.school)


def split(
    request: HttpRequest,
    indicator: Indicator,
    by: Annotated[
        Words, Query("year", description="year、quarter、month，或记录的一项，如 level")
    ] = "year",
    school: SchoolCode = None,
    as_of: AsOf = None,
    period: PeriodText = None,
) -> dict[str, Any]:
    asked = _asked(request, indicator, school, as_of, period)
    _check_dimension(asked, by, caller_of(request))
    parts = breakdown(asked.entry.id, by=by, **asked.question)
    return {"items": [{"label": label, "value": number} for label, number in parts]}


def behind(
    request: HttpRequest,
    indicator: Indicator,
    school: SchoolCode = None,
    as_of: AsOf = None,
    period: PeriodText = None,
    page: Annotated[int, Query(1, ge=1, le=10_000)] = 1,
) -> dict[str, Any]:
    asked, caller = _asked(request, indicator, school, as_of, period), caller_of(request)
    refs = records_behind(asked.entry.id, **asked.question)
    versions = {(ref.dataset, ref.pk): ref.version for ref in refs}
    seen = [
        (found.model, pk)
        for found in querysets(refs)
        for pk in caller.records(found.model)
        .filter(pk__in=found.values("pk"))
        .order_by("pk")
        .values_list("pk", flat=True)
    ]
    first = (page - 1) * PAGE
    items = [behind_shown(record, versions) for record in _records_of(seen[first : first + PAGE])]
    query = request.GET.copy()
    query["page"] = str(page + 1)
    more = len(seen) > first + PAGE
    return {
        "items": items,
        "count": len(refs),
        "next": f"{request.path}?{query.urlencode()}" if more else None,
    }


def absent(
    request: HttpRequest,
    indicator: Indicator,
    school: SchoolCode = None,
    as_of: AsOf = None,
    period: PeriodText = None,
) -> dict[str, Any]:
    asked, caller = _asked(request, indicator, school, as_of, period), caller_of(request)
    people = missing(asked.entry.id, **asked.question)
    seen = caller.records(Staff).in_bulk([one.staff_id for one in people])
    return {
        "items": [
            {"key": seen[one.staff_id].key, "name": one.name, "year": one.year}
            for one in people
            if one.staff_id in seen
        ]
    }


def _may_see_figures(caller: Caller) -> None:
    if not caller.schools(Permission.SEE_FIGURES).exists():
        raise Problem(403, _("您没有查看指标的权限，请联系管理员。"))


def _asked(
    request: HttpRequest,
    indicator: str,
    school: str | None,
    as_of: dt.date | None,
    period: str | None,
) -> Asked:
    caller = caller_of(request)
    place = caller.school(school, needs=Permission.SEE_FIGURES)
    entries = load_catalogue()
    if indicator not in entries:
        raise not_found()
    day = asked_day(as_of)
    return Asked(entries[indicator], place, day, asked_period(period, day))


def _check_dimension(asked: Asked, by: str, caller: Caller) -> None:
    """Figures are for all who may see them; what single records say is for their readers.

    Parts of a date and codes say how many of each kind. Any other field names people and
    things, and needs the right to read every record of the type.
    """
    if by in PARTS_OF_A_DATE:
        return
    entries = load_catalogue()
    parts = [asked.entry, *(entries[one] for one in asked.entry.of)]
    for dataset in dict.fromkeys(part.dataset for part in parts if part.dataset):
        _check_path(type_of(dataset_model(dataset)), by, asked.school, caller)


def _check_path(record_type: RecordType, by: str, school: School, caller: Caller) -> None:
    path = by.replace(".", "__")
    try:
        if is_private(record_type, path, caller, [school.pk]):
            raise not_found()
        field: Any = _last_field(record_type.model, path)
    except FieldDoesNotExist:
        return  # The breakdown itself says which dimensions there are.
    if field.choices or isinstance(field, models.BooleanField):
        return
    if not caller.rights.roles(school) & record_type.access.read:
        raise Problem(403, _("您不能按这一项查看，请换一项，如 year。"))


def _last_field(model: type[Record], path: str) -> Any:
    owner: Any = model
    field: Any = None
    for step in path.split("__"):
        field = owner._meta.get_field(step)
        owner = field.related_model if field.is_relation else owner
    return field


def _records_of(seen: list[tuple[type[Record], int]]) -> list[Record]:
    by_model: dict[type[Record], list[int]] = {}
    for model, pk in seen:
        by_model.setdefault(model, []).append(pk)
    found: list[Record] = []
    for model, pks in by_model.items():
        foreign = [f.name for f in model._meta.concrete_fields if f.is_relation]
        found += model._base_manager.select_related(*foreign).filter(pk__in=pks).order_by("pk")
    return found
