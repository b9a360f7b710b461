"""How well figures are found, side by side with public extractors of Chinese numbers.

Both passages files are ours. The others give numbers, or numbers in digits, and know nothing of
what counts; they are measured on the value alone, which is the easier half.
"""

from __future__ import annotations

import re
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.table import Table

FOLDER = Path(__file__).parent.parent / "tests/figures"
_MARK = re.compile(r"⟦([^|⟧]+)\|([^|⟧]+)\|([^|⟧]*)⟧")
_SCALES = {"万亿": 10**12, "亿": 10**8, "万": 10**4}
Values = Counter[float]


def extraction() -> Table:
    """F1 on the value (ranges by both ends, scales multiplied out) and speed."""
    marked = [
        line
        for name in ("gold.txt", "held_out.txt")
        for line in (FOLDER / name).read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    texts = ["\n".join(_MARK.sub(lambda m: m[1], line) for line in marked)]
    wanted = Counter[float]()
    for line in marked:
        for match in _MARK.finditer(line):
            wanted.update(_multiplied(float(part), match[3]) for part in match[2].split("~"))
    warnings.simplefilter("ignore")  # the others' own
    table = Table("figures in passages", "F1 on value", "precision", "recall", "MB/s")
    for name, find in _finders().items():
        find(texts[0])
        started = time.perf_counter()
        got = find(texts[0])
        taken = time.perf_counter() - started
        right = (got & wanted).total()
        precision, recall = right / max(got.total(), 1), right / wanted.total()
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        speed = len(texts[0].encode()) / 1e6 / taken
        table.add_row(name, f"{f1:.3f}", f"{precision:.3f}", f"{recall:.3f}", f"{speed:.3f}")
    return table


def _multiplied(value: float, unit: str) -> float:
    for scale, factor in _SCALES.items():
        if unit.startswith(scale):
            return round(value * factor, 4)
    return round(value, 4)


def _finders() -> dict[str, Callable[[str], Values]]:
    import cn2an
    from recognizers_number import Culture, recognize_number

    from sanneng.figures import extract
    from sanneng.figures.lexicon import UNITS

    def ours(text: str) -> Values:
        found: Values = Counter()
        for claim in extract(text):
            ends = claim.value if isinstance(claim.value, tuple) else (claim.value,)
            found.update(_multiplied(float(end), claim.unit) for end in ends if end is not None)
        return found

    unit = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
    plain = re.compile(rf"(\d[\d,]*(?:\.\d+)?)[余多]?(万亿|亿|万)?[余多]?(?:{unit})")

    def digits_and_unit(text: str) -> Values:
        spoken = cn2an.transform(text, "cn2an")
        return Counter(
            _multiplied(float(m[1].replace(",", "")), m[2] or "") for m in plain.finditer(spoken)
        )

    def recognised(text: str) -> Values:
        results: list[Any] = recognize_number(text, Culture.Chinese)
        values = (one.resolution["value"] for one in results if one.resolution)
        return Counter(round(float(value), 4) for value in values if value)

    return {
        "Sanneng": ours,
        "cn2an, then digits and a unit": digits_and_unit,
        "recognizers-text-number": recognised,
    }
