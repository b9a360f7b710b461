"""Where everybody begins: what is owed, what to enter, what is stuck, how it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.enums import AuditAction
from sanneng.core.models import AuditEntry, Membership, Record
from sanneng.core.permissions import Permission
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.evaluate import evaluate
from sanneng.people.models import Employment, Staff
from sanneng.web.records import foreign_keys, readable_types
from sanneng.web.scope import Scope, scope_of, user_of
from sanneng.web.views.dashboard import Card
from sanneng.web.views.entry import often_entered
from sanneng.web.views.records import visible_in

FIGURES = (
    "people.age.average", "research.projects.provincial", "teaching.outreach.sessions",
    "teaching.courses.developed",
)  # fmt: skip
RECENT = 6


def start(request: HttpRequest) -> HttpResponse:
    """The start page, by what the person may do in the school."""
    scope = scope_of(request)
    context: dict[str, Any] = {
        "scope": scope,
        "steps": first_steps(scope),
        "may_import": scope.may(Permission.IMPORT),
        "may_decide_staff": scope.rights.may_decide(Staff, scope.school),
        "may_invite": scope.may(Permission.MANAGE_MEMBERS),
    }
    if scope.may(Permission.ENTER):
        context["often"] = often_entered(scope, request.user)
        context["recent"] = _recent(request, scope)
    if scope.may(Permission.SEE_FIGURES):
        context |= _figures(scope)
    return render(request, "web/start.html", context)


def _recent(request: HttpRequest, scope: Scope) -> list[Record]:
    """What the person entered last, and how far it has come."""
    noted = AuditEntry.objects.filter(
        actor=user_of(request),
        school=scope.school,
        action=AuditAction.CREATE,
        object_id__isnull=False,
    ).order_by("-id")
    entries = noted.values_list("object_type", "object_id")[:RECENT]
    by_type: dict[str, list[int]] = {}
    for code, pk in entries:
        by_type.setdefault(code, []).append(pk or 0)
    found = {
        (one.code, record.pk): record
        for one in readable_types(scope)
        if one.code in by_type
        for record in visible_in(one, scope)
        .filter(pk__in=by_type[one.code])
        .select_related(*foreign_keys(one))
    }
    return [found[entry] for entry in entries if entry in found]


def _figures(scope: Scope) -> dict[str, Any]:
    """A few figures, and the coverages that are short: where somebody or something is missing."""
    figures = evaluate(school=scope.school, as_of=scope.as_of)
    catalogue = load_catalogue()
    cards = [Card(figures[entry.id], ()) for entry in catalogue.figures]
    cards = [c for c in cards if c.figure.entry.mechanism not in scope.school.switched_off]
    usual = [card for card in cards if card.figure.entry.id in FIGURES]
    short = [card for card in cards if card.is_short]
    return {"cards": usual or cards[:4], "short": short}


def first_steps(scope: Scope) -> list[dict[str, Any]]:
    """What a new school still has to do until its first figure stands; none when it is done."""
    may_import = scope.may(Permission.IMPORT)
    may_settle = scope.may(Permission.MANAGE_SCHOOL) or scope.may(Permission.MANAGE_MEMBERS)
    if not (may_import or may_settle):
        return []
    staff = Staff.objects.filter(school=scope.school)
    employed = Employment.objects.filter(school=scope.school)
    counted = employed.counted().count()
    members = Membership.objects.filter(school=scope.school).values("user").distinct().count()
    steps = [
        {"code": "staff", "done": staff.exists() and employed.exists(), "number": staff.count()},
        {"code": "approved", "done": counted > 0, "number": counted},
        {"code": "members", "done": members > 1, "number": members},
    ]
    return [] if all(step["done"] for step in steps) else steps
