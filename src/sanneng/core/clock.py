"""The one place that knows what day it is."""

import datetime as dt

from django.utils import timezone


def today() -> dt.date:
    """The calendar day in the school's time zone."""
    return timezone.localdate()
