from __future__ import annotations

import calendar as months
import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sanneng.core.agenda import Entry, agenda_of
from sanneng.core.clock import EARLIEST, latest, today
from sanneng.core.domain.feeds import calendar_of, owner_of, renew_feed, revoke_feed
from sanneng.core.models import CalendarFeed
from sanneng.core.workdays import is_known, is_workday, mark_of
from sanneng.web.posts import posted
from sanneng.web.scope import scope_of, user_of

VIEWS = ("month", "week", "list")
# Entries drawn in one day of a month; more are a number that leads to the week.
DRAWN = 3


@dataclass(frozen=True)
class Day:
    """A day as the calendar draws it."""

    date: dt.date
    entries: list[Entry]
    is_inside: bool
    limit: int

    @property
    def drawn(self) -> list[Entry]:
        return self.entries[: self.limit]

    @property
    def more(self) -> int:
        return len(self.entries) - len(self.drawn)

    @property
    def is_off(self) -> bool:
        return not is_workday(self.date)

    @property
    def mark(self) -> str:
        return mark_of(self.date)

    @property
    def is_today(self) -> bool:
        return self.date == today()


def page(request: HttpRequest) -> HttpResponse:
    """Duties and deadlines of the reader: a month, a week, or a list of the month."""
    scope = scope_of(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "month"
    day = _day(request)
    first, last = _span(view, day)
    # The month is drawn in whole weeks.
    shown_from = first - dt.timedelta(days=first.weekday())
    shown_to = last + dt.timedelta(days=6 - last.weekday())
    if view == "list":
        shown_from, shown_to = first, last
    entries = agenda_of(request.user, scope.rights, scope.school, shown_from, shown_to)  # type: ignore[arg-type]
    days = _days(entries, shown_from, shown_to, (first, last), DRAWN if view == "month" else 100)
    context = {
        "scope": scope,
        "view": view,
        "views": [("month", _("月")), ("week", _("周")), ("list", _("列表"))],
        "day": day,
        "title": _title(view, first, last),
        "weeks": [days[at : at + 7] for at in range(0, len(days), 7)],
        "listed": _listed(days, first),
        "weekdays": [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")],
        "before": first - dt.timedelta(days=1),
        "after": last + dt.timedelta(days=1),
        "is_guess": not (is_known(shown_from.year) and is_known(shown_to.year)),
        "feed": CalendarFeed.objects.filter(user=request.user).first(),  # type: ignore[misc]
        "address": request.session.pop("feed_address", ""),
    }
    return render(request, "web/work/calendar.html", context)


def _day(request: HttpRequest) -> dt.date:
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today()
    return min(max(day, EARLIEST), latest())


def _span(view: str, day: dt.date) -> tuple[dt.date, dt.date]:
    if view == "week":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(days=6)
    _weekday, length = months.monthrange(day.year, day.month)
    return day.replace(day=1), day.replace(day=length)


def _title(view: str, first: dt.date, last: dt.date) -> str:
    if view != "week":
        return _("{year}年{month}月").format(year=first.year, month=first.month)
    return _("{first} 至 {last}").format(first=first.isoformat(), last=last.isoformat())


def _days(
    entries: list[Entry],
    shown_from: dt.date,
    shown_to: dt.date,
    inside: tuple[dt.date, dt.date],
    limit: int,
) -> list[Day]:
    days = []
    for number in range((shown_to - shown_from).days + 1):
        date = shown_from + dt.timedelta(days=number)
        here = [one for one in entries if one.covers(date)]
        days.append(Day(date, here, inside[0] <= date <= inside[1], limit))
    return days


def _listed(days: list[Day], first: dt.date) -> list[Day]:
    """The days of a list: what lasts stands there once, on its first day."""
    found = []
    for day in days:
        here = [one for one in day.entries if day.date == max(one.start, first)]
        if day.is_inside and here:
            found.append(Day(day.date, here, True, len(here)))
    return found


@posted(lambda: reverse("calendar"))
def feed_step(request: HttpRequest) -> HttpResponse:
    """Make a new private address, or take away the one there is."""
    if request.POST.get("step") == "revoke":
        revoke_feed(user=user_of(request), by=user_of(request))
        messages.success(request, _("订阅地址已停用。"))
    else:
        token = renew_feed(user=user_of(request))
        address = request.build_absolute_uri(reverse("calendar-ics", args=(token,)))
        request.session["feed_address"] = address
    return redirect("calendar")


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar for other programs, to whoever knows its address, while its owner is here."""
    owner = owner_of(token)
    if owner is None:
        raise Http404
    response = HttpResponse(calendar_of(owner), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = 'inline; filename="sanneng.ics"'
    return response
