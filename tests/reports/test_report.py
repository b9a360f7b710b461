"""The generated report: its figures lead back to records, and its format is the official one."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn

from sanneng.core.domain import audit
from sanneng.core.errors import SannengError, UnacceptableFile
from sanneng.core.models import AuditEntry, School, User
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import records_behind, records_digest
from sanneng.people.models import Employment, Staff
from sanneng.reports import default_template, gongwen
from sanneng.reports.checking import check_document
from sanneng.reports.library import (
    freeze_report,
    make_report,
    moved_since,
    path_of,
    witnesses,
)
from sanneng.reports.pdf import to_pdf
from sanneng.reports.preview import preview
from sanneng.reports.reading import find_figure, read_figures
from sanneng.reports.rendering import DEFAULT_TEMPLATE, BadTemplate, render_report
from sanneng.research.models import Project

AS_OF = dt.date(2023, 6, 30)
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(OFFICE is None, reason="NOT TESTED: LibreOffice is not here")
pytestmark = pytest.mark.django_db


@pytest.fixture
def report(sample, tmp_path):
    path = tmp_path / "report.docx"
    path.write_bytes(render_report(DEFAULT_TEMPLATE, school=sample, as_of=AS_OF).content)
    return path


def template(tmp_path, text: str):
    path = tmp_path / "template.docx"
    document = default_template.build()
    document.add_paragraph(text, style=gongwen.BODY)
    document.save(path)
    return path


def test_every_stated_figure_is_in_the_report(report):
    assert {one.id for one in read_figures(report)} == {
        entry.figure for entry in load_catalogue().figures
    }


def test_figure_of_the_report_names_its_records(sample, report):
    figure = find_figure(report, "R02")
    refs = records_behind(figure.indicator, school=sample, as_of=AS_OF)
    assert (figure.text, figure.records, figure.digest) == ("11项", "11", records_digest(refs))
    assert figure.period == "2020-01-01/2023-06-30"


def test_unknown_figure_names_those_there_are(report):
    with pytest.raises(SannengError, match="R02"):
        find_figure(report, "R99")


def test_document_of_somebody_else_has_no_figures(tmp_path):
    Document().save(tmp_path / "other.docx")
    with pytest.raises(SannengError, match="不是本系统生成"):
        read_figures(tmp_path / "other.docx")


@needs_office
def test_figures_survive_libreoffice_and_back(report, tmp_path):
    folder = tmp_path / "back"
    command = [OFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
               "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder), str(report)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    before = {one.id: one.text for one in read_figures(report)}
    after = {one.id: one.text for one in read_figures(folder / report.name)}
    assert after == before


def test_qualifier_is_left_out_where_it_would_be_false(sample, tmp_path):
    path = template(
        tmp_path,
        "甲{{ fig('teaching.outreach.sessions', qualifier='over') }}乙"
        "{{ fig('teaching.faculty_training.terms', qualifier='over') }}丙",
    )
    made = render_report(path, school=sample, as_of=AS_OF)
    texts = [f.text for f in made.figures.values() if "-n" in f.id]
    assert texts == ["400余场次", "8期"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ fig.__self__.school }}",
        "{% include 'x' %}",
        "{{ nothing_of_this_name }}",
        "{{ fig('research.projects.provincial', oops=1) }}",
        "{{ fig( }}",
        "{{ 'a' * 10 ** 10 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ school.ljust(10000000000) }}",
        "{{ school|center(1000000000) }}",
        "{% for a in school %}{{ a }}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ fig('research.projects.provincial', since=99999999999999999999) }}",
        "{{ fig('research.projects.provincial', since=0) }}",
        "{{ fig('research.projects.provincial', qualifier='most') }}",
        "{{ " + "not " * 20000 + "1 }}",
    ],
)
def test_evil_or_broken_template_is_refused(sample, tmp_path, text):
    with pytest.raises(BadTemplate):
        render_report(template(tmp_path, text), school=sample, as_of=AS_OF)


def test_unknown_indicator_in_a_template_names_the_nearest(sample, tmp_path):
    path = template(tmp_path, "{{ fig('research.projects.provinicial') }}")
    with pytest.raises(SannengError, match="research.projects.provincial"):
        render_report(path, school=sample, as_of=AS_OF)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word/vbaProject.bin", "x"),
        ("word/_rels/extra.rels", '<a Target="http://x/t.dotx" TargetMode="External"/>'),
        # A link to click is harmless, and excuses nothing beside it.
        (
            "word/_rels/extra.rels",
            f'<R><a Type="{LINKS}/hyperlink" Target="http://x" TargetMode="External"/>'
            f'<a Type="{LINKS}/image" Target="http://x/i.png" TargetMode="External"/></R>',
        ),
        ("word/extra.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
)
def test_template_that_brings_more_than_text_is_refused(sample, tmp_path, name, content):
    path = template(tmp_path, "文字")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)
    with pytest.raises(BadTemplate):
        render_report(path, school=sample, as_of=AS_OF)


def test_template_that_is_no_document_is_refused(sample, tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UnacceptableFile):
        render_report(path, school=sample, as_of=AS_OF)


def test_names_with_marks_of_xml_are_kept_whole(sample, tmp_path):
    type(sample).objects.filter(pk=sample.pk).update(name="甲<乙>&丙区委党校")
    sample = type(sample).objects.get(pk=sample.pk)
    made = tmp_path / "made.docx"
    made.write_bytes(render_report(DEFAULT_TEMPLATE, school=sample, as_of=AS_OF).content)
    assert Document(made).paragraphs[0].text == "甲<乙>&丙区委党校"


def test_page_and_styles_are_those_of_the_standard(report):
    """GB/T 9704-2012: page, type area, fonts, sizes, spacing, levels."""
    document = Document(report)
    section = document.sections[0]
    page = section._sectPr.find(qn("w:pgSz"))
    margin = section._sectPr.find(qn("w:pgMar"))
    assert (page.get(qn("w:w")), page.get(qn("w:h"))) == ("11906", "16838")
    assert [margin.get(qn(f"w:{side}")) for side in ("top", "left", "right", "bottom")] == [
        "2098", "1587", "1474", "1984",
    ]  # fmt: skip
    assert section._sectPr.find(qn("w:docGrid")) is None
    looks = {
        gongwen.BODY: ("仿宋_GB2312", "32", "579"),
        gongwen.LEVEL_1: ("黑体", "32", "579"),
        gongwen.LEVEL_2: ("楷体_GB2312", "32", "579"),
        gongwen.TITLE: ("方正小标宋简体", "44", "700"),
        gongwen.ANNEX_MARK: ("黑体", "32", "579"),
    }
    for name, (font, size, line) in looks.items():
        element = document.styles[name].element
        assert element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == font
        assert element.rPr.find(qn("w:sz")).get(qn("w:val")) == size
        assert element.rPr.find(qn("w:spacing")).get(qn("w:val")) == "-5"
        spacing = element.pPr.find(qn("w:spacing"))
        assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == (line, "exact")
    indent = document.styles[gongwen.BODY].element.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_page_numbers_stand_outside_right_then_left(report):
    document = Document(report)
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    sides = []
    for footer in (section.footer, section.even_page_footer):
        paragraph = footer.paragraphs[0]
        sides.append(paragraph.alignment.name)
        assert paragraph.text.startswith("— ")
        assert "PAGE" in paragraph._p.xml
    assert sides == ["RIGHT", "LEFT"]


def test_annex_repeats_its_head_and_splits_no_row(report):
    table = Document(report).tables[0]
    assert len(table.rows) == 1 + len(load_catalogue().figures)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    calibers = [row.cells[4].text for row in table.rows[1:]]
    assert calibers == [entry.caliber for entry in load_catalogue().figures]


def test_charts_can_be_edited_in_word(report):
    names = zipfile.ZipFile(report).namelist()
    assert len([n for n in names if re.fullmatch(r"word/charts/chart\d\.xml", n)]) == 3
    assert len([n for n in names if n.startswith("word/embeddings/")]) == 3


@needs_office
def test_full_page_has_22_lines_of_28_characters(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT TESTED: pdftotext is not here")
    document = Document()
    gongwen.dress(document)
    document.add_paragraph("测" * 28 * 40, style=gongwen.ADDRESSEE)
    path = tmp_path / "full.docx"
    document.save(path)
    pdf = to_pdf(path)
    text = subprocess.run(
        ["pdftotext", "-f", "1", "-l", "1", str(pdf), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.strip() for line in text.splitlines() if "测" in line]
    assert (len(lines), {len(line) for line in lines}) == (22, {28})


@needs_office
def test_pdf_is_drawn_in_the_stand_ins_for_the_named_fonts(report):
    """Songti, kaiti and heiti stand-ins, never one sans-serif for all."""
    if shutil.which("pdffonts") is None:
        pytest.skip("NOT TESTED: pdffonts is not here")
    pdf = to_pdf(report)
    listed = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True)
    fonts = {line.split()[0].partition("+")[2] for line in listed.stdout.splitlines()[2:]}
    families = ("NotoSerifCJK", "NotoSansCJK", "Fandol", "ARPL", "DejaVu", "Liberation")
    assert [font for font in fonts if not font.startswith(families)] == []
    assert any(font.startswith(("NotoSerifCJK", "FandolFang")) for font in fonts)


@needs_office
def test_imprint_stands_on_a_last_even_page_without_a_number(report):
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT TESTED: pdftotext is not here")
    pdf = to_pdf(report)
    text = subprocess.run(
        ["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    *pages, last = text.removesuffix("\f").split("\f")
    assert "印发" in last
    assert "—" not in last
    # A blank page that makes the imprint's an even one is not drawn by LibreOffice.
    numbers = [re.search(r"— ?(\d+) ?—", page) for page in pages]
    assert [int(number[1]) for number in numbers if number] == list(range(1, len(pages) + 1))


@needs_office
def test_rare_name_characters_are_drawn(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("NOT TESTED: pdftotext is not here")
    names = "喆玥堃昇燚垚赟祎珺旻㛃䶮"
    document = Document()
    gongwen.dress(document)
    document.add_paragraph(names, style=gongwen.BODY)
    path = tmp_path / "names.docx"
    document.save(path)
    pdf = to_pdf(path)
    text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    assert names in text.stdout.replace("\n", "").replace(" ", "")


def test_shipped_template_is_what_its_builder_makes():
    shipped = [p.text for p in Document(DEFAULT_TEMPLATE).paragraphs]
    assert shipped == [p.text for p in default_template.build().paragraphs]


def test_report_agrees_with_its_own_records(sample, report):
    assert check_document(report, school=sample, as_of=AS_OF).counts["agrees"] >= 38


def test_frozen_report_tells_which_figures_moved(sample, settings, tmp_path):
    settings.REPORTS_ROOT = tmp_path
    user = User.objects.create(username="boss", is_superuser=True)
    kept = make_report(template=DEFAULT_TEMPLATE, school=sample, as_of=AS_OF, by=user)
    freeze_report(report=kept, by=user)
    assert moved_since(kept) == []
    project = Project.objects.counted().filter(level="city", approved_on__year=2023).first()
    Project.objects.filter(pk=project.pk).update(state="voided", reason="撤项")
    moved = {one.figure.id: (one.figure.text, one.now) for one in moved_since(kept)}
    assert moved == {"R04": ("20项", "19项")}
    with pytest.raises(SannengError):
        freeze_report(report=kept, by=user)


def test_preview_links_every_figure(report):
    spans = [span for block in preview(report) for span in block.spans if span.figure]
    assert len(spans) == 38
    assert [b.kind for b in preview(report)].count("chart") == 3


def test_every_figure_of_the_report_is_tied_by_its_bookmark_when_the_report_is_checked(
    sample, report
):
    result = check_document(report, school=sample, as_of=AS_OF)
    tied = {claim.entry.figure for claim in result.claims}
    assert tied == {entry.figure for entry in load_catalogue().figures}
    assert result.counts["agrees"] == len(result.claims)


def test_a_record_that_changed_since_shows_in_the_checked_report(sample, report):
    project = Project.objects.counted().filter(level="provincial", grade="excellent").first()
    assert project is not None
    Project.objects.filter(pk=project.pk).update(state="voided", reason="重复登记")
    result = check_document(report, school=sample, as_of=AS_OF)
    turned = {claim.entry.figure for claim in result.claims if claim.verdict == "disagrees"}
    assert {"R02", "R03"} <= turned <= {"R01", "R02", "R03", "R11"}


def test_frozen_report_tells_a_figure_moved_by_the_people_it_is_divided_by(
    sample, settings, tmp_path
):
    settings.REPORTS_ROOT = tmp_path
    user = User.objects.create(username="boss", is_superuser=True)
    kept = make_report(template=DEFAULT_TEMPLATE, school=sample, as_of=AS_OF, by=user)
    newcomer = Staff.objects.create(
        school=sample, key="NEW", name="新人", birth_date=dt.date(1990, 1, 1), state="approved"
    )
    Employment.objects.create(
        school=sample, key="NEW", staff=newcomer, start_on=dt.date(2023, 6, 1), state="approved",
        kind="full_time", establishment="institution",
    )  # fmt: skip
    moved = {one.figure.id: one.now for one in moved_since(kept)}
    assert moved["T08"] == "27人中26人"
    assert {"T04", "T08", "T09", "P10"} <= set(moved)


def test_figure_is_placed_behind_a_tab_and_in_a_header(sample, tmp_path):
    path = tmp_path / "template.docx"
    document = default_template.build()
    document.add_paragraph("立项\t{{ fig('teaching.outreach.sessions') }}\n续", style=gongwen.BODY)
    header = document.sections[0].header
    header.is_linked_to_previous = False
    header.paragraphs[0].text = "{{ fig('research.challenge.posted') }}"
    document.save(path)
    made = tmp_path / "made.docx"
    made.write_bytes(render_report(path, school=sample, as_of=AS_OF).content)
    rendered = Document(made)
    assert "401场次" in "".join(node.text for node in rendered.element.body.iter(qn("w:t")))
    header_xml = rendered.sections[0].header._element
    assert "".join(node.text for node in header_xml.iter(qn("w:t"))) == "21项"


@pytest.mark.parametrize(
    "text",
    [
        "见图 {{ chart('structure') }}。",
        "{{ fig('research.projects.provincial', since='abc') }}",
        "{{ 1 / 0 }}",
    ],
)
def test_template_whose_tags_cannot_be_placed_is_refused_in_words(sample, tmp_path, text):
    with pytest.raises(BadTemplate):
        render_report(template(tmp_path, text), school=sample, as_of=AS_OF)


def test_report_carries_the_head_of_the_audit_log(sample, settings, tmp_path):
    settings.REPORTS_ROOT = tmp_path
    user = User.objects.create(username="boss", is_superuser=True)
    number, digest = audit.head_of(sample)
    kept = make_report(template=DEFAULT_TEMPLATE, school=sample, as_of=AS_OF, by=user)
    lines = [paragraph.text for paragraph in Document(path_of(kept.digest)).paragraphs]
    assert f"审计链：第 {number} 条 {digest[:16]}" in lines
    assert (kept.audit_number, kept.audit_digest) == (number, digest)
    assert (sample.code, number, digest) in list(witnesses())
    freeze_report(report=kept, by=user)
    noted = AuditEntry.objects.filter(chain=sample.code, number__gt=number).order_by("number")
    assert [entry.action for entry in noted] == ["report", "freeze"]
    assert noted[0].details["file"] == kept.digest
    assert audit.verify(witnesses()) == []


def test_report_of_a_school_whose_log_has_not_begun_says_so(db):
    school = School.objects.create(code="new", name="新", level="district")
    made = render_report(DEFAULT_TEMPLATE, school=school, as_of=AS_OF)
    lines = [paragraph.text for paragraph in Document(io.BytesIO(made.content)).paragraphs]
    assert "审计链：尚无记录" in lines


def test_a_template_may_leave_a_sentence_out(sample, tmp_path):
    path = template(
        tmp_path, "{% if school == '别校' %}甲{% else %}乙{{ '丙' if as_of else '丁' }}{% endif %}"
    )
    made = render_report(path, school=sample, as_of=AS_OF)
    assert Document(io.BytesIO(made.content)).paragraphs[-1].text == "乙丙"


@pytest.mark.parametrize("gone", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
def test_a_damaged_template_is_refused_in_words(sample, tmp_path, gone):
    path = tmp_path / "damaged.docx"
    with zipfile.ZipFile(DEFAULT_TEMPLATE) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"" if name == gone else source.read(name))
    with pytest.raises(BadTemplate, match="另存一份再试"):
        render_report(path, school=sample, as_of=AS_OF)
