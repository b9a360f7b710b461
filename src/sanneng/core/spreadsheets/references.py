"""Every reference in a sheet must lead to a record of the same school, or of the same file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from django.utils.translation import gettext as _

from sanneng.core.models import Record
from sanneng.core.registry import type_of
from sanneng.core.spreadsheets.columns import Column, sheet_of
from sanneng.core.spreadsheets.plan import ImportContext
from sanneng.core.spreadsheets.reading import SheetRows

CHUNK = 500
SUGGESTIONS = 50  # Looking for what was meant is slow; after so many the habit is plain.


def check_references(found: SheetRows, context: ImportContext) -> None:
    """Look up what the rows of ``found`` refer to; refuse what is nowhere to be found."""
    for index, column in enumerate(found.columns):
        if column.target is None:
            continue
        wanted = {row.values[index] for row in found.every_row} - {None}
        known = context.pks.setdefault(column.target, {})
        _look_up(column.target, wanted - known.keys(), context)
        brought = context.brought.get(column.target, set())
        absent = wanted - known.keys() - brought
        if absent:
            _refuse(found, index, column, absent, context)


def _look_up(model: type[Record], keys: Iterable[str], context: ImportContext) -> None:
    listed = sorted(keys)
    for start in range(0, len(listed), CHUNK):
        found = model._base_manager.filter(
            school=context.school, key__in=listed[start : start + CHUNK]
        )
        context.pks[model].update(found.values_list("key", "pk"))


def _refuse(
    found: SheetRows, index: int, column: Column, absent: set[str], context: ImportContext
) -> None:
    advice: dict[str, str] = {}
    for row in found.every_row:
        key = row.values[index]
        if key not in absent:
            continue
        if key not in advice and len(advice) < SUGGESTIONS:
            advice[key] = _meant(column, key, context)
        title = sheet_of(column.target).title if column.target else ""
        context.report.refuse(
            found.title,
            row.number,
            column.heading,
            _("本校没有编号为“{key}”的{title}").format(key=key, title=title),
            advice.get(key) or _("请核对编号，或先在“{title}”表里补上这一条。").format(title=title),
        )


def _meant(column: Column, text: str, context: ImportContext) -> str:
    """What was perhaps meant: people write a name where the 编号 belongs, or mistype it."""
    model = column.target
    if model is None:
        return ""
    name = type_of(model).identity[0]
    if not model._meta.get_field(name).is_relation:
        named = model._base_manager.filter(school=context.school, **{name: text})
        keys = list(named.values_list("key", flat=True)[:5])
        if keys:
            return _("这里要填编号，“{text}”的编号是：{keys}。").format(
                text=text, keys="、".join(keys)
            )
    known = list(context.brought.get(model, ())) + list(context.pks.get(model, ()))
    near = difflib.get_close_matches(text, known[:2000], n=1, cutoff=0.7)
    return _("是不是“{near}”？请核对编号。").format(near=near[0]) if near else ""
