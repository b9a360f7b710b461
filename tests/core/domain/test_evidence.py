import datetime as dt
import hashlib
import io
import stat
import zipfile

import pytest
from django.db import IntegrityError, transaction

from sanneng.core.domain.evidence import (
    add_reference,
    attach_file,
    clean_title,
    examine_file,
    forget_unused,
    keep_file,
    open_evidence,
    path_of,
)
from sanneng.core.errors import SannengError, UnacceptableFile
from sanneng.core.models import Evidence
from sanneng.people.models import Staff

PDF = b"%PDF-1.7 something"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def staff(school):
    return Staff.objects.create(
        school=school, key="S1", name="张三", birth_date=dt.date(1980, 1, 2)
    )


def container(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def refused(name, content):
    with pytest.raises(UnacceptableFile) as caught:
        examine_file(source=io.BytesIO(content), name=name)
    return caught.value.code


def test_a_file_is_kept_under_its_digest_and_comes_back(staff, office, evidence_root):
    evidence = attach_file(record=staff, source=io.BytesIO(PDF), name="鉴定表.pdf", by=office)
    digest = hashlib.sha256(PDF).hexdigest()
    assert (evidence.title, evidence.digest, evidence.size) == ("鉴定表.pdf", digest, len(PDF))
    assert (evidence.media_type, evidence.added_by) == ("application/pdf", office)
    with open_evidence(evidence=evidence) as source:
        assert source.read() == PDF
    place = evidence_root / digest[:2] / digest[2:4] / digest
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(place.parent.iterdir()) == [place]


def test_the_same_file_is_kept_once_and_attached_once(staff, office):
    for _time in range(2):
        attach_file(record=staff, source=io.BytesIO(PDF), name="a.pdf", by=office)
    attach_file(record=staff, source=io.BytesIO(PDF), name="b.pdf", by=office)
    assert sorted(staff.evidence.values_list("title", flat=True)) == ["a.pdf", "b.pdf"]
    assert len(set(staff.evidence.values_list("digest", flat=True))) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("A.PDF", PDF),
        ("a.png", PNG),
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.doc", bytes.fromhex("D0CF11E0A1B11AE1")),
        ("a.docx", container("[Content_Types].xml", "word/document.xml")),
        ("a.xlsx", container("xl/workbook.xml")),
        ("a.ofd", container("OFD.xml")),
    ],
)
def test_files_of_allowed_kinds_are_taken(name, content):
    assert examine_file(source=io.BytesIO(content), name=name).size == len(content)


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.pdf.js", "a", "a.docm", ".pdf"])
def test_other_kinds_are_refused_by_name(name):
    assert refused(name, PDF) == "kind_not_allowed"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PNG),
        ("a.png", PDF),
        ("a.pdf", b"MZ\x90\x00"),
        ("a.docx", container("xl/workbook.xml")),
        ("a.docx", container("word/document.xml", "word/vbaProject.bin")),
        ("a.ofd", container("word/document.xml")),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name, content):
    assert refused(name, content) == "kind_mismatch"


def test_empty_large_and_broken_files_are_refused(settings):
    settings.EVIDENCE_MAX_BYTES = 10
    assert refused("a.pdf", PDF) == "too_large"
    assert refused("a.pdf", b"") == "empty"
    settings.EVIDENCE_MAX_BYTES = 1000
    assert refused("a.docx", b"PK\x03\x04 broken") == "damaged"


def test_a_bomb_in_a_document_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (60 << 20))
    assert refused("a.docx", buffer.getvalue()) == "too_large"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\用户\\鉴定.pdf", "鉴定.pdf"),
        ("/abs/甲.pdf", "甲.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("一；二;三.pdf", "一，二，三.pdf"),
        ("长" * 400 + ".pdf", "长" * 251 + ".pdf"),
        ("..", ""),
    ],
)
def test_a_title_has_no_folders_controls_or_separators(name, title):
    assert clean_title(name) == title


def test_a_file_without_a_name_is_refused(staff):
    with pytest.raises(UnacceptableFile):
        attach_file(record=staff, source=io.BytesIO(PDF), name="../", by=None)


@pytest.mark.parametrize("digest", ["", "../../x", "A" * 64, "a" * 63, "a" * 63 + "/"])
def test_only_a_digest_leads_into_the_store(digest):
    with pytest.raises(ValueError, match="no digest"):
        path_of(digest)


def test_a_reference_has_no_file(staff, office):
    evidence = add_reference(record=staff, title=" 东党校〔2022〕1号；附件 ", by=office)
    assert (evidence.title, evidence.is_file) == ("东党校〔2022〕1号，附件", False)
    assert add_reference(record=staff, title="东党校〔2022〕1号；附件", by=office) == evidence
    with pytest.raises(SannengError, match="没有文件"):
        open_evidence(evidence=evidence)


@pytest.mark.parametrize("title", ["", "  ", "长" * 256])
def test_a_reference_needs_a_title_that_fits(staff, title):
    with pytest.raises(SannengError):
        add_reference(record=staff, title=title, by=None)


def test_a_file_lost_from_the_store_is_said_to_be_lost(staff):
    evidence = attach_file(record=staff, source=io.BytesIO(PDF), name="a.pdf", by=None)
    path_of(evidence.digest).unlink()
    with pytest.raises(SannengError, match="备份"):
        open_evidence(evidence=evidence)


def test_only_unused_files_are_forgotten(staff):
    used = attach_file(record=staff, source=io.BytesIO(PDF), name="a.pdf", by=None)
    facts = examine_file(source=io.BytesIO(PNG), name="a.png")
    assert keep_file(source=io.BytesIO(PNG), facts=facts)
    assert not keep_file(source=io.BytesIO(PNG), facts=facts)
    forget_unused([used.digest, facts.digest, ""])
    assert path_of(used.digest).exists()
    assert not path_of(facts.digest).exists()


def test_a_file_without_a_type_is_refused_by_the_database(staff):
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(
            school=staff.school, record=staff, title="x", digest="a" * 64, size=1
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(school=staff.school, record=staff, title="x", size=1)
