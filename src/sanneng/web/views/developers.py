from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.enums import Ability, ApiScope
from sanneng.core.registry import all_types
from sanneng.web.scope import scope_of


def api(request: HttpRequest) -> HttpResponse:
    """What programs can ask for, and how to begin; for those who are logged in."""
    context = {
        "scope": scope_of(request),
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "scopes": ApiScope.choices,
        "groups": [
            (ability.label, [one for one in all_types() if one.ability == ability])
            for ability in Ability
        ],
    }
    return render(request, "web/api.html", context)
