"""Records given out as files, under the same rights as the page they come from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.template.defaultfilters import date as date_format
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction
from sanneng.core.models import RecordQuerySet, School
from sanneng.core.registry import type_of
from sanneng.core.spreadsheets import safe_text
from sanneng.core.spreadsheets.writing import write_records

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def spreadsheet(
    found: Iterable[RecordQuerySet],
    *,
    name: str,
    form: str,
    rights: Rights,
    school: School,
    columns: Sequence[str] = (),
    asked: str = "",
) -> HttpResponse:
    """The records of each query set as one workbook, or as CSV with what lists show.

    Fields that the ``rights`` do not show are left out; ``columns`` are those of a list on screen.
    A workbook holds every field, so that it can be taken in again. What goes out is noted in
    the audit log, with ``asked``, the address of the list.
    """
    if form not in TYPES:
        raise Http404
    found = [records.select_related(*_references(records.model)) for records in found]
    note(
        AuditAction.EXPORT,
        school=school,
        by=rights.user,
        types=[type_of(records.model).code for records in found],
        name=name,
        query=asked,
        form=form,
    )
    response = attachment(f"{name}.{form}", TYPES[form])
    if form == "xlsx":
        made = io.BytesIO()
        left_out = {one.model: rights.hidden_fields(one.model, school) for one in found}
        write_records(made, found, left_out, school)
        response.content = made.getvalue()
        return response
    # A mark that makes spreadsheet programs read the file as UTF-8.
    response.write("\ufeff")
    writer = csv.writer(response)
    for records in found:
        hidden = rights.hidden_fields(records.model, school)
        shown_by_type = [f for f in type_of(records.model).list_fields if f not in hidden]
        fields = (*(columns or shown_by_type), "state")
        writer.writerow([heading(records.model, path) for path in fields])
        for record in records.iterator(chunk_size=2000):
            writer.writerow([safe_text.for_csv(shown(record, path)) for path in fields])
    return response


def _references(model: Any) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.is_relation]


def attachment(name: str, media_type: str) -> HttpResponse:
    """A response that a browser saves under ``name`` (RFC 6266) and never shows."""
    response = HttpResponse(content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response


def heading(model: Any, path: str) -> str:
    """The name of a field as people read it; hours are kept times ten and shown divided."""
    return str(model._meta.get_field(path).verbose_name).removesuffix("×10")


def shown(record: Any, path: str) -> str:
    """A field as people read it: labels for codes, dates in full, 是 and 否."""
    return said(type(record), path, getattr(record, path))


def said(model: Any, path: str, value: Any) -> str:
    """``value`` of a field, or what the audit log kept of it, as people read it."""
    field = model._meta.get_field(path)
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if hasattr(value, "isoformat"):
        return date_format(value, "Y-m-d")
    if path.endswith("_x10") and isinstance(value, int):
        return f"{value / 10:g}"
    return str(value)
