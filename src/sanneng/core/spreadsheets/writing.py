"""Write records into a workbook that people can read and that imports again unchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES

from sanneng.core.errors import SannengError
from sanneng.core.models import Evidence, Record, School
from sanneng.core.spreadsheets import safe_text, styles
from sanneng.core.spreadsheets.columns import EVIDENCE, MARK, NO, YES, Column, Kind, Sheet, sheet_of

EVIDENCE_SEPARATOR = "；"
CHUNK = 1000
SHEET_ROWS = 1_048_576  # Excel takes no more.

Row = Mapping[str, Any]
Target = Path | str | IO[bytes]


Hidden = Mapping[type[Record], Collection[str]]


def write_rows(
    target: Target,
    rows_by_model: Mapping[type[Record], Iterable[Row]],
    hidden: Hidden = MappingProxyType({}),
    school: School | None = None,
) -> None:
    """Write one sheet per model from rows of field name -> value.

    A reference is the 编号 of its record, ``evidence`` a list of titles, choices are codes;
    names that a row leaves out are blank cells. ``hidden`` names the fields of each model
    whose columns are left out. ``school`` is written into the file's properties, so that
    another school that takes it in by mistake is asked first.
    """
    workbook = Workbook(write_only=True)
    if school is not None:
        workbook.properties.keywords = f"{MARK}{school.code}"
    try:
        for model, rows in rows_by_model.items():
            _write_sheet(workbook, sheet_of(model).without(hidden.get(model, ())), rows)
    except BaseException:
        # Each page holds a half-written file open.
        for page in workbook.worksheets:
            page.close()
        raise
    workbook.save(target)


def write_records(
    target: Target,
    records: Iterable[QuerySet[Any]],
    hidden: Hidden = MappingProxyType({}),
    school: School | None = None,
) -> int:
    """Write the records of each query set on the sheet of its model; returns how many."""
    counter = _Counter()
    write_rows(
        target,
        {found.model: counter.counted(rows_of(found)) for found in records},
        hidden,
        school,
    )
    return counter.total


class _Counter:
    total = 0

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.total += 1
            yield row


def _write_sheet(workbook: Workbook, sheet: Sheet, rows: Iterable[Row]) -> None:
    page = workbook.create_sheet(sheet.title)
    styles.dress(page, sheet)
    page.append([styles.heading_cell(page, column) for column in sheet.columns])
    writers = [(column.name, _writer(page, column)) for column in sheet.columns]
    for number, row in enumerate(rows, start=2):
        if number > SHEET_ROWS:
            raise SannengError(
                _("“{sheet}”的记录超过一张工作表的行数，请筛选后分几次导出。").format(
                    sheet=sheet.title
                ),
                code="too_many_rows",
            )
        page.append([write(row.get(name)) for name, write in writers])


def _writer(page: Any, column: Column) -> Callable[[Any], Any]:
    """The function that turns a value of ``column`` into what openpyxl is given."""

    def text(value: Any) -> Any:
        return None if value in (None, "") else text_cell(page, str(value))

    def date(value: dt.date | None) -> Any:
        return None if value is None else styles.date_cell(page, value)

    def choice(value: Any) -> Any:
        return None if value in (None, "") else column.labels.get(str(value), str(value))

    def boolean(value: bool | None) -> Any:
        return None if value is None else (YES if value else NO)

    def tenths(value: int | None) -> Any:
        return None if value is None else value / 10

    def evidence(value: Iterable[str] | None) -> Any:
        return text(EVIDENCE_SEPARATOR.join(dict.fromkeys(value or ())))

    by_kind = {
        Kind.DATE: date,
        Kind.CHOICE: choice,
        Kind.BOOLEAN: boolean,
        Kind.TENTHS: tenths,
        Kind.EVIDENCE: evidence,
        Kind.INTEGER: lambda value: value,
        Kind.PERCENT: lambda value: value,
    }
    return by_kind.get(column.kind, text)


def text_cell(page: Any, text: str) -> Any:
    """``text`` for a cell of ``page``, always of type text."""
    text = safe_text.for_cell(text)
    if not safe_text.starts_like_formula(text) and text not in ERROR_CODES:
        return text
    cell = WriteOnlyCell(page, text)
    # openpyxl has guessed a formula or an error value; the quote mark keeps a program from
    # guessing the same when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def rows_of(found: QuerySet[Any]) -> Iterator[Row]:
    """The rows of ``found``, with references and evidence fetched once per chunk."""
    sheet = sheet_of(cast(type[Record], found.model))
    ordered = found if found.ordered else found.order_by("pk")
    iterator = ordered.iterator(chunk_size=CHUNK)
    while chunk := list(islice(iterator, CHUNK)):
        targets = {
            column.name: column.target._base_manager.in_bulk(
                {getattr(record, f"{column.name}_id") for record in chunk} - {None}
            )
            for column in sheet.columns
            if column.target is not None
        }
        titles = _titles(found.model, chunk)
        for record in chunk:
            yield _row_of(record, sheet, targets, titles)


def _row_of(
    record: Record,
    sheet: Sheet,
    targets: Mapping[str, Mapping[int, Record]],
    titles: Mapping[int, list[str]],
) -> Row:
    row: dict[str, Any] = {}
    for column in sheet.columns:
        if column.kind is Kind.REFERENCE:
            whole = targets[column.name].get(getattr(record, f"{column.name}_id"))
            row[column.name] = whole and whole.key
            row[f"{column.name}__name"] = whole and str(whole)
        elif column.kind is Kind.EVIDENCE:
            row[EVIDENCE] = titles.get(record.pk)
        elif column.is_read:
            row[column.name] = getattr(record, column.name)
    return row


def _titles(model: type[Record], chunk: list[Record]) -> dict[int, list[str]]:
    titles: dict[int, list[str]] = {}
    found = Evidence.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=[record.pk for record in chunk],
        superseded_at=None,
    )
    for object_id, title in found.values_list("object_id", "title"):
        titles.setdefault(object_id, []).append(title)
    return titles
