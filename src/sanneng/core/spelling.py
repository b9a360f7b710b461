"""How Chinese words are typed by their sounds: initials and full pinyin, for finding."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.db import models
from pypinyin import Style, lazy_pinyin, pinyin

LENGTH = 400
_TYPED = re.compile(r"[a-z]+")


def typed_by_sound(word: str) -> bool:
    """Whether ``word`` may be pinyin: letters a to z only."""
    return bool(_TYPED.fullmatch(word.lower()))


@lru_cache(maxsize=20_000)
def spelling(text: str) -> str:
    """``text`` as people spell it: initials, then full pinyin, as ``zs zhangsan``.

    A first sign with several readings, as surnames have, is spelled in each of them.
    """
    words = lazy_pinyin(text, errors=lambda other: other.lower() if other.isalnum() else "")
    words = [word for word in words if word]
    if not words:
        return ""
    rest = words[1:]
    readings = [one for one in pinyin(text[0], Style.NORMAL, heteronym=True)[0] if one.isalpha()]
    firsts = dict.fromkeys([words[0], *(one.lower() for one in readings if words[0] != one)])
    ways = [[first, *rest] for first in firsts]
    initials = {"".join(w if w.isdigit() else w[0] for w in way) for way in ways}
    return " ".join([*sorted(initials), *("".join(way) for way in ways)])


class SpellingField(models.CharField):  # type: ignore[type-arg]
    """The spelling of the record's own words by which it is searched; kept with each save."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, **{"max_length": LENGTH, "blank": True, "editable": False, **kwargs}
        )

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = spelling_of(model_instance)
        setattr(model_instance, self.attname, value)
        return value


def spelling_of(record: Any) -> str:
    """The spelling of the texts of ``record`` that its type is searched by."""
    from sanneng.core.registry import known_type  # the registry imports the models

    record_type = known_type(type(record))
    if record_type is None:
        return ""
    texts = [getattr(record, path) for path in record_type.search if path_is_own(path)]
    return " ".join(filter(None, (spelling(str(text)) for text in texts if text)))[:LENGTH]


def path_is_own(path: str) -> bool:
    """Whether a search path is a text of the record itself, other than its 编号."""
    return "__" not in path and path != "key"
