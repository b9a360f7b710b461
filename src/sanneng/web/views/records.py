from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain import records as steps
from sanneng.core.enums import Ability, RecordState
from sanneng.core.errors import SannengError
from sanneng.core.models import Record
from sanneng.core.registry import RecordType, all_types, type_by_code
from sanneng.indicators.drill import figures_with
from sanneng.web.exports import heading, shown, spreadsheet
from sanneng.web.filters import Filters
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, scope_of

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
    scope = scope_of(request)
    groups = [
        {
            "label": ability.label,
            "types": [
                {"type": t, **_counts(t, request, scope)}
                for t in all_types() if t.ability == ability
            ],
        }
        for ability in Ability
    ]  # fmt: skip
    return render(request, "web/record_types.html", {"scope": scope, "groups": groups})


def _counts(record_type: RecordType, request: HttpRequest, scope: Scope) -> dict[str, int]:
    """How many records of a type count, and how many wait for a decision."""
    mine = record_type.model.objects.visible_to(request.user).filter(school=scope.school)
    waiting = mine.filter(state=RecordState.SUBMITTED).count()
    return {"count": mine.counted().count(), "waiting": waiting}


def listing(request: HttpRequest, code: str) -> HttpResponse:
    """The records of one type: filters, search, sort and page, all of it in the address."""
    record_type, scope = _type(code), scope_of(request)
    visible = record_type.model.objects.visible_to(request.user).filter(school=scope.school)
    filters = Filters(record_type, request.GET, visible)
    pages = BoundedPaginator(filters.apply().select_related(*_foreign(record_type)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "type": record_type,
        "filters": filters,
        "headings": [_Heading(record_type, path, filters) for path in record_type.list_fields],
        "page": page,
        "pages": pages,
        "rows": [(r, [shown(r, path) for path in record_type.list_fields]) for r in page],
    }
    template = "web/parts/record_rows.html" if request.htmx else "web/records.html"  # type: ignore[attr-defined]
    return render(request, template, context)


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
    """Exactly what the list shows, over all its pages."""
    record_type, scope = _type(code), scope_of(request)
    visible = record_type.model.objects.visible_to(request.user).filter(school=scope.school)
    found = Filters(record_type, request.GET, visible).apply()
    return spreadsheet([found], name=record_type.label, form=form)


def detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One record: its fields, its parts, its evidence, and who decided what when."""
    record_type = _type(code)
    record = _record(request, record_type, pk)
    generic = {field.name for field in Record._meta.get_fields()}
    fields = [
        (heading(record_type.model, f.name), shown(record, f.name), _target(record, f))
        for f in record._meta.concrete_fields
        if f.name not in generic and f.name != "id"
    ]
    own = record.submitted_by_id == request.user.pk
    scope = scope_of(request)
    rights = scope.rights
    decides = rights.may_decide(type(record), record.school_id)
    context = {
        "scope": scope,
        "type": record_type,
        "record": record,
        "figures": figures_with(record, as_of=scope.as_of),
        "fields": fields,
        "parts": list(_parts(request, record)),
        "evidence": record.evidence.all(),
        "can_submit": rights.may_edit(record) and record.state in steps.SUBMIT.sources,
        "can_approve": decides and not own and record.state in steps.APPROVE.sources,
        "can_return": decides and record.state in steps.RETURN.sources,
        "own_submission": decides and own and record.state in steps.APPROVE.sources,
        "can_void": decides and record.state in steps.VOID.sources,
    }
    return render(request, "web/record.html", context)


@posted(lambda code, pk, step: reverse("record", args=(code, pk)))
def take_step(request: HttpRequest, code: str, pk: int, step: str) -> HttpResponse:
    """Submit, approve, return or void a record."""
    record_type = _type(code)
    record = _record(request, record_type, pk)
    reason = request.POST.get("reason", "")
    actions: dict[str, Any] = {
        "submit": lambda: steps.submit_record(record=record, by=request.user),  # type: ignore[arg-type]
        "approve": lambda: steps.approve_record(record=record, by=request.user),  # type: ignore[arg-type]
        "return": lambda: steps.return_record(record=record, by=request.user, reason=reason),  # type: ignore[arg-type]
        "void": lambda: steps.void_record(record=record, by=request.user, reason=reason),  # type: ignore[arg-type]
    }
    if step not in actions:
        raise Http404
    try:
        actions[step]()
        messages.success(request, _("已完成：{state}").format(state=record.get_state_display()))  # type: ignore[attr-defined]
    except SannengError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("record", args=(record_type.code, record.pk)))


def _type(code: str) -> RecordType:
    try:
        return type_by_code(code)
    except KeyError:
        raise Http404 from None


def _record(request: HttpRequest, record_type: RecordType, pk: int) -> Record:
    """The record where the user may read it; a foreign one is not found."""
    mine = record_type.model.objects.visible_to(request.user)
    found = get_object_or_404(mine.select_related(*_foreign(record_type)), pk=pk)
    assert isinstance(found, Record)
    return found


def _foreign(record_type: RecordType) -> list[str]:
    return [f.name for f in record_type.model._meta.concrete_fields if f.is_relation]


def _target(record: Record, field: Any) -> tuple[str, int] | None:
    """The record that a reference leads to."""
    if not field.is_relation or not issubclass(field.related_model, Record):
        return None
    pk = getattr(record, field.attname)
    return (field.related_model._meta.label_lower, pk) if pk else None


def _parts(request: HttpRequest, record: Record) -> Any:
    """Records that are parts of this one: members, authors, stages, awards."""
    for record_type in all_types():
        for name in record_type.model.part_of:
            field = record_type.model._meta.get_field(name)
            if field.related_model is type(record) and name == record_type.model.part_of[0]:
                own = record_type.model.objects.visible_to(request.user).filter(
                    Q(**{name: record}) & ~Q(state=RecordState.VOIDED)
                )
                rows = list(own.select_related(*_foreign(record_type))[:51])
                if rows:
                    yield {"type": record_type, "rows": rows[:50], "more": len(rows) > 50}
