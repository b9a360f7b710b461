"""Give every row its 编号, and refuse two rows that claim the same one."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from sanneng.core.spreadsheets.keys import derived_key, existing_identities
from sanneng.core.spreadsheets.plan import ImportContext
from sanneng.core.spreadsheets.reading import FaultyRow, ParsedRow, SheetRows


def settle_keys(found: SheetRows, context: ImportContext) -> None:
    """Give the rows of ``found`` that have no 编号 the one of the record with the same
    identity, or else a derived one; drop repeated rows that say the same.

    The 编号 of rows with faults count as brought too: who refers to them is not at fault."""
    found.rows = _with_keys(found, context)
    first: dict[str, ParsedRow] = {}
    for row in found.rows:
        known = first.setdefault(row.key or "", row)
        if known is not row and known.values != row.values:
            context.report.refuse(
                found.title,
                row.number,
                "编号",
                _("与第 {number} 行是同一条记录，内容却不同").format(number=known.number),
                _("请只留正确的一行；若是两件事，请填不同的编号。"),
            )
            found.set_aside.append(FaultyRow(row, frozenset()))
        elif known is not row:
            context.report.doubt(
                found.title,
                row.number,
                "",
                _("与第 {number} 行完全相同，只算一条").format(number=known.number),
                _("若是两件事，请填不同的编号。"),
            )
    found.rows = list(first.values())
    aside = {faulty.row.key for faulty in found.set_aside if faulty.row.key}
    context.brought[found.sheet.model] = aside.union(first)


def _with_keys(found: SheetRows, context: ImportContext) -> list[ParsedRow]:
    if all(row.key for row in found.rows):
        return found.rows
    names = [column.name for column in found.columns]
    identity = found.sheet.record_type.identity
    places = [names.index(name) if name in names else None for name in identity]
    keyed, wanted = [], set()
    for row in found.rows:
        if not row.key:
            key = derived_key([None if at is None else row.values[at] for at in places])
            wanted.add(key)
            row = row._replace(key=key)
        keyed.append(row)
    actual = _actual_keys(found, wanted, context)
    return [_renamed(row, actual, found, context) if row.key in wanted else row for row in keyed]


def _actual_keys(
    found: SheetRows, wanted: set[str], context: ImportContext
) -> Mapping[str, list[str]]:
    """The 编号 of records that are what rows without one describe, by derived 编号."""
    actual: dict[str, list[str]] = {}
    for derived, key in existing_identities(found.sheet.model, context.school):
        if derived in wanted:
            actual.setdefault(derived, []).append(key)
    return actual


def _renamed(
    row: ParsedRow, actual: Mapping[str, list[str]], found: SheetRows, context: ImportContext
) -> ParsedRow:
    keys = actual.get(row.key or "", [])
    if row.key in keys:
        return row
    if len(keys) > 1:
        context.report.refuse(
            found.title,
            row.number,
            "编号",
            _("没有编号，而有 {count} 条记录与它相同").format(count=len(keys)),
            _("请填编号：{keys}。").format(keys="、".join(keys[:5])),
        )
    return row._replace(key=keys[0]) if keys else row
