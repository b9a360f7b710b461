"""Which school and which day a page is about, from its address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from sanneng.core.clock import EARLIEST, day_of, latest, today
from sanneng.core.domain.access import readable_schools
from sanneng.core.models import School


@dataclass(frozen=True)
class Scope:
    """A school that the user may read, and the day as of which figures are asked."""

    school: School
    as_of: dt.date
    schools: tuple[School, ...]

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


def scope_of(request: HttpRequest) -> Scope:
    """The page's scope. A school that the user may not read is not found; without one asked
    for, the first district school; a day that is none is today."""
    schools = tuple(readable_schools(user=request.user).order_by("-level", "code"))
    wanted = request.GET.get("school") or request.POST.get("school")
    chosen = [one for one in schools if one.code == wanted] if wanted else _districts(schools)
    if not chosen:
        raise Http404
    return Scope(chosen[0], _day(request), schools)


def _districts(schools: tuple[School, ...]) -> list[School]:
    return [one for one in schools if one.level == "district"] or list(schools)


def _day(request: HttpRequest) -> dt.date:
    asked = request.GET.get("as_of") or request.POST.get("as_of") or request.session.get("as_of")
    try:
        day = day_of(asked or "")
    except ValueError:
        return today()
    request.session["as_of"] = day.isoformat()
    return day
