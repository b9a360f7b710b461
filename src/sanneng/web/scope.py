"""Which school and which day a page is about, from its address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from sanneng.core.clock import EARLIEST, day_of, latest, today
from sanneng.core.domain.access import Rights
from sanneng.core.enums import Role
from sanneng.core.models import Record, School, User
from sanneng.core.permissions import Permission


@dataclass(frozen=True)
class Scope:
    """A school that the user may read, and the day as of which figures are asked."""

    school: School
    as_of: dt.date
    schools: tuple[School, ...]
    rights: Rights

    def may(self, permission: Permission | str) -> bool:
        """Whether the user has ``permission`` in the page's school."""
        return self.rights.may(Permission(permission), self.school)

    def hidden(self, model: type[Record]) -> set[str]:
        """The fields of ``model`` that the user may not see in the page's school."""
        return self.rights.hidden_fields(model, self.school)

    @property
    def roles(self) -> frozenset[Role]:
        return self.rights.roles(self.school)

    @property
    def earliest(self) -> dt.date:
        return EARLIEST

    @property
    def latest(self) -> dt.date:
        return latest()

    @property
    def query(self) -> str:
        """What an address carries on to the next page."""
        return urlencode({"school": self.school.code, "as_of": self.as_of.isoformat()})


def scope_at(request: HttpRequest, school: School) -> Scope:
    """The page's scope where it is about a thing of ``school``, whatever was looked at before."""
    rights = rights_of(request)
    schools = tuple(rights.schools().order_by("-level", "code"))
    _keep(request, "school", school.code)
    return Scope(school, _day(request), schools, rights)


def scope_of(request: HttpRequest, needs: Permission | None = None) -> Scope:
    """The page's scope. A school where the user is nobody, or lacks the permission that the
    page ``needs``, is not found; without one asked for, the one last looked at, or the first
    district school; a day that is none is today."""
    rights = rights_of(request)
    allowed = rights.schools_for(needs) if needs else rights.schools()
    schools = tuple(allowed.order_by("-level", "code"))
    wanted = request.GET.get("school") or request.POST.get("school")
    if wanted:
        chosen = [one for one in schools if one.code == wanted]
    else:
        kept = request.session.get("school")
        chosen = [one for one in schools if one.code == kept] or _districts(schools)
    if not chosen:
        raise Http404
    _keep(request, "school", chosen[0].code)
    return Scope(chosen[0], _day(request), schools, rights)


def user_of(request: HttpRequest) -> User:
    """Who asks; pages are only for those who have logged in."""
    assert isinstance(request.user, User)
    return request.user


def rights_of(request: HttpRequest) -> Rights:
    """The user's rights as they are in this request, found once."""
    if not hasattr(request, "rights"):
        request.rights = Rights(request.user)  # type: ignore[attr-defined]
    return request.rights  # type: ignore[attr-defined, no-any-return]


def _districts(schools: tuple[School, ...]) -> list[School]:
    return [one for one in schools if one.level == "district"] or list(schools)


def _day(request: HttpRequest) -> dt.date:
    asked = request.GET.get("as_of") or request.POST.get("as_of") or request.session.get("as_of")
    try:
        day = day_of(asked or "")
    except ValueError:
        return today()
    # Today is not kept: tomorrow it would be yesterday.
    _keep(request, "as_of", None if day == today() else day.isoformat())
    return day


def _keep(request: HttpRequest, name: str, value: str | None) -> None:
    """Remember ``value`` for the pages to come; a session is written only where it changed."""
    if value is None:
        if name in request.session:
            del request.session[name]
    elif request.session.get(name) != value:
        request.session[name] = value
