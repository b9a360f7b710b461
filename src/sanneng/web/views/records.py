"""Lists of records, what can be done with many of them at once, and their files."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.enums import Ability, RecordState
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType
from sanneng.web.exports import heading, shown, spreadsheet
from sanneng.web.filters import Filters
from sanneng.web.records import foreign_keys, readable_types, type_or_404
from sanneng.web.scope import Scope, scope_of
from sanneng.web.views.bulk import BULK_STEPS
from sanneng.web.views.saved_views import views_for

PAGE = 30
# Counting further than this would make a long list slow and tell nobody more.
COUNT_TO = 2000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to ``COUNT_TO`` and no further, so that a list of 100,000 stays quick."""

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return len(found.values_list("pk")[:COUNT_TO])

    @property
    def is_bounded(self) -> bool:
        return self.count >= COUNT_TO


def types(request: HttpRequest) -> HttpResponse:
    """All record types by ability, with how many approved records each has."""
    scope = scope_of(request, Permission.SEE_RECORDS)
    mine = readable_types(scope)
    groups = [
        {
            "label": ability.label,
            "types": [{"type": t, **_counts(t, scope)} for t in mine if t.ability == ability],
        }
        for ability in Ability
    ]
    groups = [group for group in groups if group["types"]]
    return render(request, "web/record_types.html", {"scope": scope, "groups": groups})


def _counts(record_type: RecordType, scope: Scope) -> dict[str, int]:
    """How many records of a type count, and how many wait for a decision."""
    mine = visible_in(record_type, scope)
    waiting = mine.filter(state=RecordState.SUBMITTED).count()
    return {"count": mine.counted().count(), "waiting": waiting}


def visible_in(record_type: RecordType, scope: Scope) -> Any:
    """The records of a type in the page's school that the user may read."""
    model = record_type.model
    return model.objects.filter(scope.rights.reads(model), school=scope.school)


def listing(request: HttpRequest, code: str) -> HttpResponse:
    """The records of one type: filters, search, sort, columns and page, all in the address."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.SEE_RECORDS)
    filters = _filters(request, record_type, scope)
    found = filters.apply().select_related(*foreign_keys(record_type))
    pages = BoundedPaginator(found, PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "type": record_type,
        "filters": filters,
        "headings": [_Heading(record_type, path, filters) for path in filters.columns],
        "columns": _column_choices(record_type, filters),
        "page": page,
        "pages": pages,
        "rows": [(r, [shown(r, path) for path in filters.columns]) for r in page],
        "views": views_for(request, record_type, scope),
        "can_enter": scope.rights.may_enter(record_type.model, scope.school),
        "bulk_steps": _bulk_steps(record_type, scope),
        "can_export": scope.may(Permission.EXPORT),
    }
    template = "web/parts/record_rows.html" if request.htmx else "web/records.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _filters(request: HttpRequest, record_type: RecordType, scope: Scope) -> Filters:
    visible = visible_in(record_type, scope)
    return Filters(record_type, request.GET, visible, scope.hidden(record_type.model))


def _bulk_steps(record_type: RecordType, scope: Scope) -> dict[str, Any]:
    """The steps that the user may take with several records: all who decide, else handing in."""
    rights, model = scope.rights, record_type.model
    if rights.may_decide(model, scope.school):
        return BULK_STEPS
    if rights.may_enter(model, scope.school):
        return {"submit": BULK_STEPS["submit"]}
    return {}


def _column_choices(record_type: RecordType, filters: Filters) -> list[dict[str, Any]]:
    """Every column that can be shown, and whether it is."""
    return [
        {"name": path, "label": heading(record_type.model, path), "on": path in filters.columns}
        for path in filters.possible_columns
    ]


class _Heading:
    """A column heading, and the address that sorts by it."""

    def __init__(self, record_type: RecordType, path: str, filters: Filters) -> None:
        self.label = heading(record_type.model, path)
        field = record_type.model._meta.get_field(path)
        self.sortable = not field.is_relation
        self.is_down = filters.sort == f"-{path}"
        self.is_up = filters.sort == path
        self.query = filters.with_value("sort", f"-{path}" if self.is_up else path)


def export(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """Exactly what the list shows, over all its pages; noted in the audit log."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.EXPORT)
    filters = _filters(request, record_type, scope)
    return spreadsheet(
        [filters.apply()],
        name=record_type.label,
        form=form,
        rights=scope.rights,
        school=scope.school,
        columns=filters.columns,
        asked=urlencode(list(request.GET.items())),
    )
