"""A report as a page shows it: paragraphs, tables and charts, every figure a way to its records."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from sanneng.reports import gongwen
from sanneng.reports.manifest import ReportFigure
from sanneng.reports.reading import read_figures

_BOUND = "s:id='"
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_STYLES = {
    gongwen.TITLE: "title", gongwen.LEVEL_1: "level-1", gongwen.LEVEL_2: "level-2",
    gongwen.SIGNATURE: "signature", gongwen.ANNEX_MARK: "annex-mark", gongwen.NOTE: "note",
    gongwen.ADDRESSEE: "addressee",
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    text: str
    figure: ReportFigure | None = None


@dataclass(frozen=True)
class Block:
    """A paragraph (``spans``), a table (``rows``), or a chart (its data)."""

    kind: str
    style: str = "body"
    spans: tuple[Span, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    chart: dict[str, Any] = field(default_factory=dict)


def preview(path: Path) -> list[Block]:
    """The blocks of the report at ``path`` in order."""
    document = Document(str(path))
    figures = {one.id: one for one in read_figures(path)}
    names = {style.style_id: style.name for style in document.styles}
    blocks = []
    for element in document.element.body:
        if element.tag == qn("w:tbl"):
            blocks.append(Block("table", rows=_rows(element)))
        elif element.tag == qn("w:p"):
            chart = element.find(f".//{{{_CHART}}}chart")
            if chart is not None:
                part = document.part.related_parts[chart.get(qn("r:id"))]
                blocks.append(Block("chart", chart=_chart(part.blob)))
            else:
                style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
                name = names.get(style.get(qn("w:val"))) if style is not None else None
                blocks.append(
                    Block(
                        "paragraph",
                        _STYLES.get(name or "", "body"),
                        tuple(_spans(element, figures)),
                    )
                )
    return blocks


def _spans(paragraph: Any, figures: dict[str, ReportFigure]) -> list[Span]:
    spans = []
    for node in paragraph:
        text = "".join(one.text or "" for one in node.iter(qn("w:t")))
        if not text:
            continue
        binding = node.find(f".//{qn('w:dataBinding')}") if node.tag == qn("w:sdt") else None
        figure = None
        if binding is not None:
            figure = figures.get(
                binding.get(qn("w:xpath"), "").partition(_BOUND)[2].partition("'")[0]
            )
        spans.append(Span(text, figure))
    return spans


def _rows(table: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            "".join(one.text or "" for one in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))
        )
        for row in table.iter(qn("w:tr"))
    )


def _chart(blob: bytes) -> dict[str, Any]:
    """Categories and series of a chart part, as the page's charts take them."""
    root = etree.fromstring(blob, etree.XMLParser(resolve_entities=False))
    ns = {"c": _CHART}
    series = []
    labels: list[str] = []
    for one in root.iterfind(".//c:ser", ns):
        labels = [node.text or "" for node in one.iterfind("c:cat//c:pt/c:v", ns)]
        values = [float(node.text or 0) for node in one.iterfind("c:val//c:pt/c:v", ns)]
        name = one.findtext("c:tx//c:pt/c:v", namespaces=ns)
        series.append({"name": name, "values": values})
    return {"labels": labels, "series": series}
