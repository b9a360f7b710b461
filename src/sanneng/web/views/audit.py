"""The audit log on screen, for those who audit."""

from __future__ import annotations

import contextlib

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.clock import day_of
from sanneng.core.enums import AuditAction
from sanneng.core.models import AuditEntry, AuditHead
from sanneng.core.permissions import Permission
from sanneng.web.scope import scope_of

PAGE = 50


def log(request: HttpRequest) -> HttpResponse:
    """What was done in the school, the latest first, by action, person and day."""
    scope = scope_of(request, Permission.READ_AUDIT)
    found = AuditEntry.objects.filter(school=scope.school).select_related("actor")
    action, who = request.GET.get("action", ""), request.GET.get("who", "").strip()[:60]
    if action in AuditAction.values:
        found = found.filter(action=action)
    if who:
        found = found.filter(actor_name__icontains=who)
    with contextlib.suppress(ValueError):
        found = found.filter(at__date=day_of(request.GET.get("day", "")))
    context = {
        "scope": scope,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "actions": AuditAction.choices,
        "action": action,
        "who": who,
        "day": request.GET.get("day", ""),
        "head": AuditHead.objects.filter(chain=scope.school.code).first(),
    }
    return render(request, "web/audit.html", context)
