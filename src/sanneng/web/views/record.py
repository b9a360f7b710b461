"""One record: what it says, what proves it, what was done with it, and the next step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain import corrections, editing
from sanneng.core.domain import records as steps
from sanneng.core.domain.audit import history
from sanneng.core.domain.changes import HIDDEN, Changes
from sanneng.core.domain.evidence import hand_in_file, hand_in_reference, remove_evidence
from sanneng.core.enums import AuditAction, CorrectionState, RecordState
from sanneng.core.errors import SannengError
from sanneng.core.models import AuditEntry, Correction, Evidence, Record
from sanneng.core.registry import all_types, types_of
from sanneng.indicators.drill import figures_with
from sanneng.people.models import Staff
from sanneng.web.exports import heading, said, shown
from sanneng.web.posts import posted
from sanneng.web.records import foreign_keys, record_or_404, type_or_404
from sanneng.web.scope import rights_of, scope_at, scope_of, user_of

STEPS = {
    "submit": steps.SUBMIT,
    "take-back": steps.TAKE_BACK,
    "approve": steps.APPROVE,
    "return": steps.RETURN,
    "void": steps.VOID,
    "reopen": steps.REOPEN,
}
PARTS_SHOWN = 50


def detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One record with its parts, its evidence, its figures and its history."""
    record_type = type_or_404(code)
    record = record_or_404(request, record_type, pk)
    scope, rights = scope_at(request, record.school), rights_of(request)
    hidden = rights.hidden_fields(type(record), record.school_id, record)
    open_steps = steps.steps_open_to(record, request.user, rights)  # type: ignore[arg-type]
    names = {name for name, step in STEPS.items() if step in open_steps}
    correction = corrections.pending_correction(record)
    may_edit = rights.may_edit(record)
    decides = rights.may_decide(type(record), record.school_id)
    own = record.submitted_by_id == request.user.pk
    can_edit = may_edit and record.state in (*editing.EDITABLE, RecordState.APPROVED)
    context = {
        "scope": scope,
        "type": record_type,
        "record": record,
        "figures": figures_with(record, as_of=scope.as_of),
        "fields": _fields(record, hidden),
        "parts": list(_parts(request, record)),
        "evidence": _evidence(record),
        "steps": names,
        "own_submission": decides and own and record.state in steps.APPROVE.sources,
        "can_edit": can_edit and correction is None,
        "can_delete": may_edit and record.state == RecordState.DRAFT,
        "can_attach": may_edit
        and (record.state in editing.EDITABLE or (decides and record.state == "approved")),
        "can_copy": rights.may_enter(type(record), record.school_id),
        "correction": correction,
        "correction_changes": _shown_changes(record, correction, hidden),
        "can_decide_correction": correction is not None
        and decides
        and correction.proposed_by_id != request.user.pk,
        "can_withdraw_correction": correction is not None
        and correction.proposed_by_id == request.user.pk,
        "timeline": _timeline(record, hidden),
        "years": _years_of(request, record),
    }
    return render(request, "web/record.html", context)


def _fields(record: Record, hidden: set[str]) -> list[tuple[str, str, Any]]:
    generic = {field.name for field in Record._meta.get_fields()} | {"id", "user"} | hidden
    return [
        (heading(type(record), f.name), shown(record, f.name), _target(record, f))
        for f in record._meta.concrete_fields
        if f.name not in generic
    ]


def _target(record: Record, field: Any) -> tuple[str, int] | None:
    """The record that a reference leads to."""
    if not field.is_relation or not issubclass(field.related_model, Record):
        return None
    pk = getattr(record, field.attname)
    return (field.related_model._meta.label_lower, pk) if pk else None


def _evidence(record: Record) -> list[Evidence]:
    """What is in force first, then what it replaced."""
    proofs = record.evidence.select_related("added_by")
    return sorted(proofs, key=lambda one: (one.superseded_at is not None, one.pk))


def _parts(request: HttpRequest, record: Record) -> Iterator[dict[str, Any]]:
    """Records that are parts of this one: members, authors, stages, awards."""
    rights = rights_of(request)
    for record_type in all_types():
        for name in record_type.model.part_of:
            field = record_type.model._meta.get_field(name)
            if field.related_model is type(record) and name == record_type.model.part_of[0]:
                own = record_type.model.objects.filter(
                    rights.reads(record_type.model) & Q(**{name: record})
                ).exclude(state=RecordState.VOIDED)
                rows = list(own.select_related(*foreign_keys(record_type))[: PARTS_SHOWN + 1])
                may_add = rights.may_enter(record_type.model, record.school_id)
                # A person's records are shown year by year instead.
                by_year = isinstance(record, Staff) and record_type.time is not None
                if (rows or may_add) and not by_year:
                    yield {
                        "type": record_type,
                        "rows": rows[:PARTS_SHOWN],
                        "more": len(rows) > PARTS_SHOWN,
                        "add": f"{name}={record.pk}" if may_add else "",
                    }


def _years_of(request: HttpRequest, record: Record) -> list[tuple[int, list[dict[str, Any]]]]:
    """What is recorded of a member of staff, year by year, the latest first."""
    if not isinstance(record, Staff):
        return []
    rights = rights_of(request)
    found = []
    for record_type in types_of(record.school):
        if record_type.time is None or not record_type.person:
            continue
        about = record_type.model.objects.filter(
            rights.reads(record_type.model), **{record_type.person: record.pk}
        ).exclude(state=RecordState.VOIDED)
        listed = about.select_related(*foreign_keys(record_type)).order_by(f"-{record_type.time}")
        for one in listed[:PARTS_SHOWN]:
            found.append(
                {"type": record_type, "record": one, "day": getattr(one, record_type.time)}
            )
    found.sort(key=lambda one: one["day"], reverse=True)
    return [(year, list(rows)) for year, rows in groupby(found, key=lambda one: one["day"].year)]


def _shown_changes(
    record: Record, correction: Correction | None, hidden: set[str]
) -> list[tuple[str, str, str]]:
    """What a correction would change: label, now, then."""
    if correction is None:
        return []
    return _as_read(type(record), corrections.proposed_changes(correction), hidden)


def _as_read(model: type[Record], changes: Changes, hidden: set[str]) -> list[tuple[str, str, str]]:
    return [
        (heading(model, name), said(model, name, before), said(model, name, after))
        for name, (before, after) in changes.items()
        if name not in hidden
    ]


def _timeline(record: Record, hidden: set[str]) -> list[dict[str, Any]]:
    """Who did what and when, with what was before and after; the latest first."""
    return [_entry(entry, type(record), hidden) for entry in history(record)[:100]]


def _entry(entry: AuditEntry, model: type[Record], hidden: set[str]) -> dict[str, Any]:
    fields = {field.name for field in model._meta.concrete_fields}
    changes = [
        (heading(model, name), _noted(model, name, before), _noted(model, name, after))
        for name, (before, after) in entry.details.get("changes", {}).items()
        if name in fields and name not in hidden and name != "state"
    ]
    return {
        "entry": entry,
        "changes": changes,
        "shows_changes": entry.action != AuditAction.CREATE,
        "reason": entry.details.get("reason", ""),
        "title": entry.details.get("title", ""),
    }


def _noted(model: type[Record], name: str, value: Any) -> str:
    if value == HIDDEN:
        return _("（不显示）")
    field = model._meta.get_field(name)
    return str(value) if field.is_relation and value is not None else said(model, name, value)


@posted(lambda code, pk, step: reverse("record", args=(code, pk)))
def take_step(request: HttpRequest, code: str, pk: int, step: str) -> HttpResponse:
    """Submit, take back, approve, return, void or reopen a record."""
    record_type = type_or_404(code)
    record = record_or_404(request, record_type, pk)
    if step not in STEPS:
        raise Http404
    try:
        steps.take_step(
            STEPS[step],
            record=record,
            by=user_of(request),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, _("已完成：{state}").format(state=record.get_state_display()))  # type: ignore[attr-defined]
    except SannengError as error:
        messages.error(request, str(error))
    return _back(record)


@posted(lambda code, pk: reverse("record", args=(code, pk)))
def delete(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Delete a draft."""
    record_type = type_or_404(code)
    record = record_or_404(request, record_type, pk)
    try:
        editing.delete_draft(record=record, by=user_of(request))
    except SannengError as error:
        messages.error(request, str(error))
        return _back(record)
    messages.success(request, _("草稿已删除。"))
    return redirect(f"{reverse('records', args=(code,))}?{scope_of(request).query}")


@posted(lambda code, pk: reverse("record", args=(code, pk)))
def attach(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Add files, or the name of a document kept elsewhere, as evidence."""
    record_type = type_or_404(code)
    record = record_or_404(request, record_type, pk)
    taken = 0
    try:
        for upload in request.FILES.getlist("evidence"):
            hand_in_file(
                record=record,
                source=upload,  # type: ignore[arg-type]
                name=upload.name or "",
                by=user_of(request),
            )
            taken += 1
        if title := request.POST.get("title", "").strip():
            hand_in_reference(record=record, title=title, by=user_of(request))
            taken += 1
    except SannengError as error:
        messages.error(request, str(error))
    if taken:
        messages.success(request, _("已添加 {number} 份佐证材料。").format(number=taken))
    elif not request.FILES and not request.POST.get("title", "").strip():
        messages.warning(request, _("请选择文件，或写明文号、名称。"))
    return _back(record)


@posted(lambda pk: reverse("record-types"))
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take evidence off a record that is still being written."""
    proof = get_object_or_404(Evidence, pk=pk)
    record = _record_behind(request, proof)
    try:
        remove_evidence(evidence=proof, by=user_of(request))
        messages.success(request, _("佐证材料已移除。"))
    except SannengError as error:
        messages.error(request, str(error))
    return _back(record)


@posted(lambda pk, step: reverse("record-types"))
def decide_correction(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Consent to a correction, refuse it, or take back one's own."""
    correction = get_object_or_404(Correction, pk=pk)
    record = _record_behind(request, correction)
    reason = request.POST.get("reason", "")
    user = user_of(request)
    actions = {
        "apply": lambda: corrections.apply_correction(correction=correction, by=user),
        "refuse": lambda: corrections.refuse_correction(
            correction=correction, by=user, reason=reason
        ),
        "withdraw": lambda: corrections.withdraw_correction(correction=correction, by=user),
    }
    if step not in actions:
        raise Http404
    try:
        actions[step]()
        state = CorrectionState(correction.state).label
        messages.success(request, _("已完成：{state}").format(state=state))
    except SannengError as error:
        messages.error(request, str(error))
    return _back(record)


def _record_behind(request: HttpRequest, thing: Evidence | Correction) -> Record:
    """The record that evidence or a correction belongs to, where the user may read it."""
    model: Any = thing.content_type.model_class()
    mine = model.objects.filter(rights_of(request).reads(model))
    found = get_object_or_404(mine, pk=thing.object_id)
    assert isinstance(found, Record)
    return found


def _back(record: Record) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("record", args=(record._meta.label_lower, record.pk)))
