"""Workbooks in: a template to fill in, a trial run, what was taken in, and how to undo it."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.enums import Ability, BatchState, CorrectionState
from sanneng.core.errors import SannengError
from sanneng.core.models import ImportBatch, ImportedRow, Job
from sanneng.core.permissions import Permission
from sanneng.core.registry import types_of
from sanneng.core.spreadsheets.batches import types_in
from sanneng.core.spreadsheets.jobs import KIND, start_import
from sanneng.core.spreadsheets.template import write_template
from sanneng.core.spreadsheets.undo import refusal as undo_refusal
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
    rows, hidden = _readable(found, rights_of(request))
    is_applied = found.state == BatchState.APPLIED
    not_undone = undo_refusal(found, user_of(request)) if is_applied else ""
    context = {
        "scope": scope_of(request),
        "batch": found,
        "rows": _shown(list(rows.select_related("content_type").order_by("pk")[:ROWS_SHOWN])),
        "more": rows.count() - ROWS_SHOWN,
        "hidden": hidden,
        "can_undo": is_applied and not not_undone,
        "not_undone": not_undone,
    }
    return render(request, "web/import_batch.html", context)


def _readable(batch: ImportBatch, rights: Rights) -> tuple[QuerySet[ImportedRow], int]:
    """The rows whose records are there and may be read, and how many more are there."""
    readable, hidden = Q(pk__in=[]), 0
    for model in types_in(batch):
        kind = ContentType.objects.get_for_model(model)
        of_type = batch.rows.filter(content_type=kind).values("object_id")
        there = model._base_manager.filter(pk__in=of_type)
        mine = there.filter(rights.reads(model))
        hidden += there.count() - mine.count()
        readable |= Q(content_type=kind, object_id__in=mine.values("pk"))
    return batch.rows.filter(readable), hidden


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
        if stays := found.corrections.filter(state=CorrectionState.APPLIED).count():
            messages.warning(
                request,
                _("其中 {number} 份更正已由别人同意，不随撤销恢复，需要时请逐条更正。").format(
                    number=stays
                ),
            )
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("import-batch", pk=pk)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    schools = rights_of(request).schools_for(Permission.IMPORT)
    return get_object_or_404(ImportBatch, pk=pk, school__in=schools)
