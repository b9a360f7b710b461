"""Putting figures, charts and tables where a rendered template left marks for them."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from sanneng.reports.manifest import BOOKMARK, NAMESPACE, STORE_ID, ReportFigure, xpath

# Private-use characters: no text of a user holds them, and XML carries them as they are.
OPEN, CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{OPEN}([^{CLOSE}]+){CLOSE}")


def mark(name: str) -> str:
    """Text that ``place_figures`` or ``place_blocks`` will replace."""
    return f"{OPEN}{name}{CLOSE}"


def place_figures(document: WordDocument, figures: dict[str, ReportFigure]) -> None:
    """Turn each mark of a figure, in the body or at the edges of pages, into a content control
    with the figure's text."""
    number = 100
    for root in _roots(document):
        for run in [one for whole in list(root.iter(qn("w:r"))) for one in _single(whole)]:
            node = run.find(qn("w:t"))
            if node is None or OPEN not in (node.text or ""):
                continue
            pieces = _MARK.split(node.text)
            for index, piece in enumerate(pieces):
                if index % 2 and piece in figures:
                    number += 1
                    for element in _control(run, figures[piece], number):
                        run.addprevious(element)
                elif piece:
                    run.addprevious(_run(run, mark(piece) if index % 2 else piece))
            run.getparent().remove(run)


def unplaced(document: WordDocument) -> bool:
    """Whether a mark is left that nothing was put in place of."""
    return any(
        OPEN in (node.text or "") for root in _roots(document) for node in root.iter(qn("w:t"))
    )


def _roots(document: WordDocument) -> list[Any]:
    """The body, then the headers and footers of every section."""
    edges = [
        edge
        for section in document.sections
        for edge in (
            section.header, section.footer, section.even_page_header, section.even_page_footer,
            section.first_page_header, section.first_page_footer,
        )
        if not edge.is_linked_to_previous
    ]  # fmt: skip
    return [document.element.body, *(edge._element for edge in edges)]


def _single(run: Any) -> list[Any]:
    """``run``, cut so that each part holds one piece of text, one tab or one break."""
    content = [child for child in run if child.tag != qn("w:rPr")]
    if len(content) < 2 or not any(OPEN in (child.text or "") for child in content):
        return [run]
    parts = []
    for child in content:
        part = copy.deepcopy(run)
        for other in [one for one in part if one.tag != qn("w:rPr")]:
            part.remove(other)
        part.append(child)
        run.addprevious(part)
        parts.append(part)
    run.getparent().remove(run)
    return parts


def place_blocks(document: WordDocument, blocks: dict[str, Callable[[Any], None]]) -> None:
    """Hand each paragraph that is nothing but the mark of a block to the block's maker."""
    for paragraph in list(document.paragraphs):
        match = _MARK.fullmatch(paragraph.text.strip())
        if match and match[1] in blocks:
            blocks[match[1]](paragraph)


def _run(model: Any, text: str) -> Any:
    run = copy.deepcopy(model)
    node = run.find(qn("w:t"))
    node.text = text
    node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def _control(model: Any, figure: ReportFigure, number: int) -> list[Any]:
    """Bookmark start, content control, bookmark end."""
    start, end = bookmark(f"{BOOKMARK}{figure.id.replace('-', '_')}", number)
    control = OxmlElement("w:sdt")
    properties = OxmlElement("w:sdtPr")
    for tag, value in (("w:alias", f"{figure.id} {figure.indicator}"), ("w:tag", figure.id),
                       ("w:id", str(820000 + number))):  # fmt: skip
        node = OxmlElement(tag)
        node.set(qn("w:val"), value)
        properties.append(node)
    binding = OxmlElement("w:dataBinding")
    binding.set(qn("w:prefixMappings"), f"xmlns:s='{NAMESPACE}'")
    binding.set(qn("w:xpath"), xpath(figure.id))
    binding.set(qn("w:storeItemID"), STORE_ID)
    properties.append(binding)
    properties.append(OxmlElement("w:text"))
    content = OxmlElement("w:sdtContent")
    content.append(_run(model, figure.text))
    control.append(properties)
    control.append(content)
    return [start, control, end]


def bookmark(name: str, number: int) -> tuple[Any, Any]:
    """The start and the end of a bookmark; ``number`` is its own in the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for node in (start, end):
        node.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    return start, end
