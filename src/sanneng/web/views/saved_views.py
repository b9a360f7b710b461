"""Lists as people want to see them again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.models import SavedView
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType
from sanneng.web.posts import posted
from sanneng.web.records import type_or_404
from sanneng.web.scope import Scope, scope_of, user_of

NAME_LENGTH = 30


def views_for(request: HttpRequest, record_type: RecordType, scope: Scope) -> list[dict[str, Any]]:
    """One's own views of a list and those shared in the school, and whether each is on."""
    found = SavedView.objects.filter(
        Q(user=user_of(request)) | Q(is_shared=True),  # type: ignore[misc]
        school=scope.school,
        type_code=record_type.code,
    )
    now = _worth_keeping(request.GET).urlencode()
    return [
        {
            "view": one,
            "is_on": one.query == now,
            "is_own": one.user_id == request.user.pk,
            "query": f"{one.query}&{scope.query}" if one.query else scope.query,
        }
        for one in found
    ]


def _worth_keeping(query: QueryDict) -> QueryDict:
    """The address of a list without school, day and page."""
    kept = query.copy()
    for name in ("school", "as_of", "page", "csrfmiddlewaretoken"):
        kept.pop(name, None)
    return kept


@posted(lambda code: reverse("records", args=(code,)))
def save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the list as it is on screen under a name; the same name again replaces it."""
    record_type, scope = type_or_404(code), scope_of(request, Permission.SEE_RECORDS)
    name = " ".join(request.POST.get("name", "").split())[:NAME_LENGTH]
    query = _worth_keeping(QueryDict(request.POST.get("query", "")[:1000])).urlencode()
    back = f"{reverse('records', args=(code,))}?{query}&{scope.query}"
    if not name:
        messages.error(request, _("请给视图起个名称。"))
        return redirect(back)
    SavedView.objects.update_or_create(
        user=user_of(request),
        school=scope.school,
        type_code=record_type.code,
        name=name,
        defaults={"query": query, "is_shared": "shared" in request.POST},
    )
    messages.success(request, _("视图“{name}”已保存。").format(name=name))
    return redirect(back)


@posted(lambda pk: reverse("record-types"))
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    view.delete()
    messages.success(request, _("视图“{name}”已删除。").format(name=view.name))
    return redirect(f"{reverse('records', args=(view.type_code,))}?{scope_of(request).query}")
