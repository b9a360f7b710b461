from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from sanneng.core.permissions import Permission
from sanneng.core.registry import type_of
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.datasets import dataset_model
from sanneng.indicators.drill import breakdown, missing, querysets, records_behind
from sanneng.indicators.entries import Entry
from sanneng.indicators.errors import NoBreakdown
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.periods import Period
from sanneng.web.charts import by_year
from sanneng.web.exports import heading, shown, spreadsheet
from sanneng.web.scope import Scope, scope_of

PAGE = 50


def indicator(request: HttpRequest, indicator: str) -> HttpResponse:
    """A figure with its caliber, its course over the years, and the records behind it."""
    entry, scope = _entry(indicator), scope_of(request, Permission.SEE_FIGURES)
    period = _period(request)
    question: dict[str, Any] = {"school": scope.school, "as_of": scope.as_of, "period": period}
    figure = evaluate(ids=[entry.id], **question)[entry.id]
    refs = records_behind(entry.id, **question)
    groups = [_group(request, found, scope) for found in _readable(refs, scope)]
    catalogue = load_catalogue()
    context = {
        "scope": scope,
        "entry": entry,
        "figure": figure,
        "period": (period or entry.period).label(),
        "asked": period.spec() if period else "",
        "window": figure.window,
        "whole": catalogue[entry.part_of] if entry.part_of else None,
        "base": [catalogue[one] for one in (entry.population, entry.per, *entry.of) if one],
        "by_year": _by_year(entry, question),
        "by_person": _by_person(entry, question, scope),
        "missing": missing(entry.id, **question),
        "groups": groups,
        "total": len(refs),
        "unseen": len(refs) - sum(group["page"].paginator.count for group in groups),
    }
    template = "web/parts/records_behind.html" if request.htmx else "web/indicator.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def export(request: HttpRequest, indicator: str, form: str) -> HttpResponse:
    """The records behind a figure as a workbook or CSV."""
    entry, scope = _entry(indicator), scope_of(request, Permission.EXPORT)
    refs = records_behind(entry.id, school=scope.school, as_of=scope.as_of, period=_period(request))
    return spreadsheet(
        _readable(refs, scope),
        name=entry.name,
        form=form,
        rights=scope.rights,
        school=scope.school,
    )


def _entry(indicator: str) -> Entry:
    catalogue = load_catalogue()
    if indicator not in catalogue:
        raise Http404
    return catalogue[indicator]


def _period(request: HttpRequest) -> Period | None:
    """Another period than the entry's own, as a report or a check asked for it."""
    asked = request.GET.get("period", "")
    try:
        return Period.parse(asked) if asked else None
    except ValueError:
        messages.warning(
            request, _("看不懂期间“{period}”，已按指标自己的期间统计。").format(period=asked)
        )
        return None


def _readable(refs: Any, scope: Scope) -> list[Any]:
    """The records behind a figure that the user may read, by type."""
    return [found.filter(scope.rights.reads(found.model)) for found in querysets(refs)]


def _group(request: HttpRequest, found: Any, scope: Scope) -> dict[str, Any]:
    """The records of one type behind a figure: a page of them, as their own list shows them."""
    record_type = type_of(found.model)
    columns = [path for path in record_type.list_fields if path not in scope.hidden(found.model)]
    foreign = [field.name for field in found.model._meta.concrete_fields if field.is_relation]
    order = f"-{record_type.time}" if record_type.time else "pk"
    listed = found.select_related(*foreign).prefetch_related("evidence").order_by(order, "pk")
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    return {
        "type": record_type,
        "headings": [heading(found.model, path) for path in columns],
        "rows": [(r, [shown(r, path) for path in columns]) for r in page],
        "page": page,
    }


def _parts(entry: Entry, by: str, question: dict[str, Any]) -> list[tuple[str, int]]:
    try:
        return breakdown(entry.id, by=by, **question)
    except NoBreakdown:
        return []


def _by_year(entry: Entry, question: dict[str, Any]) -> dict[str, Any] | None:
    rows = _parts(entry, "year", question)
    return by_year(rows, as_of=question["as_of"]) if rows else None


def _by_person(entry: Entry, question: dict[str, Any], scope: Scope) -> list[tuple[str, int]]:
    """By the person whom the records are about, in the order of the staff list, never by rank."""
    if not entry.dataset or entry.measure not in ("count", "distinct", "average"):
        return []
    record_type = type_of(dataset_model(entry.dataset))
    # Names out of records that the reader may not see would be those records' contents.
    if not record_type.person or not scope.roles & record_type.access.read:
        return []
    return _parts(entry, record_type.person.replace("__", "."), question)
