"""The least of several runs, in seconds: what the code takes when nothing else is in its way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def least(call: Callable[[], Any], runs: int = 7) -> float:
    call()
    taken = []
    for _turn in range(runs):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return min(taken)
