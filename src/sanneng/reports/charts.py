"""Native Word charts: they can be edited in Word and WPS, and need no font on the server."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from lxml import etree
from openpyxl import Workbook
from pptx.chart.data import CategoryChartData
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.enum.chart import XL_CHART_TYPE

from sanneng.reports.gongwen import CELL, NOTE, SIZE_5

_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_CHART_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BOOK_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
_COLOURS = ("9E1B1E", "D9A441", "3F6C8F", "6B8E5A")
_EMU = 360000  # a centimetre
_ROOM = 1.15  # above the highest column, for its label


@dataclass(frozen=True)
class Chart:
    """Columns by category; each series has one number per category."""

    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


def add_chart(document: WordDocument, paragraph: Any, chart: Chart) -> None:
    """Put ``chart`` into ``paragraph``, its title below it; a word in its place without data."""
    for run in paragraph.runs:
        run._r.getparent().remove(run._r)
    if not chart.categories:
        paragraph.add_run(_("（{title}：暂无数据）").format(title=chart.title))
        return
    data = CategoryChartData()
    data.categories = list(chart.categories)
    for name, values in chart.series:
        data.add_series(name, values)
    xml = ChartXmlWriter(XL_CHART_TYPE.COLUMN_CLUSTERED, data).xml
    package = document.part.package
    number = 1 + sum("/charts/chart" in str(part.partname) for part in package.iter_parts())
    workbook = Part(
        PackURI(f"/word/embeddings/chart{number}.xlsx"), _BOOK_TYPE, _workbook(chart), package
    )
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), _CHART_TYPE, b"", package)
    highest = max((value for _name, values in chart.series for value in values), default=0)
    part._blob = _dressed(xml, part.relate_to(workbook, _BOOK_LINK), top=highest * _ROOM or 1)
    link = document.part.relate_to(part, _CHART_LINK)
    paragraph.style = document.styles[CELL]
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run()._r.append(_drawing(link, number, chart))
    caption = document.add_paragraph(chart.title, style=NOTE)
    paragraph._p.addnext(caption._p)


def _workbook(chart: Chart) -> bytes:
    """The numbers as a small workbook, so that the chart can be edited."""

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    sheet.append(["", *(name for name, _values in chart.series)])
    for index, category in enumerate(chart.categories):
        sheet.append([category, *(values[index] for _name, values in chart.series)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _dressed(xml: str, workbook: str, *, top: float) -> bytes:
    """The chart's XML with our colours, value labels, a legend below, and its workbook."""

    root: Any = etree.fromstring(xml.encode())
    c = root.nsmap["c"]
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    for series, colour in zip(root.iter(f"{{{c}}}ser"), _COLOURS, strict=False):
        look = etree.fromstring(
            f'<c:spPr xmlns:c="{c}" xmlns:a="{a}"><a:solidFill><a:srgbClr val="{colour}"/>'
            "</a:solidFill></c:spPr>"
        )
        series.find(f"{{{c}}}tx").addnext(look)
        labels = etree.fromstring(
            f'<c:dLbls xmlns:c="{c}"><c:showLegendKey val="0"/><c:showVal val="1"/>'
            '<c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/>'
            '<c:showBubbleSize val="0"/></c:dLbls>'
        )
        series.find(f"{{{c}}}cat").addprevious(labels)
    for text in root.iterfind(f"{{{c}}}txPr//{{{a}}}defRPr"):
        text.set("sz", str(int(SIZE_5 * 100)))
    # The columns carry their values, so an axis of values would only repeat them.
    for axis in root.iter(f"{{{c}}}valAx"):
        axis.find(f"{{{c}}}delete").set("val", "1")
        scaling = axis.find(f"{{{c}}}scaling")
        for tag, value in (("max", top), ("min", 0)):
            etree.SubElement(scaling, f"{{{c}}}{tag}").set("val", f"{value:g}")
    plot = root.find(f".//{{{c}}}plotArea")
    for grid in list(root.iter(f"{{{c}}}majorGridlines")):
        grid.getparent().remove(grid)
    plot.addnext(
        etree.fromstring(
            f'<c:legend xmlns:c="{c}"><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'
        )
    )
    for old in root.findall(f"{{{c}}}externalData"):
        root.remove(old)
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    root.append(
        etree.fromstring(
            f'<c:externalData xmlns:c="{c}" xmlns:r="{r}" r:id="{workbook}">'
            '<c:autoUpdate val="0"/></c:externalData>'
        )
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _drawing(link: str, number: int, chart: Chart) -> Any:
    width, height = 15 * _EMU, 7 * _EMU
    drawing: Any = parse_xml(
        f"<w:drawing {nsdecls('w', 'wp', 'a', 'r')} "
        'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<wp:inline><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{900 + number}" name="chart{number}"/><wp:cNvGraphicFramePr/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{link}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
    drawing.find(f".//{qn('wp:docPr')}").set("descr", chart.title)
    return drawing
