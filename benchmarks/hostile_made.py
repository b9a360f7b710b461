"""Attacks made by hand, each a file that somebody might send."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from docx import Document

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SCRIPTS = (
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ fig.__func__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ school|attr('__class__') }}",
    "{{ 'a' * 10 ** 10 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{:>1000000000}'.format(1) }}",
    "{{ school.ljust(10 ** 10) }}",
    "{{ school|center(1000000000) }}",
    "{% for a in 'aaaaaaaaaa' %}{% for b in 'aaaaaaaaaa' %}{{ a }}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% set x = 'a' %}{{ x }}",
    "{{ fig('x' ~ 'y') }}",
    "{{ fig('research.projects.provincial', since='0001') }}",
    "{{ fig('research.projects.provincial', since=99999999999999999999) }}",
    "{{ fig('research.projects.provincial', qualifier=fig) }}",
    "{{ chart('../../etc/passwd') }}",
    "{{ annex }}{{ chart }}{{ fig }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "not " * 20000 + "1 }}",
)


def attacks(originals: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of every attack, built from real files of both kinds."""
    for number, script in enumerate(SCRIPTS):
        yield f"script{number}.docx", _document(script)
    for kind, main in (("docx", "word/document.xml"), ("xlsx", "xl/worksheets/sheet1.xml")):
        real = originals[kind]
        for name, content in _containers(real, main):
            yield f"{name}.{kind}", content
        yield f"polyglot-pdf.{kind}", b"%PDF-1.7\n" + real
        yield f"page.{kind}", b"<html><script>alert(1)</script></html>"
        yield f"empty.{kind}", b""
        yield f"old.{kind}", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 4000
    yield "polyglot.pdf", originals["docx"] + b"%PDF-1.7\n"
    yield "page.png", b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>"
    yield "page.jpg", b"<html>"
    yield "document.ofd", originals["docx"]
    yield "huge.txt", ("共计" + "9" * 400_000 + "人次，" + "一百二十三亿" * 50_000).encode()
    yield "brackets.txt", ("（" * 50_000 + "1人").encode()
    yield "numbers.txt", ("1、" * 200_000).encode()
    yield "far.xlsx", _sheet("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")
    rows = "".join(f"<row r='{n}'><c r='A{n}'><v>1</v></c></row>" for n in range(1, 300_000))
    yield "long.xlsx", _sheet(rows)
    yield (
        "wide.xlsx",
        _sheet("<row r='1'>" + "<c t='inlineStr'><is><t>甲</t></is></c>" * 16384 + "</row>"),
    )
    long_text = "甲" * 5_000_000
    yield (
        "cell.xlsx",
        _sheet(f"<row r='1'><c r='A1' t='inlineStr'><is><t>{long_text}</t></is></c></row>"),
    )


def _document(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _containers(real: bytes, main: str) -> Iterator[tuple[str, bytes]]:
    """What can be done to any Office container."""
    text = _members(real)[main]
    head = text.find(b"?>") + 2
    yield "bomb", _with(real, {main: text[:head] + b" " * (400 << 20) + text[head:]})
    yield "bomb-small", _with(real, {main: text[:head] + b" " * (60 << 20) + text[head:]})
    yield "many", _with(real, {f"m/{number}": b"" for number in range(6000)})
    yield "nested", _with(real, {"inner.zip": _with(real, {"x": b"0" * (10 << 20)})})
    external = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    yield "entity", _with(real, {main: text[:head] + external + _with_entity(text[head:])})
    laughs = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    laughter = laughs + b"<!ENTITY e '&a9;'>]>"
    yield "laughs", _with(real, {main: text[:head] + laughter + _with_entity(text[head:])})
    yield "deep", _with(real, {main: text[:head] + b"<a>" * 200_000 + b"</a>" * 200_000})
    yield "attributes", _with(real, {main: text[:head] + b"<a " + b"".join(
        b"a%d='1' " % n for n in range(200_000)) + b"/>"})  # fmt: skip
    yield "traversal", _with(real, {"../../../../tmp/escaped": b"x", "/etc/escaped": b"x"})
    yield "macro", _with(real, {main.split("/")[0] + "/vbaProject.bin": b"x"})
    yield "utf16", _with(real, {main: text.decode().replace("UTF-8", "UTF-16").encode("utf-16")})
    yield "cut", real[: len(real) // 2]
    yield "tail", real[-len(real) // 2 :]
    yield "stub", b"PK\x03\x04"
    for name in ("[Content_Types].xml", "_rels/.rels", main):
        yield f"without-{name.replace('/', '-')}", _with(real, {name: None})
        yield f"blank-{name.replace('/', '-')}", _with(real, {name: b""})
    outside = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/officeDocument" Target="http://127.0.0.1:9/x" TargetMode="External"/>'
        b"</Relationships>"
    )
    yield "outside", _with(real, {"_rels/.rels": outside})


def _members(real: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(real)) as source:
        return {name: source.read(name) for name in source.namelist()}


def _with(real: bytes, changes: dict[str, bytes | None]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {**_members(real), **changes}.items():
            if content is not None:
                target.writestr(name, content)
    return made.getvalue()


def _with_entity(text: bytes) -> bytes:
    """The entity ``e`` where a text stands."""
    for mark in (b"<w:t>", b"<t>", b"<v>"):
        if mark in text:
            return text.replace(mark, mark + b"&e;", 1)
    return text.replace(b">", b">&e;", 2)


def _sheet(rows: str) -> bytes:
    """A workbook with one sheet of staff, written by hand."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "教职工"
    made = io.BytesIO()
    book.save(made)
    page = (
        f"<?xml version='1.0'?><worksheet xmlns='{SHEET}'><sheetData>{rows}</sheetData></worksheet>"
    )
    return _with(made.getvalue(), {"xl/worksheets/sheet1.xml": page.encode()})
