"""Errors as programs get them: problem details (RFC 9457), with a sentence for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from sanneng.api.faults import by_field
from sanneng.core.errors import InvalidValues, SannengError

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("sanneng.api")

# What a code of ours means in HTTP; any other code of a SannengError is 422.
STATUS = {
    "already_undone": 409,
    "changed_since": 409,
    "correction_pending": 409,
    "database_busy": 503,
    "depended_on": 409,
    "file_lost": 404,
    "in_use": 409,
    "kind_not_allowed": 415,
    "kind_mismatch": 415,
    "no_file": 404,
    "not_allowed": 403,
    "outdated": 412,
    "request_in_progress": 409,
    "scope_missing": 403,
    "too_large": 413,
    "unknown_indicator": 404,
    "wrong_state": 409,
}
CODES = {
    400: "malformed",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "server_error",
    503: "database_busy",
}


def titles() -> dict[int, str]:
    """What each status means, for people."""
    return {
        400: _("请求格式不对"),
        401: _("令牌无效"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不支持这种操作"),
        409: _("当前状态不允许"),
        412: _("记录已被改过"),
        413: _("内容太大"),
        415: _("内容类型不对"),
        422: _("内容不合要求"),
        428: _("缺少版本号"),
        429: _("请求太频繁"),
        500: _("服务器出错"),
        503: _("数据库正忙"),
    }


class Problem(Exception):
    """An answer that is an error: its status, its code, and what to do about it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.code = code or CODES.get(status, "error")
        self.errors, self.headers = errors, headers or {}

    def response(self) -> HttpResponse:
        content: dict[str, Any] = {
            "type": f"/api/#{self.code}",
            "title": titles()[self.status],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            content["errors"] = self.errors
        response = HttpResponse(
            json.dumps(content, ensure_ascii=False), status=self.status, content_type=MEDIA_TYPE
        )
        response["Cache-Control"] = "no-store"
        for name, value in self.headers.items():
            response[name] = value
        return response


def not_found() -> Problem:
    """The one answer for what is not there and for what is not for the asker to know of."""
    return Problem(404, _("没有找到，或者不在您能看到的范围内。"))


def not_authenticated() -> Problem:
    return Problem(
        401,
        _("请在 Authorization 里带上有效的令牌（Bearer snt_…），或先登录。"),
        headers={"WWW-Authenticate": 'Bearer realm="sanneng"'},
    )


def problem_of(error: Exception) -> Problem | None:
    """``error`` as an answer; None for what nobody has foreseen."""
    cause = error.__cause__
    if isinstance(error, Problem):
        return error
    if isinstance(error, HttpError) and isinstance(cause, Problem):
        return cause
    for kinds, make in _KNOWN:
        if isinstance(error, kinds):
            return make(error)
    return None


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to give for ``error``; what nobody has foreseen is logged and is 500."""
    problem = problem_of(error)
    if problem is None:
        log.exception("unforeseen error at %s %s", request.method, request.path)
        problem = Problem(500, _("服务器出错了，已记入日志，请把时间告诉管理员。"))
    elif problem.status in (401, 403, 429):
        log.warning(
            "refused %s %s: %s %s", request.method, request.path, problem.status, problem.code
        )
    return problem.response()


def _ours(error: Any) -> Problem:
    status = STATUS.get(error.code, 422)
    errors = None
    if isinstance(error, InvalidValues):
        errors = {name if name != "__all__" else "": said for name, said in error.faults.items()}
    return Problem(status, str(error), code=error.code, errors=errors)


def _invalid(error: Any) -> Problem:
    if any(one["loc"][0] == "path" for one in error.errors):
        return not_found()
    return Problem(
        422, _("有些内容不合要求，请按 errors 里的说明修改。"), errors=by_field(error.errors)
    )


def _http(error: Any) -> Problem:
    cause = error.__cause__
    if isinstance(cause, RequestDataTooBig):
        return _too_big(cause)
    return Problem(400, _("看不懂请求的内容：请用 UTF-8 编码的 JSON，格式见接口说明。"))


def _too_big(_error: Exception) -> Problem:
    return Problem(413, _("请求的内容太大，请压缩或分几次。"))


def _malformed(_error: Exception) -> Problem:
    return Problem(400, _("看不懂请求的内容，请核对格式后再试。"))


def _busy(_error: Exception) -> Problem:
    return Problem(503, _("数据库正忙，请稍后再试。"), headers={"Retry-After": "2"})


def _throttled(_error: Exception) -> Problem:
    return Problem(429, _("请求太频繁，请按 Retry-After 里的秒数稍后再试。"))


_KNOWN: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Any], ...] = (
    (SannengError, _ours),
    (ValidationError, _invalid),
    (Http404, lambda _error: not_found()),
    (AuthenticationError, lambda _error: not_authenticated()),
    (Throttled, _throttled),
    (HttpError, _http),
    (RequestDataTooBig, _too_big),
    ((TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, SuspiciousOperation), _malformed),
    (OperationalError, _busy),
)
