"""Reading a document to be checked: its text, and where each paragraph of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from sanneng.core.archives import check_archive
from sanneng.core.errors import UnacceptableFile
from sanneng.reports.manifest import BOOKMARK, ROW_BOOKMARK

MAX_BYTES = 20 * 1024 * 1024
_CHARACTERS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


@dataclass(frozen=True)
class Paragraph:
    """A paragraph (or a table row, cells parted by tabs) at ``start`` of the whole text."""

    start: int
    text: str
    element: Any = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class Placed:
    """Where a report of ours says that a figure stands, by the bookmark around it."""

    start: int
    end: int
    bookmark: str


@dataclass(frozen=True)
class CheckedText:
    """A document's text, its paragraphs, and the Word document that it came from, if any."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    word: WordDocument | None = None

    def placed(self) -> list[Placed]:
        """The figures that a report of ours has marked, in order; none in other documents."""
        return [
            Placed(paragraph.start + start, paragraph.start + end, name)
            for paragraph in self.paragraphs
            if paragraph.element is not None
            for start, end, name in _bookmarks(paragraph.element)
        ]


def read_document(path: Path) -> CheckedText:
    """The text of a .docx or of a plain text file in UTF-8 or GB 18030.

    Raises UnacceptableFile for anything else, with what to do about it.
    """
    if not path.is_file():
        raise UnacceptableFile(_("找不到文件“{name}”。").format(name=path.name))
    if path.stat().st_size > MAX_BYTES:
        raise UnacceptableFile(_("文件超过 20 MB，请去掉图片后再试。"))
    content = path.read_bytes()
    if not content.strip():
        raise UnacceptableFile(_("“{name}”是空的。").format(name=path.name))
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xls", ".pptx", ".ppt", ".pdf"):
        raise UnacceptableFile(
            _("“{name}”不能直接核对。请把文字复制过来，或另存为 .docx 再试。").format(
                name=path.name
            )
        )
    if content[:4] == b"PK\x03\x04":
        return _word(path)
    if content[:8] == bytes.fromhex("D0CF11E0A1B11AE1"):
        raise UnacceptableFile(_("这是旧式 .doc 文件，请用 Word 或 WPS 另存为 .docx 再试。"))
    if ending == ".docx":
        raise _unreadable(path)
    if b"\x00" in content[:4096] or content[:5] == b"%PDF-":
        raise UnacceptableFile(_("只能核对 .docx 和纯文本文件。"))
    return plain_text(_decoded(content))


def plain_text(text: str) -> CheckedText:
    """A text as given, one paragraph a line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _joined([(line, None, "\n") for line in text.split("\n")], None)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnacceptableFile(_("看不懂文件的文字编码，请另存为 UTF-8 的文本文件再试。"))


def _word(path: Path) -> CheckedText:
    with path.open("rb") as source:
        check_archive(source)
    try:
        document = Document(str(path))
        paragraphs = list(document.element.body.iter(qn("w:p")))
    except Exception as error:  # python-docx lets the errors of zip and XML readers through
        raise _unreadable(path) from error
    lines = [(_text_of(p), p, _separator(p)) for p in paragraphs]
    return _joined(lines, document)


def _unreadable(path: Path) -> UnacceptableFile:
    return UnacceptableFile(
        _("“{name}”不是能打开的 .docx 文件，请用 Word 或 WPS 重新保存后再试。").format(
            name=path.name
        )
    )


def _separator(paragraph: Any) -> str:
    """What parts a paragraph from the next: cells of one table row stand on one line."""
    cell = paragraph.getparent()
    in_row = cell.tag == qn("w:tc") and cell.getnext() is not None
    return "\t" if in_row and cell[-1] is paragraph else "\n"


def _text_of(paragraph: Any) -> str:
    """What a reader sees of a paragraph; deleted text is not part of it."""
    pieces = []
    for node in paragraph.iter(qn("w:t"), *_CHARACTERS):
        if node.tag == qn("w:t"):
            pieces.append(node.text or "")
        else:
            pieces.append(_CHARACTERS[node.tag])
    return "".join(pieces)


def _bookmarks(paragraph: Any) -> list[tuple[int, int, str]]:
    """The bookmarks of figures in a paragraph as (start, end, name), in characters of its text."""
    opened: dict[str, tuple[int, str]] = {}
    found: list[tuple[int, int, str]] = []
    position = 0
    for node in paragraph.iter():
        if node.tag == qn("w:t"):
            position += len(node.text or "")
        elif node.tag in _CHARACTERS:
            position += 1
        elif node.tag == qn("w:bookmarkStart"):
            name = node.get(qn("w:name"), "")
            if name.startswith((BOOKMARK, ROW_BOOKMARK)):
                opened[node.get(qn("w:id"))] = (position, name)
        elif node.tag == qn("w:bookmarkEnd") and node.get(qn("w:id")) in opened:
            start, name = opened.pop(node.get(qn("w:id")))
            found.append((start, position, name))
    return found


def _joined(lines: list[tuple[str, Any, str]], word: WordDocument | None) -> CheckedText:
    paragraphs, pieces, position = [], [], 0
    for text, element, separator in lines:
        paragraphs.append(Paragraph(position, text, element))
        pieces += [text, separator]
        position += len(text) + 1
    return CheckedText("".join(pieces[:-1]), tuple(paragraphs), word)
