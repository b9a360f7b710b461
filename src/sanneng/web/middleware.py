"""What every request passes through."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sanneng.core.domain.audit import acting_from

Answer = Callable[[HttpRequest], HttpResponse]


def origin(get_response: Answer) -> Answer:
    """The audit log learns where a request came from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        source = "api" if request.path.startswith("/api/") else "web"
        with acting_from(source, client_address(request)):
            return get_response(request)

    return middleware


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks; a forwarded one is believed only behind our own proxy."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
