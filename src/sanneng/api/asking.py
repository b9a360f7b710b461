"""What several endpoints ask for: a school, a day, a period."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Query

from sanneng.api.problems import Problem
from sanneng.api.values import Day, Key, Words
from sanneng.core.clock import EARLIEST, latest, today
from sanneng.indicators.periods import Period

SchoolCode = Annotated[Key | None, Query(description="学校代码；只有一所时可以不填")]
AsOf = Annotated[Day | None, Query(description="截至哪一天；不填是今天")]
PeriodText = Annotated[
    Words | None, Query(description="期间，如 since 2020、last 5 years、in 2022、to date")
]


def asked_day(as_of: dt.date | None) -> dt.date:
    day = as_of or today()
    if not EARLIEST <= day <= latest():
        text = _("截至日期要在 {first} 到 {last} 之间。").format(first=EARLIEST, last=latest())
        raise Problem(422, text, errors={"as_of": [text]})
    return day


def asked_period(text: str | None, as_of: dt.date) -> Period | None:
    """Raises Problem for what is no period, or one that no calendar has."""
    if text is None:
        return None
    try:
        period = Period.parse(text)
        numbers = [n // 100 if n > 9999 else n for n in (period.number, period.until) if n]
        if period.kind == "last":
            sound = 1 <= period.number <= 100
        else:
            sound = all(1900 <= n <= 2100 for n in numbers)
            sound = sound and (period.kind not in ("since", "in", "against") or bool(numbers))
        if not sound or (period.until and period.until < period.number):
            raise ValueError(text)
        period.window(as_of)
    except ValueError:
        message = _("看不懂期间“{period}”，请写成 since 2020、last 5 years、in 2022 或 to date。")
        message = message.format(period=text)
        raise Problem(422, message, errors={"period": [message]}) from None
    return period
