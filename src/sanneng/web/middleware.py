"""What every request passes through."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.shortcuts import render

from sanneng.core.domain.access import let_in
from sanneng.core.domain.audit import acting_from
from sanneng.core.row_security import allowed_schools, only_schools
from sanneng.running import metrics

Answer = Callable[[HttpRequest], HttpResponse]


class SchoolBoundary:
    """The database shows a request the schools where its user is somebody, and none before it
    is known who asks. It comes first of all, so that it is the last to let go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with only_schools(()):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not _is_file(response):
                response.streaming_content = _kept_within(response.streaming_content)
            return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if request.user.is_authenticated:
            request.rights = let_in(request.user)  # type: ignore[attr-defined]


def _is_file(response: StreamingHttpResponse) -> bool:
    """Whether it is sent straight from a file, which asks the database nothing."""
    return isinstance(response, FileResponse) and response.file_to_stream is not None


def _kept_within(content: Any) -> Any:
    """``content``, each piece of which is made with the schools that are allowed now: a stream
    is read when the request is long over."""
    schools = allowed_schools()
    if hasattr(content, "__aiter__"):
        return _pieces_awaited(content, schools)
    return _pieces(content, schools)


def _pieces(content: Iterable[bytes], schools: frozenset[int] | None) -> Iterator[bytes]:
    source = iter(content)
    while True:
        with only_schools(schools):
            piece = next(source, None)
        if piece is None:
            return
        yield piece


async def _pieces_awaited(
    content: AsyncIterable[bytes], schools: frozenset[int] | None
) -> AsyncIterator[bytes]:
    source = aiter(content)
    while True:
        with only_schools(schools):
            piece = await anext(source, None)
        if piece is None:
            return
        yield piece


class Readable:
    """Refuse what no person types: a NUL is no text, and PostgreSQL takes it for none. The API
    answers in its own way."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if request.path.startswith("/api/") or not _has_nul(request):
            return None
        return render(request, "web/unreadable.html", status=400)


def _has_nul(request: HttpRequest) -> bool:
    if "\0" in request.path:
        return True
    return any(
        "\0" in text
        for sent in (request.GET, request.POST)
        for name, values in sent.lists()
        for text in (name, *values)
    )


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
