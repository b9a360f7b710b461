"""What an import asks about before it writes: rows that are right in themselves, but look like
something that is there already, or like the wrong file."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path

from defusedxml import ElementTree
from django.utils.translation import gettext as _

from sanneng.core.enums import RecordState
from sanneng.core.models import School
from sanneng.core.spreadsheets.columns import MARK, Kind
from sanneng.core.spreadsheets.plan import ImportContext, SheetPlan

_CORE = "docProps/core.xml"
_KEYWORDS = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}keywords"
_UNIMPORTANT = re.compile(r"[\W_]+")


def ask_about_rows(plan: SheetPlan, context: ImportContext) -> None:
    """Doubt new rows whose name or title is, but for blanks and signs, that of a record in
    force; a person with the same name is most often the same person."""
    place = _name_column(plan)
    if place is None or not plan.creates:
        return
    column = plan.found.columns[place]
    known = plan.model._base_manager.filter(school=context.school).exclude(
        state__in=(RecordState.VOIDED, RecordState.RETURNED)
    )
    by_name: dict[str, tuple[str, str]] = {}
    for key, text in known.values_list("key", column.name).iterator():
        by_name.setdefault(plain(text), (key, text))
    for row in plan.creates:
        found = by_name.get(plain(str(row.values[place] or "")))
        if found is not None:
            context.report.doubt(
                plan.sheet.title,
                row.number,
                column.heading,
                _("可能与已有的“{name}”（编号 {key}）重复").format(name=found[1], key=found[0]),
                _("若是同一条，请填上这个编号；若不是，核对后照常导入。"),
            )


def _name_column(plan: SheetPlan) -> int | None:
    """The place of the text by which records of the type are told apart, if it has one."""
    for name in plan.sheet.record_type.identity[:1]:
        for place, column in enumerate(plan.found.columns):
            if column.name == name and column.kind is Kind.TEXT:
                return place
    return None


def plain(text: str) -> str:
    """``text`` without differences of width, case, blanks and signs."""
    return _UNIMPORTANT.sub("", unicodedata.normalize("NFKC", text)).casefold()


def ask_about_file(path: Path, context: ImportContext) -> None:
    """Doubt a workbook that was written for another school."""
    code = school_of(path)
    if code and code != context.school.code:
        other = School.objects.filter(code=code).first()
        context.report.doubt(
            "",
            0,
            "",
            _("这个文件是从“{school}”导出的").format(school=other or code),
            _("其中的编号可能与本校的记录相同，会改动本校记录。请核对是不是选错了文件。"),
        )


def school_of(path: Path) -> str:
    """The code of the school for which the workbook was written; empty where it does not say."""
    try:
        with zipfile.ZipFile(path) as archive:
            root = ElementTree.fromstring(archive.read(_CORE))
    except (KeyError, zipfile.BadZipFile, ElementTree.ParseError, ValueError):
        return ""
    words = (root.findtext(_KEYWORDS) or "").split()
    return next((word.removeprefix(MARK) for word in words if word.startswith(MARK)), "")
