"""What every request passes through."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from sanneng.core.domain.audit import acting_from
from sanneng.running import metrics

Answer = Callable[[HttpRequest], HttpResponse]


def origin(get_response: Answer) -> Answer:
    """The audit log learns where a request came from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        source = "api" if request.path.startswith("/api/") else "web"
        with acting_from(source, client_address(request)):
            return get_response(request)

    return middleware


def measured(get_response: Answer) -> Answer:
    """Count and time every request by the name of its view, never by its address: addresses
    hold numbers of records and what people search for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with connection.execute_wrapper(_counting_errors):
            response = get_response(request)
        match = request.resolver_match
        view = (match.view_name or match._func_path) if match else "none"
        method = request.method if request.method in _METHODS else "other"
        metrics.SECONDS.labels(view).observe(time.perf_counter() - started)
        metrics.REQUESTS.labels(view, method, str(response.status_code)).inc()
        return response

    return middleware


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _counting_errors(
    execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    try:
        return execute(sql, params, many, context)
    except (OperationalError, InterfaceError):
        # What a constraint refuses is the business of whoever asked; this is the database's.
        metrics.DATABASE_ERRORS.inc()
        raise


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks; a forwarded one is believed only behind our own proxy."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
