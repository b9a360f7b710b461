"""A person's calendar for other programs, at a private address (RFC 5545)."""

from __future__ import annotations

import datetime as dt

import icalendar
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.agenda import Entry, agenda_of
from sanneng.core.clock import today
from sanneng.core.domain.access import Rights, let_in
from sanneng.core.domain.audit import note
from sanneng.core.domain.tokens import digest_of, new_token
from sanneng.core.enums import AuditAction
from sanneng.core.models import CalendarFeed, School, User

BEHIND, AHEAD = dt.timedelta(days=180), dt.timedelta(days=400)


@transaction.atomic
def renew_feed(*, user: User) -> str:
    """A new address for the calendar of ``user``: its token, which is shown this once. The
    address before it is dead from now on."""
    token = new_token()
    CalendarFeed.objects.filter(user=user).delete()
    feed = CalendarFeed.objects.create(user=user, digest=token.digest)
    note(AuditAction.SETTINGS, school=None, by=user, of=feed, feed="renewed")
    return token.text


@transaction.atomic
def revoke_feed(*, user: User, by: User) -> None:
    """Let the calendar of ``user`` have no address. Whoever calls has made sure that ``by``
    may."""
    for feed in CalendarFeed.objects.filter(user=user):
        note(AuditAction.SETTINGS, school=None, by=by, of=feed, feed="revoked")
        feed.delete()


def owner_of(token: str) -> User | None:
    """Whose calendar ``token`` opens today; nobody's once that person has left. The school
    boundary is opened for that person."""
    feed = CalendarFeed.objects.filter(digest=digest_of(token)).select_related("user").first()
    if feed is None or not feed.user.is_active or not let_in(feed.user).schools().exists():
        return None
    return feed.user


def calendar_of(user: User) -> bytes:
    """What concerns ``user``, half a year back and a year ahead, by the rights of this moment."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Sanneng//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("三能：{user}").format(user=user))
    calendar.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    rights, day = Rights(user), today()
    for school in rights.schools():
        for entry in agenda_of(user, rights, school, day - BEHIND, day + AHEAD):
            calendar.add_component(_event(entry, school))
    return calendar.to_ical()


def _event(entry: Entry, school: School) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@{school.code}.sanneng")
    event.add("dtstamp", timezone.now().astimezone(dt.UTC))
    event.add("summary", f"✓ {entry.title}" if entry.is_done else entry.title)
    event.add("dtstart", entry.start)
    event.add("dtend", entry.end + dt.timedelta(days=1))  # The first day after (RFC 5545 3.6.1).
    event.add("transp", "TRANSPARENT")
    event.add("categories", [str(_("期限") if entry.is_deadline else _("工作"))])
    event.add("location", school.name)
    if settings.SITE_URL:
        event.add("url", settings.SITE_URL + entry.link)
    return event
