"""Keys for programs: one's own, and those of service accounts for who keeps the members."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.api_tokens import (
    SERVICE_ROLES,
    make_service_account,
    make_token,
    may_keep,
    revoke_token,
    services_of,
)
from sanneng.core.enums import ApiScope, Role
from sanneng.core.errors import InvalidValues, SannengError
from sanneng.core.models import ApiToken, User
from sanneng.core.permissions import Permission
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, scope_of, user_of

LIFETIMES = (30, 90, 180, 365)
BACK = posted(lambda **_where: reverse("tokens"))


def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that the user may see; never their keys."""
    return _page(request, scope_of(request))


@BACK
def make(request: HttpRequest) -> HttpResponse:
    """Make a token and show its key, this once: it is kept nowhere."""
    scope = scope_of(request)
    user = _owner(request)
    given = request.POST
    school = next((one for one in scope.schools if one.code == given.get("for_school")), None)
    days = given.get("days", "")
    try:
        token, key = make_token(
            user=user,
            by=user_of(request),
            name=given.get("name", ""),
            scopes=given.getlist("scopes"),
            days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            school=school,
        )
    except SannengError as error:
        return _page(request, scope, **_refused(error, asked=user.pk))
    response = _page(request, scope, made=token, key=key)
    response["Cache-Control"] = "no-store"
    return response


@BACK
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.select_related("user"), pk=pk)
    if token.user_id != request.user.pk and not may_keep(service=token.user, by=request.user):  # type: ignore[arg-type]
        raise Http404
    try:
        revoke_token(token=token, by=user_of(request))
        messages.success(request, _("令牌已作废，用它的程序马上就不能再访问。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("tokens")


@BACK
def add_service(request: HttpRequest) -> HttpResponse:
    """An account for a program, which then gets tokens like anybody."""
    scope = scope_of(request, needs=Permission.MANAGE_MEMBERS)
    try:
        user = make_service_account(
            school=scope.school,
            name=request.POST.get("name", ""),
            role=request.POST.get("role", ""),
            by=user_of(request),
        )
    except SannengError as error:
        return _page(request, scope, **_refused(error, asked=0))
    messages.success(request, _("服务账号“{name}”已建立，可以为它生成令牌。").format(name=user))
    return redirect("tokens")


def _owner(request: HttpRequest) -> User:
    """Whom a token is for: the user, or a service account that it keeps."""
    asked = request.POST.get("user", "")
    if not asked or asked == str(request.user.pk):
        return request.user  # type: ignore[return-value]
    found = User.objects.filter(pk=asked if asked.isdecimal() else 0, is_service=True).first()
    if found is None or not may_keep(service=found, by=request.user):  # type: ignore[arg-type]
        raise Http404
    return found


def _refused(error: SannengError, *, asked: int) -> dict[str, Any]:
    """What the page says, and in which of its forms."""
    faults = error.faults if isinstance(error, InvalidValues) else {"": [str(error)]}
    return {"faults": faults, "asked": asked}


def _page(request: HttpRequest, scope: Scope, **more: Any) -> HttpResponse:
    kept = scope.rights.schools_for(Permission.MANAGE_MEMBERS)
    services = [
        user for user in services_of(schools=kept) if may_keep(service=user, by=user_of(request))
    ]
    owners = [request.user, *services]
    listed = ApiToken.objects.filter(user__in=[one.pk for one in owners])
    context = {
        "scope": scope,
        "tokens": listed.select_related("user", "school").order_by("-pk")[:200],
        "owners": owners,
        "scopes": ApiScope.choices,
        "lifetimes": LIFETIMES,
        "keeps_members": scope.may(Permission.MANAGE_MEMBERS),
        "roles": [(role.value, role.label) for role in Role if role in SERVICE_ROLES],
        "now": timezone.now(),
        "given": request.POST,
        "chosen_scopes": request.POST.getlist("scopes"),
        **more,
    }
    status = 422 if "faults" in more else 200
    return render(request, "web/tokens.html", context, status=status)
