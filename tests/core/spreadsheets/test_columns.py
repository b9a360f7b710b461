import pytest
from django.utils import translation

from sanneng.core.models import Record
from sanneng.core.spreadsheets.columns import Kind, sheet_of, sheets
from sanneng.people.models import Employment, Staff
from sanneng.research.models import Project, PublicationAuthor
from sanneng.teaching.models import FacultyTraining


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.title)
def test_every_type_has_a_column_for_each_field_people_fill_in(sheet):
    common = {field.name for field in Record._meta.get_fields()}
    own = {
        field.name
        for field in sheet.model._meta.concrete_fields
        if field.name not in common and field.editable and not field.primary_key
    }
    read = {column.name for column in sheet.read_columns}
    assert read == own | {"key", "state", "reason", "evidence"}


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.title)
def test_no_two_columns_of_a_sheet_share_a_heading(sheet):
    headings = [column.heading for column in sheet.columns]
    assert len(set(headings)) == len(headings)


def test_no_two_types_share_a_sheet_title():
    titles = [sheet.title for sheet in sheets()]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 31


def test_parents_stand_before_the_records_that_refer_to_them():
    order = [sheet.model for sheet in sheets()]
    for sheet in sheets():
        for column in sheet.columns:
            if column.target:
                assert order.index(column.target) < order.index(sheet.model)


def test_headings_stay_chinese_for_a_reader_of_english():
    sheet_of.cache_clear()
    with translation.override("en"):
        assert sheet_of(Staff).title == "教职工"
        assert [column.heading for column in sheet_of(Staff).columns][:3] == [
            "编号",
            "姓名",
            "出生日期",
        ]
    sheet_of.cache_clear()


def test_what_tells_rows_apart_stands_leftmost():
    headings = [column.heading for column in sheet_of(Employment).columns]
    assert headings[:5] == ["编号", "教职工编号", "教职工", "开始日期", "结束日期"]


def test_a_reference_is_read_and_its_name_is_not():
    columns = {column.heading: column for column in sheet_of(Employment).columns}
    assert columns["教职工编号"].target is Staff
    assert columns["教职工编号"].is_read
    assert not columns["教职工"].is_read


def test_required_is_what_a_new_record_cannot_do_without():
    required = {column.heading for column in sheet_of(Project).columns if column.required}
    assert required == {"课题名称", "级别", "立项日期"}


def test_units_follow_from_the_field_name():
    training = {column.name: column for column in sheet_of(FacultyTraining).columns}
    author = {column.name: column for column in sheet_of(PublicationAuthor).columns}
    assert (training["hours_x10"].kind, training["hours_x10"].heading) == (Kind.TENTHS, "学时")
    assert (author["share_percent"].kind, author["share_percent"].maximum) == (Kind.PERCENT, 100)
