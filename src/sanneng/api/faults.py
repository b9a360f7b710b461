"""What is wrong with given values, in words, by the field that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

# In a body the first two places name the body itself.
_BEFORE_THE_FIELD = {"body": 2}


def by_field(errors: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Messages by field name; a field of a part is named with dots."""
    found: dict[str, list[str]] = {}
    for error in errors:
        source, *_rest = place = error["loc"]
        field = ".".join(str(step) for step in place[_BEFORE_THE_FIELD.get(source, 1) :])
        messages = found.setdefault(field, [])
        if (text := _text(error)) not in messages:
            messages.append(text)
    return found


def _text(error: Mapping[str, Any]) -> str:
    kind, about = str(error["type"]), error.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(about.get("error", "")) or _("填写不正确。")
    return _TEXTS.get(kind, _plain)(about)


def _plain(_about: Mapping[str, Any]) -> str:
    return _("填写不正确。")


_TEXTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda about: _("这一项必填。"),
    "extra_forbidden": lambda about: _("没有这一项，或者不能由您填写，请去掉。"),
    "literal_error": lambda about: _("请从这些值里选：{choices}").format(
        choices=about.get("expected", "").replace(" or ", ", ")
    ),
    "string_type": lambda about: _("请填文字。"),
    "string_unicode": lambda about: _("文字的编码不正确。"),
    "string_too_short": lambda about: _("不能为空。"),
    "string_too_long": lambda about: _("太长了，最多 {limit} 个字。").format(
        limit=about.get("max_length")
    ),
    "string_pattern_mismatch": lambda about: _("格式不对。"),
    "int_type": lambda about: _("请填整数。"),
    "int_parsing": lambda about: _("请填整数。"),
    "int_from_float": lambda about: _("请填整数。"),
    "int_parsing_size": lambda about: _("数字太大。"),
    "greater_than_equal": lambda about: _("不能小于 {limit}。").format(limit=about.get("ge")),
    "less_than_equal": lambda about: _("不能大于 {limit}。").format(limit=about.get("le")),
    "bool_type": lambda about: _("请填 true 或 false。"),
    "bool_parsing": lambda about: _("请填 true 或 false。"),
    "too_long": lambda about: _("太多了，最多 {limit} 个。").format(limit=about.get("max_length")),
    "too_short": lambda about: _("至少要有一个。"),
    "list_type": lambda about: _("请填一个列表。"),
    "model_attributes_type": lambda about: _("请填一个 JSON 对象。"),
    "model_type": lambda about: _("请填一个 JSON 对象。"),
}
