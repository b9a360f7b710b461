"""One step for many records of a list: what would happen, then all or nothing, then undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.domain import bulk, records
from sanneng.core.errors import SannengError
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType
from sanneng.indicators.drill import figures_with
from sanneng.web.posts import posted
from sanneng.web.records import foreign_keys, number_of, type_or_404
from sanneng.web.scope import Scope, rights_of, scope_of, user_of

BULK_STEPS = {
    "approve": gettext_lazy("通过"),
    "return": gettext_lazy("退回"),
    "submit": gettext_lazy("提交"),
    "void": gettext_lazy("作废"),
}
_STEPS = {
    "approve": records.APPROVE,
    "return": records.RETURN,
    "submit": records.SUBMIT,
    "void": records.VOID,
}
# Which figures change is worked out for so many records; for more it would take too long.
FIGURES_FOR = 50


@posted(lambda code: reverse("records", args=(code,)))
def prepare(request: HttpRequest, code: str) -> HttpResponse:
    """What the step would do to each chosen record, and which figures would change."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    name, step = _step(request)
    chosen = _chosen(request, record_type)
    if not chosen:
        messages.warning(request, _("请先在列表里勾选记录。"))
        return redirect(_list(record_type, scope, request))
    outlooks = bulk.preview(step, records=chosen, by=user_of(request))
    willing = [one.record for one in outlooks if not one.refusal]
    context = {
        "scope": scope,
        "type": record_type,
        "step": name,
        "label": BULK_STEPS[name],
        "needs_reason": step.needs_reason,
        "willing": willing,
        "refused": [one for one in outlooks if one.refusal],
        "figures": _figures_that_lose(willing, scope) if name == "void" else [],
        "counts_then": name == "approve",
        "back": _list(record_type, scope, request),
        "query": request.POST.get("query", ""),
    }
    return render(request, "web/bulk.html", context)


def _figures_that_lose(chosen: list[Any], scope: Scope) -> list[Any]:
    found = {}
    for record in chosen[:FIGURES_FOR]:
        for entry in figures_with(record, as_of=scope.as_of):
            found[entry.id] = entry
    return list(found.values())


@posted(lambda code: reverse("records", args=(code,)))
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Take all the records along the step, or none; what can be taken back says how."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    name, step = _step(request)
    chosen = _chosen(request, record_type)
    back = _list(record_type, scope, request)
    try:
        done = bulk.take_steps(
            step,
            records=chosen,
            by=user_of(request),
            reason=request.POST.get("reason", ""),
        )
    except SannengError as error:
        messages.error(request, _("没有处理任何记录：{error}").format(error=error))
        return redirect(back)
    messages.success(
        request, _("已{step} {number} 条。").format(step=BULK_STEPS[name], number=done)
    )
    if name in bulk.REVERSE and done:
        request.session["undo"] = {
            "code": record_type.code, "step": name, "pks": [r.pk for r in chosen],
        }  # fmt: skip
    return redirect(back)


@posted(lambda code: reverse("records", args=(code,)))
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """Take back the last bulk step of this session, as far as the records allow it."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.ENTER)
    last = request.session.pop("undo", None)
    if not last or last["code"] != record_type.code:
        messages.warning(request, _("没有可以撤销的操作。"))
        return redirect(_list(record_type, scope, request))
    chosen = _records(request, record_type, last["pks"])
    try:
        done = bulk.take_steps(
            bulk.REVERSE[last["step"]],
            records=chosen,
            by=user_of(request),
        )
        messages.success(request, _("已撤销，{number} 条恢复原状。").format(number=done))
    except SannengError as error:
        messages.error(request, _("没有撤销：{error}").format(error=error))
    return redirect(_list(record_type, scope, request))


def _step(request: HttpRequest) -> tuple[str, records.Transition]:
    name = request.POST.get("step", "")
    if name not in _STEPS:
        raise Http404
    return name, _STEPS[name]


def _chosen(request: HttpRequest, record_type: RecordType) -> list[Any]:
    given = [number_of(pk) for pk in request.POST.getlist("pk")]
    return _records(request, record_type, [pk for pk in given if pk is not None])


def _records(request: HttpRequest, record_type: RecordType, pks: list[int]) -> list[Any]:
    """Those of ``pks`` that the user may read; foreign ones are left out as if not there."""
    mine = record_type.model.objects.filter(rights_of(request).reads(record_type.model))
    found = mine.filter(pk__in=pks[: bulk.LIMIT + 1]).select_related(*foreign_keys(record_type))
    return list(found.order_by("pk"))


def _list(record_type: RecordType, scope: Scope, request: HttpRequest) -> str:
    query = request.POST.get("query", "") or scope.query
    return f"{reverse('records', args=(record_type.code,))}?{query}"
