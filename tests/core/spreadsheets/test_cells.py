import datetime as dt

import pytest

from sanneng.core.spreadsheets.cells import CellRefused, reader_of, suggestion
from sanneng.core.spreadsheets.columns import sheet_of
from sanneng.core.spreadsheets.safe_text import CUT_SHORT
from sanneng.people.models import Education, PoliticalStatus, Post, Staff
from sanneng.research.models import PublicationAuthor
from sanneng.teaching.models import FacultyTraining, OutreachLecture


def read(model, name, cell):
    column = next(column for column in sheet_of(model).columns if column.name == name)
    return reader_of(column)(cell)


def refusal(model, name, cell):
    with pytest.raises(CellRefused) as caught:
        read(model, name, cell)
    return caught.value


@pytest.mark.parametrize(
    "cell",
    [
        dt.date(2023, 6, 30),
        dt.datetime(2023, 6, 30, 8, 0),  # noqa: DTZ001
        "2023-06-30",
        "2023/6/30",
        "2023.6.30",
        "2023年6月30日",
        " ２０２３年6月30日 ",
        "20230630",
        20230630.0,
    ],
)
def test_dates_are_read_as_people_write_them(cell):
    assert read(Staff, "birth_date", cell) == dt.date(2023, 6, 30)


@pytest.mark.parametrize("cell", ["2023年6月", "2023-02-30", "六月三十日", "12", 3.5, True])
def test_half_a_date_is_refused(cell):
    assert "不是日期" in refusal(Staff, "birth_date", cell).problem


def test_a_bare_serial_number_is_refused_with_the_day_it_may_mean():
    refused = refusal(Staff, "birth_date", 45107.0)
    assert "2023-06-30" in refused.advice


def test_a_year_out_of_the_world_is_refused():
    assert "年份不对" in refusal(Staff, "birth_date", "0223-06-30").problem


@pytest.mark.parametrize(
    ("cell", "code"), [("男", "1"), ("1", "1"), (1.0, "1"), (" 女 ", "2"), ("", None)]
)
def test_choices_are_taken_by_label_or_code(cell, code):
    assert read(Staff, "gender", cell) == code


def test_a_code_that_excel_turned_into_a_number_is_still_the_code():
    assert read(PoliticalStatus, "status", 1.0) == "01"
    assert read(Education, "education_level", 11.0) == "11"


def test_an_unknown_choice_is_refused_with_what_there_is():
    refused = refusal(Staff, "gender", "男性")
    assert refused.problem == "“男性”不在可填的值里"
    assert refused.advice == "是不是“男”？可填：未知、男、女、未说明。"


def test_a_suggestion_is_only_made_when_something_is_near():
    assert suggestion("xyz", ["甲", "乙"]) == "可填：甲、乙。"


@pytest.mark.parametrize(
    ("cell", "value"), [("是", True), ("否", False), (True, True), (0.0, False)]
)
def test_booleans_are_yes_and_no(cell, value):
    assert read(Post, "is_main", cell) is value


def test_a_boolean_that_is_neither_is_refused():
    assert refusal(Post, "is_main", "也许").advice == "请填“是”或“否”。"


@pytest.mark.parametrize(("cell", "value"), [(12.0, 12), ("1,200", 1200), ("１２", 12), ("", None)])
def test_integers(cell, value):
    assert read(OutreachLecture, "audience", cell) == value


@pytest.mark.parametrize("cell", [1.5, "-3", -3, "十二", "12人", 3e9, True])
def test_what_is_no_whole_number_in_range_is_refused(cell):
    refusal(OutreachLecture, "audience", cell)


@pytest.mark.parametrize(("cell", "value"), [(60.0, 60), ("60%", 60), ("60", 60), (100, 100)])
def test_a_share_is_a_whole_number_of_per_cent(cell, value):
    assert read(PublicationAuthor, "share_percent", cell) == value


@pytest.mark.parametrize("cell", [0.6, 101, "120%"])
def test_a_share_as_a_fraction_or_over_100_is_refused(cell):
    refusal(PublicationAuthor, "share_percent", cell)


@pytest.mark.parametrize(("cell", "value"), [(12.5, 125), ("12.5", 125), (0.3, 3), (12, 120)])
def test_hours_are_kept_in_tenths(cell, value):
    assert read(FacultyTraining, "hours_x10", cell) == value


def test_hours_with_two_places_are_refused():
    assert "小数" in refusal(FacultyTraining, "hours_x10", 12.25).problem


def test_numbers_in_a_text_column_become_what_people_see():
    assert read(Staff, "key", 1001.0) == "1001"


def test_a_number_that_excel_has_already_spoilt_is_refused():
    assert "15 位" in refusal(Staff, "key", 4.40106199001011e17).problem


def test_a_text_that_excel_turned_into_a_date_is_refused():
    assert "日期" in refusal(Staff, "key", dt.date(2023, 1, 1)).problem


def test_text_is_trimmed_and_its_line_ends_are_one_character():
    assert read(Staff, "name", "\u3000张三\r\n（借调） ") == "张三\n（借调）"


def test_text_that_is_too_long_or_unprintable_is_refused():
    assert "太长" in refusal(Staff, "name", "长" * 61).problem
    assert "控制字符" in refusal(Staff, "name", "张\x00三").problem


def test_blank_cells_are_nothing():
    assert read(Staff, "name", "") is None
    assert read(Staff, "name", " \u3000") is None
    assert read(Staff, "birth_date", "  ") is None
    assert read(Post, "is_main", " ") is None


def test_text_that_we_cut_short_on_writing_is_not_taken_back():
    assert read(Staff, "name", "开头" + CUT_SHORT) is None


def test_evidence_is_parted_by_semicolons_and_lines():
    assert read(Staff, "evidence", "甲号；乙号; 丙.pdf\n甲号；") == ("甲号", "乙号", "丙.pdf")


def test_one_title_of_evidence_has_a_limit():
    assert "255" in refusal(Staff, "evidence", "长" * 256).advice
