"""The checked document given back: Word with each figure coloured, or one HTML file."""

from __future__ import annotations

import copy
from html import escape
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run

from sanneng.core.errors import UnacceptableFile
from sanneng.reports.checking.check import CheckedClaim, CheckResult
from sanneng.reports.checking.documents import Paragraph
from sanneng.reports.checking.verdicts import Verdict

FILLS = {"agrees": "C6EFCE", "disagrees": "FFB3B3", "ambiguous": "FFE699", "unknown": "D9D9D9"}


def write_checked(result: CheckResult, target: Path) -> None:
    """Write the coloured document; the ending of ``target`` says as what.

    Raises UnacceptableFile for an ending other than .docx and .html.
    """
    writers = {".docx": _write_word, ".html": _write_html}
    writer = writers.get(target.suffix.lower())
    if writer is None:
        raise UnacceptableFile(_("核对结果只能写成 .docx 或 .html 文件。"))
    target.parent.mkdir(parents=True, exist_ok=True)
    writer(result, target)


def note(claim: CheckedClaim) -> str:
    """What is to be said beside a figure."""
    if claim.entry is None:
        return _("目录中没有对应的指标。")
    if claim.verdict == Verdict.AMBIGUOUS:
        names = "、".join(entry.name for entry in (claim.entry, *claim.rivals))
        return _("可能是：{names}。请写明白些。").format(names=names)
    return _("{verdict}：{name}，记录算得{found}，共{count}条记录。").format(
        verdict=claim.verdict.label, name=claim.entry.name, found=claim.found, count=claim.records
    )


def _write_word(result: CheckResult, target: Path) -> None:
    document = result.document.word
    if document is None:
        document = Document()
        for paragraph in result.document.paragraphs:
            document.add_paragraph(paragraph.text)
        elements = [p._p for p in document.paragraphs]
        paragraphs = [
            Paragraph(p.start, p.text, element)
            for p, element in zip(result.document.paragraphs, elements, strict=True)
        ]
    else:
        paragraphs = list(result.document.paragraphs)
    for paragraph in paragraphs:
        own = [c for c in result.claims if paragraph.start <= c.start < paragraph.end]
        for claim in reversed(own):
            runs = _cut_out(paragraph, claim.start, min(claim.end, paragraph.end))
            for run in runs:
                _shade(run, FILLS[claim.verdict.value])
            if runs and claim.verdict != Verdict.AGREES:
                marked = [Run(run, document._body) for run in runs]  # type: ignore[arg-type]
                document.add_comment(marked, text=note(claim), author=_("核对"), initials="核")
    document.save(str(target))


def _cut_out(paragraph: Paragraph, start: int, end: int) -> list[Any]:
    """The runs that hold exactly the characters start..end, split off where needed."""
    chosen = []
    position = paragraph.start
    for run in list(paragraph.element.iter(qn("w:r"))):
        size = sum(_length(node) for node in run)
        first, last = position, position + size
        position = last
        if size == 0 or last <= start or first >= end:
            continue
        texts = [node for node in run if node.tag == qn("w:t")]
        if len(texts) != 1 or any(_length(node) for node in run if node.tag != qn("w:t")):
            chosen.append(run)
            continue
        chosen.append(
            _split(run, texts[0].text or "", max(start - first, 0), min(end, last) - first)
        )
    return chosen


def _length(node: Any) -> int:
    if node.tag == qn("w:t"):
        return len(node.text or "")
    return 1 if node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:noBreakHyphen")) else 0


def _split(run: Any, text: str, start: int, end: int) -> Any:
    """Leave ``text[start:end]`` in ``run`` and put what is around it into runs of its look."""
    for piece, before in ((text[:start], True), (text[end:], False)):
        if not piece:
            continue
        other = copy.deepcopy(run)
        _set_text(other, piece)
        (run.addprevious if before else run.addnext)(other)
    _set_text(run, text[start:end])
    return run


def _set_text(run: Any, text: str) -> None:
    node = next(child for child in run if child.tag == qn("w:t"))
    node.text = text
    node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _shade(run: Any, fill: str) -> None:
    properties = run.get_or_add_rPr()
    for old in properties.findall(qn("w:shd")):
        properties.remove(old)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), fill)
    properties.append(shade)


_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.9 serif}}
mark{{border-radius:.2em;padding:0 .15em;cursor:help}}{marks}
ul{{list-style:none;padding:0}}li{{margin:.3rem 0}}</style>
<h1>{title}</h1><p>{summary}</p>{contradictions}<main>{body}</main></html>"""


def _write_html(result: CheckResult, target: Path) -> None:
    pieces = []
    for paragraph in result.document.paragraphs:
        own = [c for c in result.claims if paragraph.start <= c.start < paragraph.end]
        pieces.append(f"<p>{_marked(result.text, paragraph, own)}</p>")
    found = "".join(f"<li>{escape(text)}</li>" for text in result.contradiction_texts())
    page = _PAGE.format(
        title=_("核对结果"),
        marks="".join(f"mark.{verdict}{{background:#{fill}}}" for verdict, fill in FILLS.items()),
        summary=escape("　".join(f"{Verdict(v).label} {n}" for v, n in result.counts.items())),
        contradictions=f"<ul>{found}</ul>" if found else "",
        body="".join(pieces),
    )
    target.write_text(page, encoding="utf-8")


def _marked(text: str, paragraph: Paragraph, claims: list[CheckedClaim]) -> str:
    pieces, position = [], paragraph.start
    for claim in claims:
        start, end = max(claim.start, position), min(claim.end, paragraph.end)
        if start >= end:
            continue
        pieces.append(escape(text[position:start]))
        pieces.append(
            f'<mark class="{claim.verdict.value}" title="{escape(note(claim))}">'
            f"{escape(text[start:end])}</mark>"
        )
        position = end
    return "".join([*pieces, escape(text[position : paragraph.end])])
