from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.listing import holding
from sanneng.core.registry import all_types
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.entries import Entry
from sanneng.web.scope import scope_of

EACH = 6


def search(request: HttpRequest) -> HttpResponse:
    """Records and indicators that hold every word asked for."""
    words = request.GET.get("q", "").strip()[:100]
    scope = scope_of(request)
    groups = []
    if words:
        for record_type in all_types():
            found = record_type.model.objects.visible_to(request.user).filter(school=scope.school)
            for word in words.split():
                found = holding(found, record_type, word)
            rows = list(found[:EACH])
            if rows:
                groups.append({"type": record_type, "rows": rows})
    entries = [e for e in load_catalogue() if words and _named(e, words)]
    context = {"scope": scope, "words": words, "groups": groups, "entries": entries[:12]}
    return render(request, "web/search.html", context)


def _named(entry: Entry, words: str) -> bool:
    wanted = words.casefold()
    names = " ".join((*entry.all_names, entry.name_en)).casefold()
    return all(word in names for word in wanted.split())
