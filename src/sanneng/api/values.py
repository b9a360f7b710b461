"""The fields of a record as JSON has them, made from the fields of its model."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from django.db import models
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Strict, WithJsonSchema

from sanneng.core.models import Record

# Control characters, and those that turn the direction of writing, have no place in a record:
# they hide what stands there.
_HIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_INVISIBLE_IN_A_LINE = re.compile(f"[{_HIDDEN}\n\r\t]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
LARGEST_KEY = 2**63 - 1
_LARGEST = {models.PositiveSmallIntegerField: 32767, models.PositiveIntegerField: 2147483647}
KEY_LENGTH = 64
LONGEST_TEXT = 20_000


def visible(text: str) -> str:
    """``text`` of one line without blanks around; ValueError for characters nobody can see."""
    if _INVISIBLE_IN_A_LINE.search(text):
        raise ValueError(_("含有看不见的控制字符，请删去。"))
    return text.strip()


def visible_lines(text: str) -> str:
    """The like for a text of several lines."""
    if _INVISIBLE.search(text):
        raise ValueError(_("含有看不见的控制字符，请删去。"))
    return text.strip()


def said(text: str) -> str:
    """Raises ValueError for a text that is only blanks."""
    if not text:
        raise ValueError(_("不能为空。"))
    return text


def day(value: Any) -> dt.date:
    """A day written as 2023-06-30, and nothing else. Raises ValueError."""
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(_("请填日期，如 2023-06-30。"))
    try:
        found = dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(_("没有这一天，请核对日期。")) from None
    if not EARLIEST <= found <= LATEST:
        raise ValueError(_("请填 1900 到 2100 年之间的日期，如 2023-06-30。"))
    return found


Day = Annotated[dt.date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
Key = Annotated[str, MinLen(1), MaxLen(KEY_LENGTH), AfterValidator(visible)]
Words = Annotated[str, MaxLen(100), AfterValidator(visible)]
Reason = Annotated[str, MinLen(1), MaxLen(255), AfterValidator(visible), AfterValidator(said)]
Id = Annotated[int, Ge(1), Le(LARGEST_KEY)]
StrictId = Annotated[int, Ge(1), Le(LARGEST_KEY), Strict()]


def heading(field: Any) -> str:
    """What a field is called; tenths are given as they are kept."""
    name = str(field.verbose_name)
    return name if not field.name.endswith("_x10") else name.removesuffix("×10") + "×10"


def described(field: Any) -> str:
    """The field's name, and what its codes mean or where its references lead."""
    if field.choices:
        codes = "；".join(f"{code} {label}" for code, label in field.flatchoices if code)
        return f"{heading(field)}：{codes}"
    if field.is_relation:
        return f"{heading(field)}（编号）"
    return heading(field)


def given(field: Any) -> Any:
    """The type of ``field`` as programs give it: a reference is the 编号 of its record."""
    found = _plain(field)
    return found | None if field.null else found


def _plain(field: Any) -> Any:
    if field.choices:
        return codes_of(field)
    if field.is_relation:
        return Key
    return _maker(field)(field)


def codes_of(field: Any) -> Any:
    """The type of a field with choices; an empty one where the field may be left empty."""
    codes = tuple(code for code, _label in field.flatchoices if code != "")
    return Literal[(*codes, "") if field.blank else codes]  # type: ignore[misc]


def _maker(field: Any) -> Callable[[Any], Any]:
    for kind, make in _MAKERS.items():
        if isinstance(field, kind):
            return make
    raise TypeError(f"{field}: no JSON type is known for {type(field).__name__}")


def _text(field: Any) -> Any:
    is_long = isinstance(field, models.TextField)
    longest = MaxLen(field.max_length or LONGEST_TEXT)
    clean = AfterValidator(visible_lines if is_long else visible)
    if field.blank:
        return Annotated[str, longest, clean]
    return Annotated[str, MinLen(1), longest, clean, AfterValidator(said)]


def _whole(field: Any) -> Any:
    largest = next(top for kind, top in _LARGEST.items() if isinstance(field, kind))
    return Annotated[int, Ge(0), Le(largest), Strict()]


_MAKERS: dict[type[Any], Callable[[Any], Any]] = {
    models.BooleanField: lambda field: Annotated[bool, Strict()],
    models.DateField: lambda field: Day,
    models.PositiveSmallIntegerField: _whole,
    models.PositiveIntegerField: _whole,
    models.CharField: _text,
    models.TextField: _text,
}


def field_at(model: type[Record], path: str) -> Any:
    """The field at the end of a Django path such as ``project__level``."""
    owner: Any = model
    *steps, last = path.split("__")
    for step in steps:
        owner = owner._meta.get_field(step).related_model
    return owner._meta.get_field(last)
