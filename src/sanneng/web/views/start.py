"""Where everybody begins: what is owed, what to enter, what is stuck, how it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.domain.records import APPROVE
from sanneng.core.enums import CorrectionState, RecordState
from sanneng.core.models import Correction, Membership
from sanneng.core.permissions import Permission
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.evaluate import evaluate
from sanneng.people.models import Staff
from sanneng.web.records import readable_types
from sanneng.web.scope import Scope, scope_of, user_of
from sanneng.web.views.dashboard import Card
from sanneng.web.views.entry import often_entered
from sanneng.web.views.records import visible_in

FIGURES = (
    "people.age.average", "research.projects.provincial", "teaching.outreach.sessions",
    "teaching.courses.developed",
)  # fmt: skip
RECENT = 8


def start(request: HttpRequest) -> HttpResponse:
    """The start page, by what the person may do in the school."""
    scope = scope_of(request)
    context: dict[str, Any] = {
        "scope": scope,
        "steps": first_steps(scope),
        "may_import": scope.may(Permission.IMPORT),
        "may_settle": scope.may(Permission.MANAGE_SCHOOL),
    }
    if scope.may(Permission.ENTER):
        context["often"] = often_entered(scope, request.user)
        context["mine"] = _mine(request, scope)
    if scope.may(Permission.DECIDE):
        context["waiting"] = _waiting(scope)
        context["corrections"] = _corrections(request, scope)
    if scope.may(Permission.SEE_FIGURES):
        context |= _figures(scope)
    return render(request, "web/start.html", context)


def _mine(request: HttpRequest, scope: Scope) -> list[Any]:
    """One's own records that still need a step, the returned ones first."""
    found: list[Any] = []
    for record_type in readable_types(scope):
        own = visible_in(record_type, scope).filter(created_by=user_of(request))
        open_ = own.filter(
            state__in=(RecordState.RETURNED, RecordState.DRAFT, RecordState.SUBMITTED)
        )
        found += [{"type": record_type, "record": one} for one in open_.order_by("-pk")[:RECENT]]
    order = {RecordState.RETURNED: 0, RecordState.DRAFT: 1, RecordState.SUBMITTED: 2}
    found.sort(key=lambda one: (order[one["record"].state], -one["record"].pk))
    return found[:RECENT]


def _waiting(scope: Scope) -> list[dict[str, Any]]:
    """How many records of each type wait for a decision of this person, the longest first."""
    found = []
    for record_type in readable_types(scope):
        if not scope.rights.may_decide(record_type.model, scope.school):
            continue
        waiting = visible_in(record_type, scope).filter(state__in=APPROVE.sources)
        waiting = waiting.exclude(submitted_by=scope.rights.user.pk)
        number = waiting.count()
        if number:
            oldest = waiting.order_by("submitted_at").values_list("submitted_at", flat=True)[0]
            found.append({"type": record_type, "number": number, "since": oldest})
    return found


def _corrections(request: HttpRequest, scope: Scope) -> list[Correction]:
    """Corrections that this person can consent to."""
    pending = Correction.objects.filter(school=scope.school, state=CorrectionState.PENDING)
    return [
        one
        for one in pending.exclude(proposed_by=user_of(request).pk).select_related("proposed_by")[
            :50
        ]
        if one.record is not None and scope.rights.may_decide(type(one.record), scope.school)  # type: ignore[arg-type]
    ]


def _figures(scope: Scope) -> dict[str, Any]:
    """A few figures, and the coverages that are short: where somebody or something is missing."""
    figures = evaluate(school=scope.school, as_of=scope.as_of)
    catalogue = load_catalogue()
    cards = [Card(figures[entry.id], ()) for entry in catalogue.figures]
    usual = [card for card in cards if card.figure.entry.id in FIGURES]
    short = [
        card
        for card in cards
        if card.is_short and card.figure.entry.mechanism not in scope.school.switched_off
    ]
    return {"cards": usual or cards[:4], "short": short}


def first_steps(scope: Scope) -> list[dict[str, Any]]:
    """What a new school still has to do until its first figure stands; none when it is done."""
    may_import = scope.may(Permission.IMPORT)
    may_settle = scope.may(Permission.MANAGE_SCHOOL) or scope.may(Permission.MANAGE_MEMBERS)
    if not (may_import or may_settle):
        return []
    staff = Staff.objects.filter(school=scope.school)
    counted = staff.filter(state=RecordState.APPROVED).count()
    members = Membership.objects.filter(school=scope.school).values("user").distinct().count()
    steps = [
        {"code": "school", "done": scope.school.parent_id is not None},
        {"code": "staff", "done": staff.exists(), "number": staff.count()},
        {"code": "approved", "done": counted > 0, "number": counted},
        {"code": "members", "done": members > 1, "number": members},
    ]
    return [] if all(step["done"] for step in steps[1:]) else steps
