"""Working days and holidays in China, as far as they are announced."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_NAMES = {
    "New Year's Day": gettext_lazy("元旦"),
    "Spring Festival": gettext_lazy("春节"),
    "Tomb-sweeping Day": gettext_lazy("清明"),
    "Labour Day": gettext_lazy("劳动节"),
    "Dragon Boat Festival": gettext_lazy("端午"),
    "National Day": gettext_lazy("国庆"),
    "Mid-autumn Festival": gettext_lazy("中秋"),
    "Anti-Fascist 70th Day": gettext_lazy("抗战纪念"),
}
_WEEKEND = 5


def is_workday(day: dt.date) -> bool:
    """Whether people work on ``day``. In years whose holidays are not announced yet, those are
    Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _WEEKEND


def is_known(year: int) -> bool:
    """Whether the holidays of ``year`` are known."""
    try:
        chinese_calendar.is_workday(dt.date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def mark_of(day: dt.date) -> str:
    """What a calendar writes beside ``day``: a holiday by name, 班 where a weekend is worked."""
    try:
        is_off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    if is_off:
        return str(_NAMES[name]) if name in _NAMES else ""
    return _("班") if day.weekday() >= _WEEKEND else ""
