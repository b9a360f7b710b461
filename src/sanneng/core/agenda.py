"""What stands in a person's calendar: duties and deadlines, and the sources they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.domain.access import Rights
from sanneng.core.enums import Mechanism, RecordState
from sanneng.core.models import DatedRecord, Deadline, Record, School, User
from sanneng.core.registry import RecordType, all_types

# Facts about a person hold for years and are no duties of a day.
NO_DUTIES = frozenset({Mechanism.STRUCTURE, Mechanism.ENTRY})
# More than this in one span would be no calendar any more.
MOST = 500


@dataclass(frozen=True)
class Entry:
    """Something on the days ``start`` to ``end``, both included; ``uid`` stays the same as long
    as it is the same thing, whatever becomes of its days."""

    uid: str
    title: str
    start: dt.date
    end: dt.date
    link: str
    is_deadline: bool = False
    is_done: bool = False

    def covers(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


Find = Callable[[User, Rights, School, dt.date, dt.date], list[Entry]]


@dataclass(frozen=True)
class AgendaProvider:
    """A source of calendar entries: those of a user in a school that touch the days from the
    first given to the last."""

    code: str
    label: str | Promise
    find: Find


_providers: dict[str, AgendaProvider] = {}


def register_agenda(*providers: AgendaProvider) -> None:
    for provider in providers:
        _providers[provider.code] = provider


def all_agendas() -> Iterator[AgendaProvider]:
    yield from _providers.values()


def agenda_of(
    user: User, rights: Rights, school: School, first: dt.date, last: dt.date
) -> list[Entry]:
    """What concerns ``user`` in ``school`` on the days from ``first`` to ``last``, in order."""
    found: dict[str, Entry] = {}
    for provider in all_agendas():
        for entry in provider.find(user, rights, school, first, last):
            found.setdefault(entry.uid, entry)
    return sorted(found.values(), key=lambda one: (one.start, not one.is_deadline, one.uid))


def entry_of(
    record: Record, *, title: str, start: dt.date, end: dt.date | None = None, what: str = ""
) -> Entry:
    """An entry that leads to ``record``; ``what`` parts several about one record."""
    code = record._meta.label_lower
    uid = f"{code}-{record.pk}{f'-{what}' if what else ''}"
    return Entry(
        uid, title, start, end or start, f"/records/{code}/{record.pk}/", is_deadline=bool(what)
    )


def _deadlines(
    user: User, rights: Rights, school: School, first: dt.date, last: dt.date
) -> list[Entry]:
    found = Deadline.objects.filter(owner=user, school=school, due_on__range=(first, last))
    return [
        Entry(
            f"deadline-{one.pk}",
            _("期限：{title}").format(title=one.title),
            one.due_on,
            one.due_on,
            one.link or "/todo/",
            is_deadline=True,
            is_done=one.done_at is not None,
        )
        for one in found[:MOST]
    ]


def _own_records(
    user: User, rights: Rights, school: School, first: dt.date, last: dt.date
) -> list[Entry]:
    """Dated records about the user, of every type that has a time and a person."""
    entries = []
    for record_type in all_types():
        if record_type.mechanism in NO_DUTIES or not record_type.account or not record_type.time:
            continue
        records = record_type.model.objects.filter(
            _touches(record_type, first, last),
            rights.reads(record_type.model),
            school=school,
            **{record_type.account: user},
        ).exclude(state=RecordState.VOIDED)
        related = [f.name for f in record_type.model._meta.concrete_fields if f.is_relation]
        for record in records.select_related(*related)[:MOST]:
            entries.append(_own_entry(record_type, record))
    return entries


def _touches(record_type: RecordType, first: dt.date, last: dt.date) -> Q:
    assert record_type.time is not None
    if issubclass(record_type.model, DatedRecord):
        # Without an end it stands on its first day: an open end would fill every page.
        lasts_into = Q(end_on__gte=first) | Q(end_on__isnull=True, start_on__gte=first)
        return Q(start_on__lte=last) & lasts_into
    return Q(**{f"{record_type.time}__range": (first, last)})


def _own_entry(record_type: RecordType, record: Record) -> Entry:
    assert record_type.time is not None
    end = record.end_on if isinstance(record, DatedRecord) else None
    # Whose it is goes without saying in one's own calendar, where room is scarce.
    person = getattr(record, record_type.person or "", "")
    title = f"{record_type.label}：{str(record).removeprefix(f'{person} · ')}"
    return entry_of(record, title=title, start=getattr(record, record_type.time), end=end)


register_agenda(
    AgendaProvider("deadlines", gettext_lazy("期限"), _deadlines),
    AgendaProvider("records", gettext_lazy("我的工作记录"), _own_records),
)
