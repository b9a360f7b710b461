"""Counts for the navigation, and the reader's to-dos for any page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import template
from django.core.cache import caches

from sanneng.core.clock import today
from sanneng.core.domain.notices import unread
from sanneng.core.models import AuditHead
from sanneng.core.todos import Todo, count_of, todos_of
from sanneng.web.scope import Scope, rights_of

register = template.Library()
SHORT = 6
# For what changes without the log: a job that failed, a day that began.
COUNT_SECONDS = 60


@register.simple_tag(takes_context=True)
def todo_count(context: dict[str, Any]) -> int:
    """How many to-dos the reader has in the page's school; found once in a request."""
    return _once(context, "todo_count", _counted)


@register.simple_tag(takes_context=True)
def notice_count(context: dict[str, Any]) -> int:
    """How many notices the reader has not read; found once in a request."""
    return _once(context, "notice_count", lambda context: unread(context["request"].user))


@register.simple_tag(takes_context=True)
def first_todos(context: dict[str, Any]) -> list[Todo]:
    """The most urgent to-dos of the reader, for the start page."""
    request, scope = context["request"], context["scope"]
    return todos_of(request.user, rights_of(request), scope.school)[:SHORT]


def _counted(context: dict[str, Any]) -> int:
    request, scope = context["request"], context.get("scope")
    if not isinstance(scope, Scope):
        return 0
    # Each change of records is noted, so a count holds until the school's log has grown.
    head = AuditHead.objects.filter(chain=scope.school.code).values_list("number", flat=True)
    key = f"todos:{request.user.pk}:{scope.school.pk}:{head.first()}:{today()}"
    counted = partial(count_of, request.user, rights_of(request), scope.school)
    kept = caches["quick"].get(key)
    if kept is None:
        kept = counted()
        caches["quick"].set(key, kept, COUNT_SECONDS)
    return int(kept)


def _once(context: dict[str, Any], name: str, find: Any) -> int:
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return 0
    kept = request.__dict__.setdefault("_work_counts", {})
    if name not in kept:
        kept[name] = find(context)
    return int(kept[name])
