"""Lists as people want to see them again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.models import SavedView
from sanneng.core.permissions import Permission
from sanneng.core.registry import RecordType
from sanneng.web.posts import posted
from sanneng.web.records import readable_types, type_or_404
from sanneng.web.scope import Scope, scope_of, user_of

NAME_LENGTH = 30
QUERY_LENGTH = 1000
# Views of one person in a school.
MOST = 50


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
    if record_type not in readable_types(scope):
        raise Http404
    name = " ".join(request.POST.get("name", "").split())[:NAME_LENGTH]
    query = _worth_keeping(QueryDict(request.POST.get("query", ""))).urlencode()
    back = f"{reverse('records', args=(code,))}?{query}&{scope.query}"
    own = SavedView.objects.filter(user=user_of(request), school=scope.school)
    if not name:
        messages.error(request, _("请给视图起个名称。"))
    elif len(query) > QUERY_LENGTH:
        messages.error(request, _("筛选条件太长，存不下，请减少一些再保存。"))
    elif own.count() >= MOST and not own.filter(type_code=code, name=name).exists():
        messages.error(request, _("视图最多存 {most} 个，请先删除不用的。").format(most=MOST))
    else:
        shared = "shared" in request.POST
        SavedView.objects.update_or_create(
            user=user_of(request), school=scope.school, type_code=code, name=name,
            defaults={"query": query, "is_shared": shared and may_share(scope)},
        )  # fmt: skip
        messages.success(request, _("视图“{name}”已保存。").format(name=name))
        if shared and not may_share(scope):
            messages.warning(request, _("视图只有您自己能看到：全校可见的由录入或审核的人保存。"))
    return redirect(back)


def may_share(scope: Scope) -> bool:
    """Whether the user's views may stand on everybody's lists: of whoever works on records."""
    return scope.may(Permission.ENTER) or scope.may(Permission.DECIDE)


@posted(lambda pk: reverse("record-types"))
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    view.delete()
    messages.success(request, _("视图“{name}”已删除。").format(name=view.name))
    return redirect(f"{reverse('records', args=(view.type_code,))}?{scope_of(request).query}")
