"""Reading a report's figures back from the file, also after another program saved it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from sanneng.core.errors import SannengError
from sanneng.reports.checking.documents import read_document
from sanneng.reports.manifest import BOOKMARK, ReportFigure, read_manifest

_BOUND_ID = re.compile(r"s:id='([^']+)'")


def read_figures(path: Path) -> list[ReportFigure]:
    """The figures of the report at ``path``, each with the text that now stands in it.

    Raises UnacceptableFile for no .docx, SannengError for a document that has no figures.
    """
    document = read_document(path).word
    stated = read_manifest(document.part.package) if document is not None else []  # type: ignore[arg-type]
    if not stated or document is None:
        raise SannengError(
            _("“{name}”里没有可追溯的数字：它不是本系统生成的报告。").format(name=path.name),
            code="no_manifest",
        )
    shown = texts_of(document)
    return [replace(one, text=shown.get(one.id, "")) for one in stated]


def day_of_report(path: Path) -> dt.date | None:
    """The day as of which the report at ``path`` was made; None where it is no report of ours."""
    try:
        figures = read_figures(path)
    except SannengError:
        return None
    return dt.date.fromisoformat(figures[0].as_of)


def find_figure(path: Path, figure_id: str) -> ReportFigure:
    """One figure of a report; SannengError names the figures there are."""
    figures = {one.id: one for one in read_figures(path)}
    if figure_id not in figures:
        raise SannengError(
            _("报告里没有“{id}”。可用：{all}").format(id=figure_id, all="、".join(figures)),
            code="no_figure",
        )
    return figures[figure_id]


def texts_of(document: WordDocument | Any) -> dict[str, str]:
    """The text in each figure's content control by figure id; where a program dropped the
    control, the text inside the bookmark."""
    found: dict[str, str] = {}
    for control in document.element.body.iter(qn("w:sdt")):
        binding = control.find(f".//{qn('w:dataBinding')}")
        match = _BOUND_ID.search(binding.get(qn("w:xpath"), "")) if binding is not None else None
        if match:
            found.setdefault(match[1], _text(control))
    for start in document.element.body.iter(qn("w:bookmarkStart")):
        name = start.get(qn("w:name"), "")
        if name.startswith(BOOKMARK):
            found.setdefault(name.removeprefix(BOOKMARK).replace("_", "-"), _until_end(start))
    return found


def _text(element: Any) -> str:
    return "".join(node.text or "" for node in element.iter(qn("w:t")))


def _until_end(start: Any) -> str:
    pieces = []
    for node in start.itersiblings():
        if node.tag == qn("w:bookmarkEnd") and node.get(qn("w:id")) == start.get(qn("w:id")):
            break
        pieces.append(_text(node))
    return "".join(pieces)
