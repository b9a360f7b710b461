"""Write many rows at once, and still know which of them the database refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DatabaseError, DataError, IntegrityError, transaction

CHUNK = 1000
PASSES = 10
REFUSED = (IntegrityError, DataError)

Item = TypeVar("Item")


def write_all(
    items: Sequence[Item],
    *,
    together: Callable[[Sequence[Item]], object],
    alone: Callable[[Item], object],
    done: Callable[[int], object] = lambda count: None,
) -> list[tuple[Item, DatabaseError]]:
    """Write ``items`` in chunks by ``together``; returns those refused, with the reason.

    A chunk in which anything is refused is written again one by one by ``alone``. A rule over
    several rows may refuse a row only because another has not been written yet (one author's
    share is raised before another's is lowered), so the refused are tried again as long as
    that gets some of them through.
    """
    pending: list[Item] = []
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        try:
            with transaction.atomic():
                together(chunk)
        except REFUSED:
            pending += chunk
        done(start + len(chunk))
    refused: list[tuple[Item, DatabaseError]] = []
    for _pass in range(PASSES):
        refused = [(item, error) for item in pending if (error := _try(alone, item))]
        if len(refused) in (0, len(pending)):
            break
        pending = [item for item, _error in refused]
    return refused


def _try(alone: Callable[[Item], object], item: Item) -> DatabaseError | None:
    try:
        with transaction.atomic():
            alone(item)
    except REFUSED as error:
        return error
    return None
