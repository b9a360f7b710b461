"""One search over people, records and figures, by words or by pinyin."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.listing import holding
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType
from sanneng.core.spelling import spelling, typed_by_sound
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.entries import Entry
from sanneng.people.models import Staff
from sanneng.web.records import foreign_keys, readable_types
from sanneng.web.scope import Scope, scope_of
from sanneng.web.views.records import visible_in

EACH = 6
PEOPLE = 8


def search(request: HttpRequest) -> HttpResponse:
    """People first, then figures, then records of each type that hold every word asked for."""
    words = request.GET.get("q", "").strip()[:100]
    scope = scope_of(request)
    mine = readable_types(scope) if words else []
    people = [one for one in mine if one.model is Staff]
    context = {
        "scope": scope,
        "words": words,
        "people": _people(
            [p for t in people for p in _found(t, words, scope, PEOPLE)], mine, scope
        ),
        "entries": _entries(words, scope),
        "groups": [
            {"type": one, "rows": rows[:EACH], "more": len(rows) > EACH}
            for one in mine
            if one.model is not Staff and (rows := _found(one, words, scope, EACH + 1))
        ],
    }
    return render(request, "web/search.html", context)


def _found(record_type: RecordType, words: str, scope: Scope, number: int) -> list[Any]:
    found = visible_in(record_type, scope)
    for word in words.split():
        found = holding(found, record_type, word, scope.hidden(record_type.model))
    return list(found.select_related(*foreign_keys(record_type))[:number])


def _people(found: list[Any], types: list[RecordType], scope: Scope) -> list[dict[str, Any]]:
    """Members of staff with the kinds of records about each, and how many there are."""
    counts: dict[int, list[dict[str, Any]]] = {person.pk: [] for person in found}
    for one in types if found else []:
        if one.person != "staff":
            continue
        about = visible_in(one, scope).filter(staff__in=found).counted()
        for pk, number in about.order_by().values_list("staff").annotate(Count("pk")):
            counts[pk].append({"type": one, "number": number})
    return [{"person": person, "counts": counts[person.pk]} for person in found]


def _entries(words: str, scope: Scope) -> list[Entry]:
    if not words or not scope.may(Permission.SEE_FIGURES):
        return []
    return [entry for entry in load_catalogue() if _named(entry, words)][:12]


def _named(entry: Entry, words: str) -> bool:
    names = " ".join((*entry.all_names, entry.name_en)).casefold()
    sounds = spelling(entry.name)
    return all(
        word in names or (typed_by_sound(word) and word in sounds)
        for word in words.casefold().split()
    )
