"""Passages with their figures marked ⟦text|value|unit⟧, and how well the extraction finds them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sanneng.figures import extract

_MARK = re.compile(r"⟦([^|⟧]+)\|([^|⟧]+)\|([^|⟧]*)⟧")


@dataclass
class Score:
    """Counts over passages; ``f1`` is on value and unit together."""

    found: int = 0
    missed: int = 0
    invented: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        return 2 * self.found / (2 * self.found + self.missed + self.invented)


def passages(path: Path) -> list[str]:
    """The passages of a file, with their marks; lines of a table stay together."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return _tables_joined(lines)


def _tables_joined(lines: Iterable[str]) -> list[str]:
    joined: list[str] = []
    table = False
    for line in lines:
        plain = _MARK.sub("", line)
        in_table = "\t" in plain or "|" in plain or plain.startswith("单位：")
        if in_table and table:
            joined[-1] += "\n" + line
        else:
            joined.append(line)
        table = in_table
    return joined


def score(marked: Iterable[str]) -> Score:
    """How many figures of the passages are found with value and unit."""
    total = Score()
    for passage in marked:
        expected = Counter((_value(m[2]), m[3]) for m in _MARK.finditer(passage))
        text = _MARK.sub(lambda m: m[1], passage)
        got = Counter(
            (tuple(map(float, c.value)) if isinstance(c.value, tuple) else float(c.value), c.unit)
            for c in extract(text)
            if c.value is not None
        )
        total.found += (expected & got).total()
        missed, invented = expected - got, got - expected
        total.missed += missed.total()
        total.invented += invented.total()
        if missed or invented:
            total.wrong.append(f"{text}\n  missed {dict(missed)}\n  invented {dict(invented)}")
    return total


def _value(written: str) -> float | tuple[float, ...]:
    parts = tuple(float(part) for part in written.split("~"))
    return parts if len(parts) > 1 else parts[0]
