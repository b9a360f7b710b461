"""Which records a list shows: the one meaning of search, filter and year, on pages and in the
interface for programs."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from sanneng.core.models import RecordQuerySet
from sanneng.core.registry import RecordType
from sanneng.core.spelling import typed_by_sound

MAX_WORDS = 100


def any_of(tests: list[Q]) -> Q:
    """One condition that holds where any of ``tests`` does."""
    return functools.reduce(operator.or_, tests)


def holding(
    found: RecordQuerySet,
    record_type: RecordType,
    word: str,
    hidden: Collection[str] = (),
) -> RecordQuerySet:
    """The records that hold ``word`` in one of the fields that their type is searched by, or
    whose words are spelled so in pinyin. ``hidden`` fields are not searched."""
    paths = [path for path in record_type.search if path not in hidden]
    tests = [Q(**{f"{path}__icontains": word}) for path in paths]
    if typed_by_sound(word):
        spelled = {path.rpartition("__")[0] for path in paths if path_is_named(path)}
        tests += [
            Q(**{f"{start}__spelling".strip("_") + "__contains": word.lower()})
            for start in sorted(spelled)
        ]
    return found.filter(any_of(tests)) if tests else found.none()


def path_is_named(path: str) -> bool:
    """Whether a search path ends at a name or title, whose record keeps its spelling."""
    return path.rpartition("__")[2] != "key"


def narrowed(
    found: RecordQuerySet,
    record_type: RecordType,
    *,
    chosen: Mapping[str, Any],
    year: int | None = None,
    words: str = "",
    hidden: Collection[str] = (),
) -> RecordQuerySet:
    """The records that have the ``chosen`` values by field path, lie in ``year`` by their
    type's own date, and hold every one of ``words``."""
    for path, value in chosen.items():
        found = found.filter(**{path: value})
    if year is not None and record_type.time:
        found = found.filter(**{f"{record_type.time}__year": year})
    for word in words.split():
        found = holding(found, record_type, word, hidden)
    return found
