"""What a request passes before anything of it is read: who asks, for what, in which form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from sanneng.api.callers import Caller
from sanneng.api.limits import wrong_keys
from sanneng.api.problems import Problem, not_authenticated
from sanneng.core.domain.access import let_in
from sanneng.core.domain.api_tokens import token_of
from sanneng.core.domain.audit import origin
from sanneng.core.enums import ApiScope

JSON, MULTIPART = "application/json", "multipart/form-data"
# Above what any file may have; each kind of file has its own limit below it.
MAX_BODY = 64 << 20


@dataclass
class Wanted:
    """What an endpoint asks of a request: a scope (None: any token), the media type of the
    body (empty: none is read), the names of its query parameters, and of the files of a form."""

    scope: ApiScope | None
    accepts: str = ""
    query: frozenset[str] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)


class _Gate(AuthBase):
    """Lets a caller in, or raises Problem; None means that another gate is to be tried."""

    openapi_type = ""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        caller = self.identify(request)
        if caller is not None:
            self._check_scope(caller)
            self._check_query(request)
            self._check_body(request)
        return caller

    def identify(self, request: HttpRequest) -> Caller | None:
        raise NotImplementedError

    def _check_scope(self, caller: Caller) -> None:
        scope = self.wanted.scope
        if scope is not None and not caller.has_scope(scope):
            raise Problem(
                403,
                _("这个令牌没有“{scope}”（{label}）范围，请换一个令牌。").format(
                    scope=scope.value, label=scope.label
                ),
                code="scope_missing",
            )

    def _check_query(self, request: HttpRequest) -> None:
        for name, values in request.GET.lists():
            if name not in self.wanted.query:
                text = _("没有这个参数，请去掉。")
            elif len(values) > 1:
                text = _("这个参数只能出现一次。")
            else:
                continue
            name = name[:100]
            raise Problem(400, _("地址里的参数不对。"), errors={name: [text]})

    def _check_body(self, request: HttpRequest) -> None:
        accepts = self.wanted.accepts
        if accepts and request.content_type != accepts:
            raise Problem(
                415, _("请求的内容要用 Content-Type: {accepts}。").format(accepts=accepts)
            )
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise Problem(413, _("请求的内容太大，请压缩或分几次。"))
        if accepts == MULTIPART:
            self._check_parts(request)

    def _check_parts(self, request: HttpRequest) -> None:
        given: list[tuple[str, list[Any]]] = [*request.POST.lists(), *request.FILES.lists()]
        for name, values in given:
            if name not in self.wanted.files:
                text = _("没有这一项，请去掉。")
            elif len(values) > 1:
                text = _("一次只能传一个文件。")
            else:
                continue
            raise Problem(400, _("表单的内容不对。"), errors={name[:100]: [text]})


class TokenGate(_Gate):
    """A token in the Authorization header; with one, the session does not count."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def identify(self, request: HttpRequest) -> Caller | None:
        given = request.headers.get("authorization")
        if given is None:
            return None
        if wrong_keys.are_too_many(origin().address):
            raise Problem(
                429,
                _("从这个地址来的错误令牌太多，请过一会儿再试。"),
                headers={"Retry-After": str(wrong_keys.seconds_left())},
            )
        scheme, _space, key = given.partition(" ")
        token = token_of(key.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            wrong_keys.count(origin().address)
            raise not_authenticated()
        request.user = token.user
        let_in(token.user)
        return Caller(token.user, token)


class SessionGate(_Gate):
    """The session of a page of ours, which shows its CSRF token with everything that writes."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def identify(self, request: HttpRequest) -> Caller | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise Problem(403, _("页面已过期，请刷新页面后再试。"), code="csrf")
        return Caller(request.user)


def gates(wanted: Wanted) -> list[Callable[[HttpRequest], Any]]:
    return [TokenGate(wanted), SessionGate(wanted)]
