from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain.notices import (
    MAIL_ONLY,
    choose_notices,
    mail_is_on,
    mark_read,
    unread,
)
from sanneng.core.domain.notices import wishes as wishes_of
from sanneng.core.models import Notice
from sanneng.web.posts import posted
from sanneng.web.scope import scope_of, user_of

PAGE = 30


def listing(request: HttpRequest) -> HttpResponse:
    own = Notice.objects.filter(user=request.user, is_shown=True)  # type: ignore[misc]
    page = Paginator(own.select_related("school"), PAGE).get_page(request.GET.get("page"))
    context = {"scope": scope_of(request), "page": page, "unread": unread(request.user)}  # type: ignore[arg-type]
    return render(request, "web/work/notices.html", context)


@posted(lambda: reverse("notices"))
def read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(user=user_of(request))
    return redirect("notices")


@posted(lambda pk: reverse("notices"))
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a notice as read and go where it leads; those of others are not found."""
    notice = get_object_or_404(Notice, pk=pk, user=request.user)
    mark_read(user=request.user, notices=[pk])  # type: ignore[arg-type]
    # Links are made by us and lead into the site; anything else would be a way out of it.
    is_ours = notice.link.startswith("/") and not notice.link.startswith(("//", "/\\"))
    return redirect(notice.link if is_ours and "stay" not in request.POST else "notices")


def wishes(request: HttpRequest) -> HttpResponse:
    """What the reader wants to be told of, in the app and by e-mail."""
    if request.method == "POST":
        choose_notices(
            user=user_of(request),
            in_app=request.POST.getlist("in_app"),
            by_mail=request.POST.getlist("by_mail"),
        )
        messages.success(request, _("已保存。"))
        return redirect("notice-settings")
    rows = [
        {"kind": kind, "wish": wish, "is_mail_only": kind in MAIL_ONLY}
        for kind, wish in wishes_of(request.user).items()  # type: ignore[arg-type]
    ]
    context = {"scope": scope_of(request), "rows": rows, "mail_is_on": mail_is_on()}
    return render(request, "web/work/notice_settings.html", context)
