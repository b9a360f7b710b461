import datetime as dt
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from sanneng.core.errors import SannengError
from sanneng.core.spreadsheets import writing
from sanneng.core.spreadsheets.columns import CELL_LENGTH, sheets
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.safe_text import CUT_SHORT, FORMULA_STARTS, for_csv
from sanneng.core.spreadsheets.template import GUIDE_TITLE, write_template
from sanneng.core.spreadsheets.writing import write_records, write_rows
from sanneng.people.models import Staff
from sanneng.teaching.models import Course, CourseStage, FacultyTraining
from tests.core.rows import rows_of_every_type

DAY = dt.date(1980, 1, 2)


def staff_row(**values):
    return {"key": "S1", "name": "张三", "birth_date": DAY, **values}


@pytest.mark.parametrize("start", [*FORMULA_STARTS, " =", "#N/A", "#REF!"])
def test_text_like_a_formula_is_written_as_text(start, tmp_path):
    path = tmp_path / "x.xlsx"
    text = f"{start}1+cmd|' /C calc'!A1" if start[0] != "#" else start
    write_rows(path, {Staff: [staff_row(name=text, evidence=[text])]})
    for row in load_workbook(path)["教职工"].iter_rows(min_row=2):
        assert {cell.data_type for cell in row} <= {"s", "d", "n"}
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    written = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("教职工").to_python()
    assert written[1][1].strip() == text.replace("\r", "\n").strip()


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_like_a_formula_gets_an_apostrophe_in_csv(start):
    assert for_csv(f"{start}1") == f"'{start}1"
    assert for_csv(f"\u3000{start}1").startswith("'")
    assert for_csv("一季度=四月前") == "一季度=四月前"


def test_people_read_labels_yes_and_no_hours_and_names(school, tmp_path):
    staff = Staff.objects.create(school=school, **staff_row(gender="2"))
    course = Course.objects.create(
        school=school, key="C1", title="课", kind="course", lead=staff, proposed_on=DAY
    )
    CourseStage.objects.create(
        school=school, key="C1-1", course=course, step="prepared", reached_on=DAY
    )
    FacultyTraining.objects.create(
        school=school,
        key="T",
        name="训",
        kind="online",
        organiser_level="city",
        start_on=DAY,
        hours_x10=125,
    )
    path = tmp_path / "x.xlsx"
    models = (Staff, Course, CourseStage, FacultyTraining)
    assert write_records(path, [model.objects.all() for model in models]) == 4
    book = load_workbook(path)
    assert [cell.value for cell in book["教职工"][2]][:5] == [
        "S1", "张三", dt.datetime(1980, 1, 2), "女", "草稿",  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.value for cell in book["课程开发环节"][2]][:4] == ["C1-1", "C1", "课", "集体备课"]
    headings = [cell.value for cell in book["师资培训"][1]]
    assert book["师资培训"][2][headings.index("学时")].value == 12.5


def test_the_number_of_queries_does_not_grow_with_the_records(
    school, tmp_path, django_assert_max_num_queries
):
    Staff.objects.bulk_create(
        Staff(school=school, key=f"S{n}", name="甲", birth_date=DAY) for n in range(300)
    )
    with django_assert_max_num_queries(3):
        write_records(tmp_path / "x.xlsx", [Staff.objects.all()])


def test_headings_are_frozen_explained_and_lists_offered(tmp_path):
    path = tmp_path / "x.xlsx"
    write_rows(path, {Staff: []})
    page = load_workbook(path)["教职工"]
    assert page.freeze_panes == "B2"
    assert page["B1"].value == "姓名*"
    assert page["B1"].comment.text == "必填。文字，最多 60 字。"
    assert page["C1"].comment.text.startswith("必填。要填日期，如 2023-06-30")
    lists = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in page.data_validations.dataValidation
    }
    assert lists["D2"] == '"未知,男,女,未说明"'
    assert page.column_dimensions["C"].number_format == "yyyy-mm-dd"


def test_text_longer_than_a_cell_is_marked_and_does_not_come_back(school, tmp_path):
    staff = Staff.objects.create(school=school, **staff_row())
    course = Course.objects.create(
        school=school, key="C1", title="课", kind="course", lead=staff, proposed_on=DAY
    )
    opinion = "长" * (CELL_LENGTH + 1)
    CourseStage.objects.create(
        school=school, key="C1-1", course=course, step="prepared", reached_on=DAY, opinion=opinion
    )
    path = tmp_path / "x.xlsx"
    write_records(path, [CourseStage.objects.all()])
    headings, row = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert row[headings.index("意见")].endswith(CUT_SHORT)
    assert import_workbook(path, school=school, by=None).unchanged == 1
    assert CourseStage.objects.get().opinion == opinion


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    names=st.lists(
        st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60)
        .map(str.strip)
        .filter(lambda text: text and text.strip("\u3000")),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_text_a_record_holds_comes_back_unchanged(school, tmp_path, names):
    Staff.objects.all().delete()
    Staff.objects.bulk_create(
        Staff(school=school, key=f"S{n}", name=name, birth_date=DAY) for n, name in enumerate(names)
    )
    path = tmp_path / "x.xlsx"
    write_records(path, [Staff.objects.all()])
    report = import_workbook(path, school=school, by=None)
    assert (report.errors, report.new, report.changed) == ([], 0, 0)


def test_characters_that_no_workbook_can_hold_are_left_out(school, tmp_path):
    path = tmp_path / "x.xlsx"
    write_rows(path, {Staff: [staff_row(name="张\x00三\x0b\ufffe")]})
    assert import_workbook(path, school=school, by=None).errors == []
    assert Staff.objects.get().name == "张三"


def test_literal_escapes_of_the_file_format_stay_as_they_are(school, tmp_path):
    Staff.objects.create(school=school, **staff_row(name="a_x000D_b_x005F_"))
    path = tmp_path / "x.xlsx"
    write_records(path, [Staff.objects.all()])
    assert import_workbook(path, school=school, by=None).unchanged == 1


def test_the_template_has_a_guide_and_every_type_but_no_rows(tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(path)
    book = load_workbook(path)
    assert book.sheetnames == [GUIDE_TITLE, *(sheet.title for sheet in sheets())]
    assert {page.max_row for page in book.worksheets[1:]} == {1}
    headings = [cell.value for cell in book["任用情况"][1]]
    assert "教职工编号*" in headings
    assert "教职工" not in headings


def test_a_template_may_be_of_some_types_only(tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(path, [Staff])
    assert load_workbook(path).sheetnames == [GUIDE_TITLE, "教职工"]


def test_a_filled_template_imports_with_its_guide_still_in_it(school, tmp_path):
    path = tmp_path / "t.xlsx"
    write_template(path)
    book = load_workbook(path)
    for sheet, rows in zip(sheets(), rows_of_every_type().values(), strict=True):
        page = book[sheet.title]
        for index, column in enumerate(sheet.read_columns, start=1):
            value = rows[0][column.name]
            page.cell(2, index).value = "；".join(value) if isinstance(value, list) else value
    book.save(path)
    report = import_workbook(path, school=school, by=None)
    assert report.errors == []
    assert report.new == len(sheets())


def test_more_records_than_a_sheet_takes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    write_rows(tmp_path / "x.xlsx", {Staff: [staff_row()] * 2})
    with pytest.raises(SannengError, match="分几次导出"):
        write_rows(tmp_path / "x.xlsx", {Staff: [staff_row()] * 3})
