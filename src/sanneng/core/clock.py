"""The one place that knows what day it is."""

import datetime as dt

from django.utils import timezone

EARLIEST = dt.date(1950, 1, 1)


def latest() -> dt.date:
    """The last day that figures may be asked for: a year ahead, for plans."""
    return today() + dt.timedelta(days=366)


def day_of(text: str) -> dt.date:
    """The day that ``text`` (2023-06-30) names. Raises ValueError for none, or one that no
    school's records can reach."""
    day = dt.date.fromisoformat(text)
    if not EARLIEST <= day <= latest():
        raise ValueError(text)
    return day


def today() -> dt.date:
    """The calendar day in the school's time zone."""
    return timezone.localdate()
