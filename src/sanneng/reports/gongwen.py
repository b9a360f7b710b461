"""The page and the styles of an official document, GB/T 9704-2012.

Lengths and spacings are those that give 22 lines of 28 characters in practice: 28.95 pt exact
line spacing and characters 0.25 pt closer than the type size.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, Twips

TITLE, BODY, LEVEL_1, LEVEL_2 = "公文标题", "公文正文", "公文一级标题", "公文二级标题"
ADDRESSEE, SIGNATURE, ANNEX_MARK, CELL, CELL_HEAD, NOTE, IMPRINT = (
    "公文主送机关", "公文落款", "公文附件标识", "公文表格", "公文表头", "公文图注", "公文版记",
)  # fmt: skip
FANGSONG, KAITI, HEITI, SONGTI, XIAOBIAOSONG = (
    "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体",
)  # fmt: skip
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = 22, 16, 14, 10.5
LINE = 579  # twentieths of a point: 28.95 pt
CLOSER = -5  # twentieths of a point between characters
# Twips: A4, and the margins that leave a type area of 156 x 225 mm.
PAGE = {"w": 11906, "h": 16838}
MARGINS = {"top": 2098, "left": 1587, "right": 1474, "bottom": 1984}

_STYLES: dict[str, dict[str, Any]] = {
    BODY: {"font": FANGSONG, "size": SIZE_3, "indent": 200},
    TITLE: {"font": XIAOBIAOSONG, "size": SIZE_2, "align": "center", "line": 700},
    ADDRESSEE: {"font": FANGSONG, "size": SIZE_3},
    LEVEL_1: {"font": HEITI, "size": SIZE_3, "indent": 200, "outline": 0},
    LEVEL_2: {"font": KAITI, "size": SIZE_3, "indent": 200, "outline": 1},
    SIGNATURE: {"font": FANGSONG, "size": SIZE_3, "align": "right", "right": 400},
    ANNEX_MARK: {"font": HEITI, "size": SIZE_3, "page_break": True},
    CELL: {"font": FANGSONG, "size": SIZE_5, "line": 280, "spacing": 0, "align": "left"},
    CELL_HEAD: {"font": HEITI, "size": SIZE_5, "line": 280, "spacing": 0, "align": "center"},
    NOTE: {"font": KAITI, "size": SIZE_4, "align": "center"},
    IMPRINT: {"font": FANGSONG, "size": SIZE_4, "align": "left", "left": 100, "right": 100},
}


def dress(document: WordDocument) -> None:
    """Give ``document`` the page, the styles and the page numbers of an official document."""
    _page(document)
    for name, look in _STYLES.items():
        _style(document, name, look)
    _page_numbers(document)


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Twips(PAGE["w"]), Twips(PAGE["h"])
    section.top_margin, section.bottom_margin = Twips(MARGINS["top"]), Twips(MARGINS["bottom"])
    section.left_margin, section.right_margin = Twips(MARGINS["left"]), Twips(MARGINS["right"])
    section.footer_distance = Twips(1417)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is not None:
        section._sectPr.remove(grid)


def _style(document: WordDocument, name: str, look: dict[str, Any]) -> None:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = None
    set_font(
        style.element.get_or_add_rPr(), look["font"], look["size"], look.get("spacing", CLOSER)
    )
    properties = style.element.get_or_add_pPr()
    spacing = OxmlElement("w:spacing")
    for key, value in (("before", 0), ("after", 0), ("line", look.get("line", LINE)),
                       ("lineRule", "exact")):  # fmt: skip
        spacing.set(qn(f"w:{key}"), str(value))
    properties.append(spacing)
    _indent(properties, look)
    if look.get("align"):
        style.paragraph_format.alignment = getattr(WD_ALIGN_PARAGRAPH, look["align"].upper())
    else:
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    style.paragraph_format.widow_control = False
    style.paragraph_format.page_break_before = bool(look.get("page_break"))
    if "outline" in look:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(look["outline"]))
        properties.append(level)


def _indent(properties: Any, look: dict[str, Any]) -> None:
    """First-line and right indents in hundredths of a character, with twips beside them for
    programs that read no characters."""
    indent = OxmlElement("w:ind")
    if look.get("indent"):
        indent.set(qn("w:firstLineChars"), str(look["indent"]))
        indent.set(qn("w:firstLine"), str(look["indent"] * 315 // 100))
    for side in ("left", "right"):
        if look.get(side):
            indent.set(qn(f"w:{side}Chars"), str(look[side]))
            indent.set(qn(f"w:{side}"), str(look[side] * 315 // 100))
    if indent.attrib:
        properties.append(indent)


def set_font(properties: Any, font: str, size: float, spacing: int = CLOSER) -> None:
    """Font, size in points and character spacing (1/20 pt) of run properties."""
    fonts = OxmlElement("w:rFonts")
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{key}"), font)
    properties.append(fonts)
    for tag, value in (("w:spacing", spacing), ("w:sz", int(size * 2)), ("w:szCs", int(size * 2))):
        node = OxmlElement(tag)
        node.set(qn("w:val"), str(value))
        properties.append(node)


def _page_numbers(document: WordDocument) -> None:
    """— 1 — right on odd pages, left on even ones, one character in, 4号 宋体."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        setattr(paragraph.paragraph_format, f"{side}_indent", Pt(SIZE_4))
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            set_font(run._r.get_or_add_rPr(), SONGTI, SIZE_4, 0)
            if text is None:
                _field(run._r, "PAGE")


def add_imprint(document: WordDocument, copies_to: str, printed_by: str, printed_on: str) -> None:
    """版记 at the foot of an even page at the end, which carries no number (GB/T 9704 7.4, 7.5).

    A blank page comes before it where the document ends on an even one; neither is numbered.
    It stands in that page's footer: no program that we tried keeps a table at the foot of the
    type area otherwise.
    """
    section = document.add_section(WD_SECTION.EVEN_PAGE)
    section.footer_distance = section.bottom_margin
    section.footer.is_linked_to_previous = False
    footer = section.even_page_footer
    footer.is_linked_to_previous = False
    table = footer.add_table(rows=2, cols=2, width=Twips(_WIDTH))
    table._tbl.tblPr.append(_imprint_lines())
    copies, last = table.rows[0].cells[0].merge(table.rows[0].cells[1]), table.rows[1].cells
    for cell, text in ((copies, copies_to), (last[0], printed_by), (last[1], f"{printed_on}印发")):
        cell.paragraphs[0].style = document.styles[IMPRINT]
        cell.paragraphs[0].add_run(text)
    last[1].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    # A footer must end in a paragraph; the one it came with goes below the table, a point high.
    below = footer.paragraphs[0]
    below.paragraph_format.line_spacing = Pt(1)
    table._tbl.getparent().append(below._p)


_WIDTH = PAGE["w"] - MARGINS["left"] - MARGINS["right"]


def _imprint_lines() -> Any:
    """Thick lines first and last (0.35 mm), a thin one between (0.25 mm), in eighths of a point."""
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 8), ("bottom", 8), ("insideH", 6)):
        node = OxmlElement(f"w:{side}")
        line = {"val": "single", "sz": str(size), "space": "0", "color": "000000"}
        for key, value in line.items():
            node.set(qn(f"w:{key}"), value)
        borders.append(node)
    return borders


def _field(run: Any, code: str) -> None:
    for kind in ("begin", None, "end"):
        if kind is None:
            node = OxmlElement("w:instrText")
            node.text = code
        else:
            node = OxmlElement("w:fldChar")
            node.set(qn("w:fldCharType"), kind)
        run.append(node)
