"""Work that is due by the clock: started once, however many workers look at the clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from sanneng.core.domain.jobs import start_job
from sanneng.core.models import PeriodicRun


@dataclass(frozen=True)
class Periodic:
    """A kind of job that is due every day at ``hour`` in the school's time zone, or every week
    on ``weekday`` (0 is Monday)."""

    kind: str
    hour: int
    weekday: int | None = None

    def due_day(self, now: dt.datetime) -> dt.date | None:
        """The day whose work is due by ``now``, in local time. What was missed because nothing
        ran is made up for on the same day, and weekly work in the same week."""
        day = now.date()
        if self.weekday is not None:
            day -= dt.timedelta(days=(day.weekday() - self.weekday) % 7)
        begins = dt.datetime.combine(day, dt.time(self.hour), tzinfo=now.tzinfo)
        return day if now >= begins else None


SCHEDULE = (
    Periodic("cleaning", 3),
    Periodic("reminders", 8),
    Periodic("digest", 8, weekday=0),
)


def start_due() -> list[str]:
    """Start what is due and was not started; returns the kinds started."""
    now = timezone.localtime()
    started = []
    for one in SCHEDULE:
        day = one.due_day(now)
        if day is not None and _start_once(one.kind, day):
            started.append(one.kind)
    return started


def _start_once(kind: str, day: dt.date) -> bool:
    if PeriodicRun.objects.filter(kind=kind, day=day).exists():
        return False
    try:
        with transaction.atomic():
            run = PeriodicRun.objects.create(kind=kind, day=day)
            arguments = {"day": day.isoformat()}
            run.job = start_job(kind=kind, school=None, by=None, arguments=arguments)
            run.save(update_fields=["job"])
    except IntegrityError:
        return False  # Another worker was faster.
    return True
