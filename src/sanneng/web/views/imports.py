"""Workbooks in: a template to fill in, a trial run, what was taken in, and how to undo it."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.enums import Ability, BatchState
from sanneng.core.errors import SannengError
from sanneng.core.models import ImportBatch, ImportedRow, Job
from sanneng.core.permissions import Permission
from sanneng.core.registry import types_of
from sanneng.core.spreadsheets.jobs import KIND, start_import
from sanneng.core.spreadsheets.template import write_template
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.web.exports import TYPES, attachment
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, rights_of, scope_of, user_of
from sanneng.web.views.work.jobs import shown_job

PAGE = 20
ROWS_SHOWN = 200
JOBS_SHOWN = 3


def listing(request: HttpRequest) -> HttpResponse:
    """Template, upload, and the batches taken in so far."""
    scope = scope_of(request, Permission.IMPORT)
    batches = ImportBatch.objects.filter(school=scope.school).select_related("imported_by")
    groups = [
        {
            "label": ability.label,
            "types": [t for t in types_of(scope.school) if t.ability == ability],
        }
        for ability in Ability
    ]
    context = {
        "scope": scope,
        "groups": [group for group in groups if group["types"]],
        "jobs": [shown_job(job) for job in _recent(request, scope)],
        "page": Paginator(batches, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "web/imports.html", context)


def _recent(request: HttpRequest, scope: Scope) -> list[Job]:
    """One's own trial runs and imports of the last days."""
    own = Job.objects.visible_to(user_of(request)).filter(school=scope.school, kind=KIND)
    return list(own[:JOBS_SHOWN])


@posted(lambda: reverse("imports"))
def upload(request: HttpRequest) -> HttpResponse:
    """Have an uploaded workbook checked; nothing is written yet."""
    scope = scope_of(request, Permission.IMPORT)
    workbook = request.FILES.get("workbook")
    try:
        if workbook is None:
            raise SannengError(_("请选择填好的 .xlsx 文件。"), code="no_file")
        job = start_import(
            upload=workbook,  # type: ignore[arg-type]
            school=scope.school,
            by=user_of(request),
            dry_run=True,
        )
    except SannengError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('imports')}?{scope.query}")
    return redirect("job", pk=job.pk)


def template(request: HttpRequest) -> HttpResponse:
    """An empty workbook for the types asked for, or for all that the school uses."""
    scope = scope_of(request, Permission.IMPORT)
    wanted = request.GET.getlist("type")
    models = [t.model for t in types_of(scope.school) if not wanted or t.code in wanted]
    made = io.BytesIO()
    write_template(made, models)
    response = attachment(_("空白表.xlsx"), TYPES["xlsx"])
    response.content = made.getvalue()
    return response


def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """What one import brought, and the button that takes it back."""
    found = _batch(request, pk)
    rows = found.rows.select_related("content_type").order_by("pk")
    context = {
        "scope": scope_of(request),
        "batch": found,
        "rows": _shown(list(rows[:ROWS_SHOWN])),
        "more": rows.count() - ROWS_SHOWN,
        "can_undo": found.state == BatchState.APPLIED,
    }
    return render(request, "web/import_batch.html", context)


def _shown(rows: list[ImportedRow]) -> list[dict[str, Any]]:
    """The records of the rows, fetched once per type; those gone again are left out."""
    by_type: dict[Any, list[int]] = {}
    for row in rows:
        by_type.setdefault(row.content_type, []).append(row.object_id)
    records = {
        (content_type.pk, record.pk): record
        for content_type, pks in by_type.items()
        for record in content_type.model_class()._base_manager.filter(pk__in=pks)
    }
    return [
        {"record": record, "is_new": row.before is None}
        for row in rows
        if (record := records.get((row.content_type_id, row.object_id))) is not None
    ]


@posted(lambda pk: reverse("import-batch", args=(pk,)))
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    found = _batch(request, pk)
    try:
        undo_batch(batch=found, by=user_of(request))
        messages.success(request, _("这一批导入已撤销，记录恢复到导入以前。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("import-batch", pk=pk)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    schools = rights_of(request).schools_for(Permission.IMPORT)
    return get_object_or_404(ImportBatch, pk=pk, school__in=schools)
