"""What an import asks about, and who may import what."""

import datetime as dt

import pytest
from openpyxl import load_workbook

from sanneng.core.enums import Role
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.writing import write_records
from sanneng.people.models import Staff
from sanneng.research.models import Project
from tests.core.rows import STAFF, ZHANG, write_sheets
from tests.factories import ProjectFactory, SchoolFactory, StaffFactory, member

pytestmark = pytest.mark.django_db
PROJECT = ["课题名称", "级别", "立项日期", "状态"]


@pytest.fixture
def school():
    return SchoolFactory(code="east", name="东区党校")


def take(tmp_path, lines_by_title, **arguments):
    return import_workbook(write_sheets(tmp_path / "in.xlsx", lines_by_title), **arguments)


def problems(report):
    return [(one.sheet, one.row, one.problem) for one in report.doubts]


def test_a_person_of_the_same_name_is_asked_about(tmp_path, school):
    StaffFactory(school=school, name="张三", key="OLD", birth_date=dt.date(1970, 1, 1))
    report = take(tmp_path, {"教职工": [STAFF, ZHANG]}, school=school, by=None)
    assert problems(report) == [("教职工", 2, "可能与已有的“张三”（编号 OLD）重复")]
    assert Staff.objects.count() == 2


def test_nothing_is_written_until_the_doubts_are_settled(tmp_path, school):
    StaffFactory(school=school, name="张三", key="OLD")
    sheets = {"教职工": [STAFF, ZHANG]}
    report = take(tmp_path, sheets, school=school, by=None, doubts_settled=False)
    assert (report.batch, Staff.objects.count()) == (None, 1)
    assert take(tmp_path, sheets, school=school, by=None).batch is not None


def test_blanks_width_and_signs_make_no_other_title(tmp_path, school):
    ProjectFactory(school=school, title="ABC：乡村（振兴）研究", key="OLD")
    line = ["ａｂｃ 乡村振兴研究", "市级", dt.date(2022, 1, 1), "已通过"]
    report = take(tmp_path, {"科研课题": [PROJECT, line]}, school=school, by=None)
    assert [one.row for one in report.doubts] == [2]


def test_voided_records_and_other_schools_raise_no_doubt(tmp_path, school):
    StaffFactory(school=school, name="张三", state="voided", reason="误")
    StaffFactory(name="张三")
    report = take(tmp_path, {"教职工": [STAFF, ZHANG]}, school=school, by=None)
    assert report.doubts == []


def test_two_rows_that_say_the_same_are_asked_about(tmp_path, school):
    line = ["同一个题", "市级", dt.date(2022, 1, 1), "已通过"]
    report = take(tmp_path, {"科研课题": [PROJECT, line, line]}, school=school, by=None)
    assert problems(report) == [("科研课题", 3, "与第 2 行完全相同，只算一条")]
    assert Project.objects.count() == 1


def test_a_workbook_of_another_school_is_asked_about(tmp_path, school):
    other = SchoolFactory(code="west", name="西区党校")
    StaffFactory(school=other)
    write_records(tmp_path / "west.xlsx", [Staff.objects.filter(school=other)], school=other)
    report = import_workbook(tmp_path / "west.xlsx", school=school, by=None, doubts_settled=False)
    assert [one.problem for one in report.doubts] == ["这个文件是从“西区党校”导出的"]
    assert Staff.objects.filter(school=school).count() == 0
    own = import_workbook(tmp_path / "west.xlsx", school=other, by=None)
    assert own.doubts == []


def test_a_hidden_sheet_of_an_office_program_is_passed_over(tmp_path, school):
    path = write_sheets(tmp_path / "in.xlsx", {"教职工": [STAFF, ZHANG], "WpsReserved": [["x"]]})
    workbook = load_workbook(path)
    workbook["WpsReserved"].sheet_state = "hidden"
    workbook.save(path)
    assert import_workbook(path, school=school, by=None).new == 1


@pytest.mark.parametrize(
    ("role", "refused"),
    [("research_office", {"教职工"}), ("general_office", {"科研课题"}), ("office", set())],
)
def test_an_office_imports_what_it_decides(tmp_path, school, role, refused):
    project = ["题", "市级", dt.date(2022, 1, 1), "已通过"]
    report = take(
        tmp_path,
        {"教职工": [STAFF, ZHANG], "科研课题": [PROJECT, project]},
        school=school,
        by=member(school, Role(role)),
    )
    assert {error.sheet for error in report.errors} == refused
    assert Staff.objects.count() == (0 if refused else 1)
