"""How often something may be tried: counted in the database, so that every process sees it.

A count begins with the first try and is forgotten when its time is over, whatever happened
meanwhile: nobody is locked out for good, and nobody has to unlock anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sanneng.core.models import Tries


@dataclass(frozen=True)
class Limit:
    """``tries`` within ``time`` of the first; ``name`` keeps the counts of limits apart."""

    name: str
    tries: int
    time: dt.timedelta


# Wrong passwords for one name from one address: a person who mistypes, or somebody who guesses.
BY_NAME_AND_ADDRESS = Limit("name-address", 5, dt.timedelta(minutes=15))
# Wrong passwords from one address over all names: spraying. A whole school may share an address.
BY_ADDRESS = Limit("address", 50, dt.timedelta(minutes=15))
# Wrong passwords for one name from everywhere: many machines guessing together. Addresses from
# which the account was used lately are let through, so that its owner is not kept out.
BY_NAME = Limit("name", 50, dt.timedelta(hours=1))
# A limit that was hit is noted once, not with every further try.
NOTED = Limit("noted", 1, dt.timedelta(minutes=15))

# No limit anywhere counts over more than this.
LONGEST = dt.timedelta(days=1)


def take(limit: Limit, *of: str) -> bool:
    """Count one try of ``of``; False, and nothing counted, where the limit is reached.

    Exact under concurrent calls: a try is taken by a conditional update.
    """
    now = timezone.now()
    rows = Tries.objects.filter(key=_key(limit, of))
    with transaction.atomic():
        Tries.objects.get_or_create(key=_key(limit, of), defaults={"since": now})
        rows.filter(since__lte=now - limit.time).update(since=now, count=0)
        rows.filter(count=0).update(since=now)
        return bool(rows.filter(count__lt=limit.tries).update(count=F("count") + 1))


def give_back(limit: Limit, *of: str) -> None:
    """Take back one try that was counted, such as a password that turned out right."""
    Tries.objects.filter(key=_key(limit, of), count__gt=0).update(count=F("count") - 1)


def forget_old() -> int:
    """Delete counts that no limit asks for any more; returns how many."""
    oldest = timezone.now() - LONGEST
    deleted, _by_model = Tries.objects.filter(since__lt=oldest).delete()
    return deleted


def _key(limit: Limit, of: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join((limit.name, *of)).encode()).hexdigest()
