"""The 编号 of a record that was given none.

It is made from the values of the type's identity fields (``RecordType.identity``), so that
the same row gets the same 编号 each time: ``A`` and the first 15 hexadecimal digits of the
SHA-256 of the values as text, in the order of ``identity`` and separated by U+001F. A
reference counts by the 编号 of its record, a date as 2023-06-30, a blank as nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sanneng.core.models import Record, School
from sanneng.core.registry import type_of
from sanneng.core.spreadsheets.cells import normal_text

_SEPARATOR = "\x1f"


def derived_key(values: Sequence[Any]) -> str:
    """The 编号 made from the values of the identity fields, references given by 编号."""
    text = _SEPARATOR.join("" if value is None else normal_text(str(value)) for value in values)
    return "A" + hashlib.sha256(text.encode()).hexdigest()[:15].upper()


def own_key(record: Record) -> str:
    """The derived 编号 of ``record``, which need not be saved yet."""
    values = []
    for name in type_of(type(record)).identity:
        value = getattr(record, name)
        values.append(value.key if isinstance(value, Record) else value)
    return derived_key(values)


def existing_identities(model: type[Record], school: School) -> Iterator[tuple[str, str]]:
    """(derived 编号, actual 编号) of every record of ``model`` in ``school``."""
    fields = []
    for name in type_of(model).identity:
        is_reference = model._meta.get_field(name).is_relation
        fields.append(f"{name}__key" if is_reference else name)
    found = model._base_manager.filter(school=school).values_list("key", *fields)
    for key, *values in found.iterator():
        yield derived_key(values), key
