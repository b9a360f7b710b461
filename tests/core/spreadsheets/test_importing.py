"""What an import brings in, and that doing it again changes nothing."""

import datetime as dt

from django.utils import timezone

from sanneng.core.models import ImportBatch
from sanneng.core.spreadsheets.columns import sheets
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.keys import own_key
from sanneng.core.spreadsheets.writing import write_records, write_rows
from sanneng.people.models import Staff
from sanneng.research.models import (
    Publication,
    PublicationAuthor,
)
from tests.core.rows import STAFF, ZHANG, places, rows_of_every_type, snapshot


def test_a_row_becomes_a_record(take, school, office):
    report = take({"教职工": [STAFF, ZHANG]}, by=office)
    staff = Staff.objects.get()
    assert report.errors == []
    assert (staff.school, staff.key, staff.name, staff.birth_date, staff.gender) == (
        school,
        "S1",
        "张三",
        dt.date(1980, 1, 2),
        "1",
    )
    assert (staff.created_by, staff.import_batch) == (office, report.batch)
    assert (report.new, report.changed, report.unchanged) == (1, 0, 0)
    assert (report.batch.created_count, report.batch.imported_by) == (1, office)


def test_the_importing_office_is_the_one_who_decided(take, office):
    before = timezone.now()
    take(
        {
            "教职工": [
                [*STAFF, "退回或作废原因"],
                ["S1", "甲", "1980-01-01", "", "已通过", ""],
                ["S2", "乙", "1980-01-01", "", "待审核", ""],
                ["S3", "丙", "1980-01-01", "", "", ""],
                ["S4", "丁", "1980-01-01", "", "已作废", "重复"],
            ]
        },
        by=office,
    )
    approved, submitted, draft, voided = Staff.objects.order_by("key")
    assert (approved.decided_by, approved.submitted_by) == (office, None)
    assert approved.decided_at >= before
    assert (submitted.submitted_by, submitted.decided_by) == (office, None)
    assert (draft.state, draft.decided_by, draft.submitted_by) == ("draft", None, None)
    assert (voided.state, voided.reason, voided.decided_by) == ("voided", "重复", office)


def test_taking_the_same_file_in_again_changes_nothing(take, office):
    lines = {"教职工": [STAFF, ZHANG]}
    take(lines, by=office)
    before = snapshot(Staff)
    again = take(lines, by=office)
    assert (again.new, again.changed, again.unchanged, again.batch) == (0, 0, 1, None)
    assert snapshot(Staff) == before
    assert ImportBatch.objects.count() == 1


def test_a_row_without_a_key_is_the_same_record_next_time(take):
    lines = {"教职工": [STAFF, ["", "张三", "1980-01-02", "男", ""]]}
    take(lines)
    assert Staff.objects.get().key == own_key(Staff.objects.get())
    assert take(lines).unchanged == 1
    assert Staff.objects.count() == 1


def test_a_row_without_a_key_finds_the_record_with_the_same_identity(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["", "张三", "1980年1月2日", "女", ""]]})
    assert (report.new, report.changed) == (0, 1)
    assert (Staff.objects.get().key, Staff.objects.get().gender) == ("S1", "2")


def test_two_records_with_one_identity_have_to_be_told_apart(take):
    take({"教职工": [STAFF, ZHANG, ["S2", *ZHANG[1:]]]})
    report = take({"教职工": [STAFF, ["", *ZHANG[1:]]]})
    assert places(report) == [("教职工", 2, "编号")]
    assert report.errors[0].advice == "请填编号：S1、S2。"


def test_blank_cells_never_delete(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["S1", "", "", "", ""]]})
    assert (report.errors, report.unchanged) == ([], 1)
    assert Staff.objects.get().gender == "1"


def test_a_change_raises_the_version_and_leaves_the_rest(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]})
    staff = Staff.objects.get()
    assert (report.changed, staff.name, staff.gender, staff.version) == (1, "张三丰", "1", 2)
    assert (staff.state, staff.decided_by) == ("approved", None)


def test_parents_and_children_come_in_one_file_in_any_order(take):
    report = take(
        {
            "进人": [["教职工编号", "报到日期", "进人渠道"], ["S1", "2020-01-01", "遴选"]],
            "教职工": [STAFF, ZHANG],
        }
    )
    assert report.errors == []
    assert Staff.objects.get().hires.count() == 1


def test_a_row_that_repeats_another_counts_once(take):
    report = take({"教职工": [STAFF, ZHANG, ZHANG]})
    assert (report.errors, report.new) == ([], 1)


def test_headings_are_known_with_stars_blanks_and_half_width_brackets(take):
    take({"教职工": [STAFF, ZHANG]})
    take(
        {
            "发表文章": [
                ["编号", "文章题目 *", "刊物或平台", "发表载体", "发表日期＊"],
                ["P1", "题", "刊", "公开刊物", "2022-01-01"],
            ]
        }
    )
    report = take(
        {
            "文章作者": [
                ["发表文章编号*", "作者编号\n*", "份额(%)", "作者"],
                ["P1", "S1", "60%", "谁都不读这一列"],
            ]
        }
    )
    assert report.errors == []
    assert PublicationAuthor.objects.get().share_percent == 60


def test_progress_is_told_in_steps(take):
    steps = []
    take({"教职工": [STAFF, ZHANG]}, progress=lambda *step: steps.append(step))
    assert [step for step, done, total in steps if done == total] == [
        "读取教职工",
        "核对教职工",
        "写入教职工",
    ]


def test_the_number_of_queries_does_not_grow_with_the_rows(take, django_assert_max_num_queries):
    people = [[f"S{n}", f"人{n}", "1980-01-01", "", ""] for n in range(400)]
    with django_assert_max_num_queries(45):
        take({"教职工": [STAFF, *people]})
    with django_assert_max_num_queries(12):
        take({"教职工": [STAFF, *people]})


def test_a_full_record_of_every_type_comes_in_and_goes_out_unchanged(school, office, tmp_path):
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    write_rows(first, rows_of_every_type())
    report = import_workbook(first, school=school, by=office)
    assert report.errors == []
    assert report.new == len(sheets())
    write_records(second, [sheet.model.objects.all() for sheet in sheets()])
    again = import_workbook(second, school=school, by=office)
    assert (again.errors, again.new, again.changed) == ([], 0, 0)
    assert again.unchanged == len(sheets())


def test_an_export_brought_into_an_empty_school_makes_the_same_records(
    school, other_school, office, tmp_path
):
    path = tmp_path / "out.xlsx"
    write_rows(path, rows_of_every_type())
    import_workbook(path, school=school, by=None)
    write_records(path, [sheet.model.objects.all() for sheet in sheets()])
    import_workbook(path, school=other_school, by=None)
    for sheet in sheets():
        ours, theirs = (
            [
                {
                    column.name: getattr(record, column.name)
                    for column in sheet.read_columns
                    if column.target is None and column.name != "evidence"
                }
                | {
                    column.name: getattr(record, column.name).key
                    for column in sheet.read_columns
                    if column.target is not None
                }
                for record in sheet.model.objects.filter(school=place)
            ]
            for place in (school, other_school)
        )
        assert ours == theirs


def test_text_like_a_formula_comes_in_as_it_is(take, tmp_path):
    row = {"key": "P1", "outlet_kind": "public_journal", "published_on": dt.date(2022, 1, 1)}
    path = tmp_path / "p.xlsx"
    write_rows(path, {Publication: [row | {"title": "=1+1", "outlet": "@x"}]})
    assert take(path).errors == []
    assert (Publication.objects.get().title, Publication.objects.get().outlet) == ("=1+1", "@x")
