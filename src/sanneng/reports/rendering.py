"""From a template, a school and a day to a report whose figures lead to their records."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.document import CT_Document
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2.exceptions import SecurityError, TemplateError
from lxml import etree

from sanneng.core.archives import check_archive
from sanneng.core.domain.audit import head_of
from sanneng.core.errors import SannengError, UnacceptableFile
from sanneng.core.models import School
from sanneng.figures.writing import write_date
from sanneng.reports.charts import add_chart
from sanneng.reports.controls import bookmark, place_blocks, place_figures, unplaced
from sanneng.reports.gongwen import CELL, CELL_HEAD
from sanneng.reports.manifest import ROW_BOOKMARK, ReportFigure, add_manifest
from sanneng.reports.sandbox import TemplateLanguage
from sanneng.reports.source import ANNEX, FigureSource

DEFAULT_TEMPLATE = Path(__file__).parent / "work_report.docx"
_FORBIDDEN = ("attachedTemplate", "oleObject", "vbaProject", "aFChunk")
_ANNEX_WIDTHS = (10, 34, 26, 22, 52, 12)


_UNREADABLE = gettext_lazy("模板打不开，或有损坏的部分。请用 Word 或 WPS 打开后另存一份再试。")


class BadTemplate(SannengError):
    """A template that does what a template must not, or that cannot be understood."""

    code = "bad_template"


@dataclass(frozen=True)
class Rendered:
    """A report as bytes of a .docx, the figures in it by their id, and the head of the school's
    audit chain (number, digest) at that time."""

    content: bytes
    figures: dict[str, ReportFigure]
    audit_head: tuple[int, str]


def render_report(template: Path, *, school: School, as_of: dt.date) -> Rendered:
    """Render ``template`` for ``school`` as of a day.

    Raises BadTemplate, UnacceptableFile for no .docx, UnknownIndicator for a figure that the
    catalogue does not have. Templates run in a sandbox, as they come from users.
    """
    _refuse_dangerous(template)
    source = FigureSource(school, as_of)
    audit_head = head_of(school)
    document = _rendered(template, source, _audit_line(audit_head))
    figures = source.figures()
    blocks: dict[str, Any] = {
        name: partial(_put_chart, document, chart) for name, chart in source.charts.items()
    }
    blocks[ANNEX] = partial(_put_annex, document, source)
    place_blocks(document, blocks)
    place_figures(document, figures)
    if unplaced(document):
        raise BadTemplate(
            _(
                "模板里有的标签放不进去：图和附表要独占正文里的一段，数字要写在文字里。请调整后再试。"
            )
        )
    add_manifest(document.part.package, figures.values())  # type: ignore[arg-type]
    made = io.BytesIO()
    document.save(made)
    return Rendered(made.getvalue(), figures, audit_head)


def _audit_line(head: tuple[int, str]) -> str:
    """What a report says of the audit log: a log that is cut or rewritten later contradicts it."""
    number, digest = head
    if not number:
        return _("审计链：尚无记录")
    return _("审计链：第 {number} 条 {digest}").format(number=number, digest=digest[:16])


def _rendered(template: Path, source: FigureSource, audit_line: str) -> WordDocument:
    context = {
        "fig": source.fig,
        "chart": source.chart,
        "annex": source.annex,
        "school": source.school.name,
        "as_of": write_date(source.as_of),
        "audit": audit_line,
    }
    try:
        tpl = DocxTemplate(str(template))
        tpl.render(context, jinja_env=TemplateLanguage())
    except SecurityError as error:
        raise BadTemplate(_("模板里有不允许的操作，已拒绝：{error}").format(error=error)) from error
    except TemplateError as error:
        raise BadTemplate(_("模板第几处标签写错了：{error}").format(error=error)) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise BadTemplate(
            _("模板里 fig 或 chart 的参数不对：{error}").format(error=error)
        ) from error
    except (SannengError, DatabaseError):
        raise
    except Exception as error:  # python-docx and docxtpl let the errors of their readers through
        raise BadTemplate(str(_UNREADABLE)) from error
    # Read anew, as docxtpl leaves headers and footers as bytes beside the document.
    kept = io.BytesIO()
    tpl.docx.save(kept)
    document = Document(kept)
    if not isinstance(document.element, CT_Document):
        raise BadTemplate(str(_UNREADABLE))
    return document


def _refuse_dangerous(template: Path) -> None:
    """No macros, embedded programs, or links that are fetched when the file is opened."""
    if not template.is_file() or template.suffix.lower() != ".docx":
        raise UnacceptableFile(_("模板必须是 .docx 文件：{name}").format(name=template.name))
    relations: dict[str, bytes] = {}

    def watch(name: str, piece: bytes) -> None:
        if name.endswith((".rels", ".xml")):
            relations[name] = relations.get(name, b"") + piece

    names = check_archive(template, watch=watch)
    if any("vbaProject" in name or "embeddings/" in name for name in names):
        raise BadTemplate(_("模板带有宏或嵌入的程序，已拒绝。请去掉后再试。"))
    for name, content in relations.items():
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise BadTemplate(_("模板的 XML 带有实体声明，已拒绝。"))
        if name.endswith(".rels") and (
            any(word.encode() in content for word in _FORBIDDEN) or _fetches(content)
        ):
            raise BadTemplate(_("模板引用了外部文件，已拒绝。请把图片等内容放进模板本身。"))


def _fetches(relations: bytes) -> bool:
    """Whether anything but a link to click leads out of the file."""
    try:
        root = etree.fromstring(relations, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return True
    outside = [one for one in root.iter() if one.get("TargetMode") == "External"]
    return any(not (one.get("Type") or "").endswith("/hyperlink") for one in outside)


def _put_chart(document: WordDocument, chart: Any, paragraph: Any) -> None:
    add_chart(document, paragraph, chart)


_VALUE_COLUMN = 2


def _put_annex(document: WordDocument, source: FigureSource, paragraph: Any) -> None:
    heads = ("序号", "指标", "数值", "期间", "口径", "记录数")
    rows = source.annex_rows()
    table = document.add_table(rows=1, cols=len(heads))
    if "Table Grid" in document.styles:
        table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, _ANNEX_WIDTHS, strict=True):
        column.width = Mm(width)
    _fill(table.rows[0], heads, CELL_HEAD)
    _flag(table.rows[0], "w:tblHeader")
    for number, (code, row) in enumerate(rows, start=1):
        added = table.add_row()
        _fill(added, row, CELL)
        # So that a check knows which indicator the row speaks of.
        start, end = bookmark(f"{ROW_BOOKMARK}{code}", 5000 + number)
        run = added.cells[_VALUE_COLUMN].paragraphs[0].runs[0]._r
        run.addprevious(start)
        run.addnext(end)
    for row in table.rows:
        _flag(row, "w:cantSplit")
    paragraph._p.addprevious(table._tbl)
    paragraph._p.getparent().remove(paragraph._p)


def _fill(row: Any, values: tuple[str, ...], style: str) -> None:
    for cell, value, width in zip(row.cells, values, _ANNEX_WIDTHS, strict=True):
        cell.width = Mm(width)
        cell.paragraphs[0].style = style
        cell.paragraphs[0].add_run(value)


def _flag(row: Any, tag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(tag))
