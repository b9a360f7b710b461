"""How long a session lasts, and what has to be done before anything else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sanneng.web.accounts.second_factor import has_one, is_required
from sanneng.web.scope import rights_of

Answer = Callable[[HttpRequest], HttpResponse]
LONGEST = 12 * 60 * 60
# A session is written at most this often, so that a click is not a write.
STEP = 60
BEGAN, SEEN, MUST_CHANGE = "session_began", "session_seen", "password_expired"
# What remains open to somebody who has to set up a second factor or change the password.
ALWAYS = {"logout", "set_language", "account_reauthenticate", "account-sessions"}
CHANGE = {"account_change_password", "account_set_password"}


def sessions(get_response: Answer) -> Answer:
    """End a session that was left alone too long or is too old; keep when it was last used."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            seen = request.session.get(SEEN)
            if why := _over(request, now):
                request.sign_out_reason = why  # type: ignore[attr-defined]
                logout(request)
                messages.info(request, _("离开时间较长，为安全起见已退出，请重新登录。"))
            elif seen is None or now - seen >= STEP:
                request.session[SEEN] = now
                request.session.setdefault(BEGAN, now)
                UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def _over(request: HttpRequest, now: float) -> str:
    idle = settings.IDLE_MINUTES * 60
    if idle and now - request.session.get(SEEN, now) > idle:
        return "idle"
    if now - request.session.get(BEGAN, now) > LONGEST:
        return "too_old"
    return ""


class Gates:
    """Lead people to what must come first: a new password, or a second factor."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, named: Any
    ) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not user.is_authenticated or match is None or match.url_name in ALWAYS:
            return None
        if request.session.get(MUST_CHANGE) and match.url_name not in CHANGE:
            return _lead(request, "account_change_password")
        ours = str(match.url_name or "").startswith("mfa_") or match.url_name in CHANGE
        if ours or settings.SECOND_FACTOR == "off" or not is_required(rights_of(request)):
            return None
        return None if has_one(user) else _lead(request, "mfa_index")


def _lead(request: HttpRequest, name: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = redirect(name).url
        return answer
    return redirect(name)
