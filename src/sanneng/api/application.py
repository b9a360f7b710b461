"""The API put together, and its addresses."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Router

from sanneng.api.checks import add_checks
from sanneng.api.corrections import add_corrections
from sanneng.api.evidence import add_evidence
from sanneng.api.figures import add_figures
from sanneng.api.gates import Wanted, gates
from sanneng.api.imports import add_imports
from sanneng.api.limits import ORDINARY
from sanneng.api.myself import add_myself
from sanneng.api.problems import Problem, answer, not_found
from sanneng.api.records import add_records
from sanneng.api.reports import add_reports
from sanneng.api.schema import SannengAPI, StrictParser, document_of
from sanneng.api.steps import add_steps

VERSION = "1"
log = logging.getLogger("sanneng.api")
View = Callable[..., HttpResponseBase]


def build() -> SannengAPI:
    """The API. Its document is in Chinese whoever makes the first request."""
    with translation.override(settings.LANGUAGE_CODE):
        api = SannengAPI(
            title="三能",
            version=VERSION,
            description="业务记录、指标、报告和核对。权限与网页相同；怎么取得令牌见 /api/。",
            openapi_url=None,
            docs_url=None,
            urls_namespace="api",
            parser=StrictParser(),
        )
        router = Router()
        add_myself(router)
        add_records(router)
        add_steps(router)
        add_corrections(router)
        add_evidence(router)
        add_figures(router)
        add_reports(router)
        add_checks(router)
        add_imports(router)
        router.api_operation(
            ["GET"], "/openapi.json", auth=gates(Wanted(None)), throttle=ORDINARY,
            include_in_schema=False, url_name="openapi",
        )(openapi)  # fmt: skip
        api.add_router("", router)
        for known in list(api._exception_handlers):
            api.add_exception_handler(known, answer)  # type: ignore[arg-type]
    return api


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for those who are logged in or have a token."""
    response = HttpResponse(_document(), content_type="application/json")
    response["Cache-Control"] = "private, max-age=300"
    return response


@functools.cache
def _document() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return document_of(API)


def guarded(view: View) -> View:
    """``view`` with an answer in our form whatever happens. Its own gate asks who comes, and
    checks the CSRF token of a session; a redirect to the log-in page would help no program."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # An answer in the right form is owed for every error.
            return answer(request, error)
        if response.status_code == 405:
            allowed = {"Allow": response.headers.get("Allow", "")}
            return Problem(405, _("这个地址不支持这种操作。"), headers=allowed).response()
        return response

    wrapped.login_required = False  # type: ignore[attr-defined]
    wrapped.csrf_exempt = True  # type: ignore[attr-defined]
    return wrapped


def nowhere(request: HttpRequest) -> HttpResponseBase:
    """What has no address."""
    return not_found().response()


def _addresses(api: SannengAPI) -> list[URLPattern]:
    found = []
    for pattern in api.urls[0]:
        assert isinstance(pattern, URLPattern)
        if pattern.name != "api-root":
            pattern.callback = guarded(pattern.callback)
        else:
            pattern.callback = guarded(nowhere)
        found.append(pattern)
    return [*found, re_path(r"^[\s\S]*\Z", guarded(nowhere))]


API = build()
urlpatterns = _addresses(API)
app_name = "api"
