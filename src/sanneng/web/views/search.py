from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.registry import all_types
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.entries import Entry
from sanneng.web.filters import any_of
from sanneng.web.scope import scope_of

EACH = 6


def search(request: HttpRequest) -> HttpResponse:
    """Records and indicators whose names hold the words asked for."""
    words = request.GET.get("q", "").strip()[:100]
    scope = scope_of(request)
    groups = []
    if words:
        for record_type in all_types():
            tests = [Q(**{f"{path}__icontains": words}) for path in record_type.search]
            mine = record_type.model.objects.visible_to(request.user).filter(school=scope.school)
            rows = list(mine.filter(any_of(tests))[:EACH]) if tests else []
            if rows:
                groups.append({"type": record_type, "rows": rows})
    entries = [e for e in load_catalogue() if words and _named(e, words)]
    context = {"scope": scope, "words": words, "groups": groups, "entries": entries[:12]}
    return render(request, "web/search.html", context)


def _named(entry: Entry, words: str) -> bool:
    wanted = words.casefold()
    return any(wanted in name.casefold() for name in (*entry.all_names, entry.name_en))
