from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.deadlines import close_deadline, extend_deadline, overdue_under
from sanneng.core.domain.in_charge import is_in_charge
from sanneng.core.errors import SannengError
from sanneng.core.models import Deadline
from sanneng.core.todos import todos_of
from sanneng.web.posts import posted
from sanneng.web.scope import rights_of, scope_of, user_of


def listing(request: HttpRequest) -> HttpResponse:
    """What the reader owes: late, due this week, and the rest; and what others owe and is late,
    where the reader looks after it."""
    scope = scope_of(request)
    todos = todos_of(request.user, scope.rights, scope.school)  # type: ignore[arg-type]
    late = [todo for todo in todos if todo.overdue]
    week = [todo for todo in todos if not todo.overdue and todo.is_due_this_week]
    context = {
        "scope": scope,
        "groups": [
            (_("已逾期"), "red", late),
            (_("本周到期"), "orange", week),
            (_("其他"), "secondary", [t for t in todos if t not in late and t not in week]),
        ],
        "total": len(todos),
        "others": overdue_under(scope.rights, scope.school),
        "today": today(),
    }
    return render(request, "web/work/todo.html", context)


@posted(lambda pk: reverse("todo"))
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody more time for what is owed."""
    deadline = _deadline(request, pk)
    try:
        to = dt.date.fromisoformat(request.POST.get("to", ""))
    except ValueError:
        messages.error(request, _("请选新的期限。"))
        return redirect("todo")
    try:
        extend_deadline(
            deadline=deadline,
            to=to,
            reason=request.POST.get("reason", ""),
            by=user_of(request),
        )
        messages.success(request, _("已延期到 {day}。").format(day=to.isoformat()))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("todo")


@posted(lambda pk: reverse("todo"))
def close(request: HttpRequest, pk: int) -> HttpResponse:
    deadline = _deadline(request, pk)
    try:
        close_deadline(deadline=deadline, by=user_of(request))
        messages.success(request, _("已办结。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("todo")


def _deadline(request: HttpRequest, pk: int) -> Deadline:
    """A deadline that the reader owes or looks after; any other is not found."""
    rights = rights_of(request)
    found = Deadline.objects.filter(school__in=rights.schools())
    deadline = get_object_or_404(found.select_related("school", "content_type", "owner"), pk=pk)
    if deadline.owner_id != request.user.pk and not is_in_charge(deadline, rights):
        return get_object_or_404(Deadline.objects.none())
    return deadline
