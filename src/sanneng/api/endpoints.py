"""Declaring an endpoint: its gate, its limit, its answers, and doing a repeated request once."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router

from sanneng.api import problems
from sanneng.api.callers import caller_of
from sanneng.api.gates import JSON, MULTIPART, Wanted, gates
from sanneng.api.limits import ORDINARY, Limit
from sanneng.api.problems import Problem
from sanneng.core.domain.idempotency import Answer, answer_once
from sanneng.core.enums import ApiScope

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Retry-After")


@dataclass(frozen=True)
class Reply:
    """An answer in JSON with another status than the usual, or with headers."""

    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


def endpoint(
    router: Router,
    method: str,
    path: str,
    *,
    name: str,
    summary: str,
    scope: ApiScope | None,
    response: Any,
    status: int = 200,
    limit: Limit = ORDINARY,
    refusals: tuple[int, ...] = (),
    media: str = "",
    versioned: str = "",
    tags: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view at ``path``; what it returns becomes JSON, or is a response already.

    ``name`` is the operation id, ``response`` the shape of the answer (None: no content),
    ``media`` the media type where the answer is a file; ``refusals`` are the errors beyond
    those that every endpoint has. ``versioned`` is ``must`` or ``may`` where If-Match counts.
    """
    reads_body = method in ("POST", "PUT", "PATCH")

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        wanted = Wanted(scope)
        answering = _answering(view, method, status)
        operation_extra = _described(method, scope, refusals, media, versioned, status)
        router.api_operation(
            [method],
            path,
            auth=gates(wanted),
            throttle=limit,
            response={status: response},
            operation_id=name,
            summary=summary,
            tags=list(tags),
            openapi_extra=operation_extra,
        )(answering)
        operation = answering._ninja_operation  # type: ignore[attr-defined]
        sources = {model.__ninja_param_source__: model for model in operation.models}
        if "query" in sources:
            wanted.query = frozenset(sources["query"].__ninja_flatten_map__)
        if "file" in sources:
            wanted.files = frozenset(sources["file"].model_fields)
        if reads_body:
            wanted.accepts = MULTIPART if "file" in sources else JSON if "body" in sources else ""
        return view

    return register


def _described(
    method: str,
    scope: ApiScope | None,
    refusals: tuple[int, ...],
    media: str,
    versioned: str,
    status: int,
) -> dict[str, Any]:
    """What the schema says of an endpoint beyond its parameters; ``api.schema`` reads x-…"""
    extra: dict[str, Any] = {"x-refusals": sorted(refusals)}
    if scope is not None:
        extra["x-scope"] = scope.value
    if media:
        content = {media: {"schema": {"type": "string", "format": "binary"}}}
        extra["responses"] = {status: {"description": "File", "content": content}}
    headers = []
    if versioned:
        headers.append(_header("If-Match", r'^(W/)?"[0-9]{1,10}"$', versioned == "must"))
    if method == "POST":
        headers.append(_header("Idempotency-Key", r"^[!-~]{1,128}$", False))
    if headers:
        extra["parameters"] = headers
    return extra


def _header(name: str, pattern: str, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "schema": schema, "required": required}


def _answering(view: Callable[..., Any], method: str, status: int) -> Callable[..., Any]:
    """``view`` made to answer once for each Idempotency-Key, always with a response."""

    def act(request: HttpRequest, values: dict[str, Any]) -> HttpResponseBase:
        return _response(view(request, **values), status)

    @functools.wraps(view)
    def answering(request: HttpRequest, **values: Any) -> HttpResponseBase:
        key = request.headers.get("idempotency-key")
        if method != "POST" or key is None:
            return act(request, values)
        if not _KEY.fullmatch(key):
            raise Problem(400, _("Idempotency-Key 要用 1 到 128 个可见的英文字符。"))
        kept = answer_once(
            owner=caller_of(request).owner,
            key=key,
            request=_digest(request),
            act=lambda: _kept(_done(request, values)),
        )
        return _given_again(kept)

    def _done(request: HttpRequest, values: dict[str, Any]) -> HttpResponseBase:
        try:
            return act(request, values)
        except Exception as error:  # What was refused is an answer too, and is kept.
            return problems.answer(request, error)

    answering.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return answering


def _response(made: Any, status: int) -> HttpResponseBase:
    if isinstance(made, HttpResponseBase):
        return made
    reply = made if isinstance(made, Reply) else Reply(made)
    if status == 204:
        return HttpResponse(status=204)
    text = json.dumps(reply.content, cls=DjangoJSONEncoder, ensure_ascii=False)
    response = HttpResponse(text, status=reply.status or status, content_type=JSON)
    response["Cache-Control"] = "private, no-store"
    for name, value in reply.headers.items():
        response[name] = value
    return response


def _digest(request: HttpRequest) -> str:
    """What is asked, as SHA-256. Of a form the parsed parts count: a program that sends it
    again parts it by another boundary."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != MULTIPART:
        digest.update(request.body)
        return digest.hexdigest()
    for name, values in sorted(request.POST.lists()):
        digest.update(f"{name}={values!r}\n".encode("utf-8", "surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            content = hashlib.sha256()
            for piece in file.chunks():
                content.update(piece)
            file.seek(0)
            digest.update(f"{name}={file.name!r}:{content.hexdigest()}\n".encode())
    return digest.hexdigest()


def _kept(response: HttpResponseBase) -> Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    assert isinstance(response, HttpResponse)
    return Answer(response.status_code, response.content, headers)


def _given_again(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=answer.headers)
    response["Cache-Control"] = "private, no-store"
    if answer.is_repeat:
        response["Idempotent-Replayed"] = "true"
    return response
