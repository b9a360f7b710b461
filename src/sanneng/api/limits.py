"""How often a caller may ask. Counts are kept in the cache that all processes share; of two
requests at the very same moment one may go uncounted, which a limit like this can bear."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import caches
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from sanneng.api.callers import caller_of

MINUTE = 60


@dataclass(frozen=True)
class Counter:
    """Counts things by name within each clock minute, up to ``limit`` of them."""

    label: str
    limit: int

    def count(self, name: str) -> int:
        """Note one more; returns how many there are in this minute."""
        number = self._counted(name) + 1
        caches["limits"].set(f"{self.label}:{name}", (_minute(), number), 2 * MINUTE)
        return number

    def are_too_many(self, name: str) -> bool:
        return self._counted(name) >= self.limit

    def seconds_left(self) -> int:
        """Until the next minute begins."""
        return MINUTE - int(time.time()) % MINUTE

    def _counted(self, name: str) -> int:
        minute, number = caches["limits"].get(f"{self.label}:{name}", (0, 0))
        return int(number) if minute == _minute() else 0


def _minute() -> int:
    return int(time.time()) // MINUTE


class Limit(BaseThrottle):
    """So many requests a minute for each token or session; beyond that 429 with Retry-After."""

    def __init__(self, label: str, per_minute: int) -> None:
        self.counter = Counter(label, per_minute)

    def allow_request(self, request: HttpRequest) -> bool:
        return self.counter.count(caller_of(request).owner) <= self.counter.limit

    def wait(self) -> float:
        return self.counter.seconds_left()


ORDINARY = Limit("ordinary", 600)
# What takes the machine long: exports, imports, reports, checks.
HEAVY = Limit("heavy", 30)
wrong_keys = Counter("wrong_keys", 60)
