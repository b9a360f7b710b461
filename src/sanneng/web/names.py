"""Many people in one go: a pasted list of names, each found among the school's people."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from sanneng.core.errors import InvalidValues

LIMIT = 200
_BETWEEN = re.compile(r"[\s,，、;；/|]+")


def read_names(text: str, people: Any) -> list[Any]:
    """The records of ``people`` that ``text`` names, once each, in its order.

    Names are parted by spaces, line ends or commas; a 编号 is taken as well. Raises
    InvalidValues that lists every name that is unknown or means several people.
    """
    words = list(dict.fromkeys(word for word in _BETWEEN.split(text) if word))
    if len(words) > LIMIT:
        raise InvalidValues({"": [_("一次最多 {limit} 人，请分几次。").format(limit=LIMIT)]})
    by_word: dict[str, list[Any]] = {}
    for person in people:
        for word in (person.name, person.key):
            by_word.setdefault(word, []).append(person)
    unknown = [word for word in words if word not in by_word]
    several = [word for word in words if len(by_word.get(word, ())) > 1]
    faults = []
    if unknown:
        faults.append(
            _("查不到：{names}。请核对姓名，或先登记这些人。").format(names="、".join(unknown))
        )
    for word in several:
        keys = "、".join(person.key for person in by_word[word])
        faults.append(_("“{name}”不止一人，请改填编号：{keys}。").format(name=word, keys=keys))
    if faults:
        raise InvalidValues({"": faults})
    return list(dict.fromkeys(by_word[word][0] for word in words))
