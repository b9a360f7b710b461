"""The growing sample: rows by record type, with a random source of its own."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from typing import Any

from sanneng.core.models import Record

AS_OF = dt.date(2023, 6, 30)
START = dt.date(2020, 1, 1)
SEED = 20230630
Row = dict[str, Any]


class Rows:
    """Rows by model in the shape of spreadsheet columns: field name -> value, references and
    ``key`` as stable keys, ``evidence`` a list of titles."""

    def __init__(self) -> None:
        self.by_model: dict[type[Record], list[Row]] = defaultdict(list)
        self.random = random.Random(SEED)

    def add(self, model: type[Record], prefix: str, **values: Any) -> Row:
        """Append an approved row with the next key of ``prefix``; returns it."""
        number = len(self.by_model[model]) + 1
        row = {"key": f"{prefix}{number:04d}", "state": "approved", "reason": "", **values}
        self.by_model[model].append(row)
        return row

    def day(self, first: dt.date = START, last: dt.date = AS_OF) -> dt.date:
        """A working day between two days, both included."""
        span = (last - first).days
        while True:
            day = first + dt.timedelta(days=self.random.randint(0, span))
            if day.weekday() < 5 or span < 7:
                return day

    def pick(self, choices: Any) -> Any:
        return self.random.choice(list(choices))

    def uncounted(self, model: type[Record], prefix: str, row: Row, **changes: Any) -> None:
        """A copy of ``row`` in every state that does not count."""
        states = {
            "draft": "",
            "submitted": "",
            "returned": "缺少佐证材料，请补充后重新提交",
            "voided": "与已有记录重复",
        }
        for state, reason in states.items():
            copied = {k: v for k, v in row.items() if k not in ("key", "evidence")}
            self.add(model, prefix, **(copied | {"state": state, "reason": reason} | changes))
