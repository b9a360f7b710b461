import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from sanneng.core.enums import RecordState, Role
from sanneng.core.errors import NotAllowed
from sanneng.core.models import Evidence, ImportBatch
from sanneng.core.spreadsheets.columns import sheets
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.keys import own_key
from sanneng.core.spreadsheets.report import RowError
from sanneng.core.spreadsheets.writing import write_records, write_rows
from sanneng.people.models import Employment, Post, Staff
from sanneng.research.models import (
    ChallengeClaim,
    ChallengeTopic,
    Project,
    ProjectMember,
    Publication,
    PublicationAuthor,
)
from sanneng.teaching.models import TrainingClass
from tests.core.rows import rows_of_every_type, snapshot, write_sheets

STAFF = ["编号", "姓名", "出生日期", "性别", "状态"]
ZHANG = ["S1", "张三", "1980-01-02", "男", "已通过"]


@pytest.fixture
def take(school, tmp_path):
    """Import lines typed into sheets, or a path."""

    def taken(lines_by_title, *, by=None, **options):
        path = lines_by_title
        if not isinstance(path, Path):
            path = write_sheets(tmp_path / "表.xlsx", lines_by_title)
        return import_workbook(path, school=school, by=by, **options)

    return taken


def places(report):
    return [(error.sheet, error.row, error.column) for error in report.errors]


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


def test_a_change_raises_the_version_and_leaves_the_rest(take, office):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]}, by=office)
    staff = Staff.objects.get()
    assert (report.changed, staff.name, staff.gender, staff.version) == (1, "张三丰", "1", 2)
    assert (staff.state, staff.decided_by) == ("approved", None)


def test_blank_rows_do_not_shift_row_numbers(take):
    blank = [None] * 5
    report = take({"教职工": [STAFF, ZHANG, blank, blank, ["S2", "李四", "不详", "", ""]]})
    assert places(report) == [("教职工", 5, "出生日期")]


def test_rows_above_the_headings_do_not_shift_row_numbers(take):
    report = take({"教职工": [[None], STAFF, ZHANG, ["S2", "李四", "不详", "", ""]]})
    assert places(report) == [("教职工", 4, "出生日期")]


def test_every_fault_is_listed_and_nothing_is_written(take):
    report = take(
        {
            "教职工": [
                STAFF,
                ZHANG,
                ["S2", "", "1980-01-01", "男性", ""],
                ["S3", "丙", "昨天", "", "通过"],
            ],
            "任用情况": [
                ["教职工编号", "开始日期", "结束日期", "人员类别", "编制"],
                ["S9", "2020-01-01", "", "专职教师", "参公"],
                ["S1", "2020-01-01", "2019-01-01", "专职教师", "参公"],
                ["S1", "2020-01-01", "", "", "参公"],
            ],
        }
    )
    assert places(report) == [
        ("教职工", 3, "性别"),
        ("教职工", 3, "姓名"),
        ("教职工", 4, "出生日期"),
        ("教职工", 4, "状态"),
        ("任用情况", 2, "教职工编号"),
        ("任用情况", 3, "结束日期、开始日期"),
        ("任用情况", 4, "编号"),
        ("任用情况", 4, "人员类别"),
    ]
    assert (Staff.objects.count(), ImportBatch.objects.count(), report.batch) == (0, 0, None)


def test_a_required_cell_may_not_be_blank_in_a_new_row(take):
    report = take({"教职工": [STAFF, ["S1", "", "1980-01-01", "", ""]]})
    assert report.errors == [RowError("教职工", 2, "姓名", "必填，不能空着", "请填上姓名。")]


def test_rows_that_refer_to_a_faulty_row_are_not_complained_of_too(take):
    report = take(
        {
            "教职工": [STAFF, ["S1", "张三", "不详", "", ""]],
            "进人": [
                ["教职工编号", "报到日期", "进人渠道"],
                ["S1", "2020-01-01", "遴选"],
            ],
        }
    )
    assert places(report) == [("教职工", 2, "出生日期")]


def test_parents_and_children_come_in_one_file_in_any_order(take):
    report = take(
        {
            "进人": [["教职工编号", "报到日期", "进人渠道"], ["S1", "2020-01-01", "遴选"]],
            "教职工": [STAFF, ZHANG],
        }
    )
    assert report.errors == []
    assert Staff.objects.get().hires.count() == 1


def test_records_of_another_school_are_not_there(take, other_school):
    Staff.objects.create(school=other_school, key="S1", name="外校", birth_date=dt.date(1980, 1, 1))
    lines = [["教职工编号", "报到日期", "进人渠道"], ["S1", "2020-01-01", "遴选"]]
    assert places(take({"进人": lines})) == [("进人", 2, "教职工编号")]
    report = take({"教职工": [STAFF, ZHANG]})
    assert report.new == 1
    assert Staff.objects.get(school=other_school).name == "外校"


def test_a_name_where_a_key_belongs_is_answered_with_the_key(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take(
        {"进人": [["教职工编号", "报到日期", "进人渠道"], ["张三", "2020-01-01", "遴选"]]}
    )
    assert report.errors[0].problem == "本校没有编号为“张三”的教职工"
    assert report.errors[0].advice == "这里要填编号，“张三”的编号是：S1。"


def test_a_row_that_repeats_another_counts_once(take):
    report = take({"教职工": [STAFF, ZHANG, ZHANG]})
    assert (report.errors, report.new) == ([], 1)


def test_two_rows_that_contradict_each_other_are_refused(take):
    report = take({"教职工": [STAFF, ZHANG, ["S1", "李四", "1980-01-02", "男", ""]]})
    assert places(report) == [("教职工", 3, "编号")]
    assert "第 2 行" in report.errors[0].problem


def test_unknown_sheets_and_columns_are_named_with_what_was_meant(take):
    report = take(
        {"教职工": [["编号", "姓名", "生日"], ["S1", "张三", "1980-01-01"]], "岗位任聘": [["x"]]}
    )
    assert [(error.sheet, error.column, error.problem) for error in report.errors] == [
        ("岗位任聘", "", "没有这种记录"),
        ("教职工", "生日", "没有这一列"),
        ("教职工", "出生日期", "缺少这一列"),
    ]
    assert "岗位任职" in report.errors[0].advice


def test_a_file_with_nothing_in_it_says_so(take):
    report = take({"教职工": [STAFF]})
    assert report.errors[0].problem == "工作簿里没有可导入的内容：每张工作表都没有填写"


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


def test_a_dry_run_finds_what_only_the_database_knows_and_writes_nothing(take):
    lines = {
        "教职工": [STAFF, ZHANG],
        "岗位任职": [
            ["教职工编号", "岗位类别", "职务", "开始日期", "结束日期"],
            ["S1", "管理岗", "主任", "2020-01-01", ""],
            ["S1", "专业技术岗", "讲师", "2021-01-01", ""],
        ],
    }
    report = take(lines, dry_run=True)
    assert places(report) == [("岗位任职", 3, "教职工编号")]
    assert report.errors[0].problem == "同一人同一时间只能有一个主要岗位"
    assert report.errors[0].advice == "请先填上一个岗位的结束日期，或改为非主要岗位。"
    assert (Staff.objects.count(), Post.objects.count()) == (0, 0)
    good = take({"教职工": [STAFF, ZHANG]}, dry_run=True)
    assert (good.errors, good.new, good.batch, Staff.objects.count()) == ([], 1, None, 0)


def test_an_old_post_may_end_and_a_new_one_begin_in_one_file(take):
    heading = ["编号", "教职工编号", "岗位类别", "开始日期", "结束日期"]
    old = ["P1", "S1", "管理岗", "2020-01-01", ""]
    take({"教职工": [STAFF, ZHANG], "岗位任职": [heading, old]})
    new = ["P0", "S1", "专业技术岗", "2022-01-01", ""]
    report = take({"岗位任职": [heading, new, [*old[:4], "2021-12-31"]]})
    assert (report.errors, report.new, report.changed) == ([], 1, 1)


def test_shares_may_move_from_one_author_to_another_in_one_file(take):
    take(
        {
            "教职工": [STAFF, ZHANG, ["S2", "李四", "1981-01-01", "", ""]],
            "发表文章": [
                ["编号", "文章题目", "刊物或平台", "发表载体", "发表日期"],
                ["P1", "题", "刊", "公开刊物", "2022-01-01"],
            ],
        }
    )
    heading = ["编号", "发表文章编号", "作者编号", "份额（%）"]
    take({"文章作者": [heading, ["A1", "P1", "S1", 30], ["A2", "P1", "S2", 70]]})
    report = take({"文章作者": [heading, ["A1", "P1", "S1", 70], ["A2", "P1", "S2", 30]]})
    assert (report.errors, report.changed) == ([], 2)
    too_much = take({"文章作者": [heading, ["A1", "P1", "S1", 71]]})
    assert places(too_much) == [("文章作者", 2, "发表文章编号")]
    assert sorted(PublicationAuthor.objects.values_list("share_percent", flat=True)) == [30, 70]


def test_of_many_rows_only_the_refused_ones_are_named(take):
    people = [[f"S{n}", f"人{n}", "1980-01-01", "", ""] for n in range(1300)]
    jobs = [[f"S{n}", "2020-01-01", "专职教师", "事业"] for n in range(1300)]
    jobs[1200] = ["S7", "2021-01-01", "专职教师", "事业"]
    report = take(
        {
            "教职工": [STAFF, *people],
            "任用情况": [["教职工编号", "开始日期", "人员类别", "编制"], *jobs],
        }
    )
    assert places(report) == [("任用情况", 1202, "教职工编号")]
    assert Employment.objects.count() == 0


def test_a_claim_on_a_topic_of_the_same_file_is_judged_by_that_topic(take):
    lines = {
        "教职工": [STAFF, ZHANG],
        "培训班次": [
            ["编号", "班次名称", "开始日期", "班次类别"],
            ["C1", "一班", "2022-01-01", "主体班"],
        ],
        "揭榜选题": [
            ["编号", "选题", "发榜日期", "班次编号", "指导教师编号", "揭榜截止日期", "状态"],
            ["T1", "题", "2022-02-01", "C1", "S1", "2022-02-10", "已通过"],
        ],
        "揭榜": [["揭榜选题编号", "揭榜小组", "揭榜日期"], ["T1", "一组", "2022-02-11"]],
    }
    report = take(lines)
    assert places(report) == [("揭榜", 2, "揭榜选题编号")]
    lines["揭榜"][1][2] = "2022-02-10"
    assert take(lines).errors == []
    assert (ChallengeTopic.objects.count(), ChallengeClaim.objects.count()) == (1, 1)
    assert TrainingClass.objects.get().key == "C1"


def test_a_second_leader_of_a_project_is_refused_at_its_row(take):
    report = take(
        {
            "教职工": [STAFF, ZHANG, ["S2", "李四", "1981-01-01", "", ""]],
            "科研课题": [
                ["编号", "课题名称", "级别", "立项日期"],
                ["K1", "题", "省级", "2022-01-01"],
            ],
            "课题组成员": [
                ["科研课题编号", "教职工编号", "角色"],
                ["K1", "S1", "主持"],
                ["K1", "S2", "主持"],
            ],
        }
    )
    assert places(report) == [("课题组成员", 3, "科研课题编号")]
    assert report.errors[0].problem == "一个课题只能有一位主持人"
    assert (Project.objects.count(), ProjectMember.objects.count()) == (0, 0)


def test_a_state_changes_only_along_the_life_cycle(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["S1", "", "", "", "草稿"]]})
    assert report.errors[0].problem == "“已通过”的记录不能改成“草稿”"
    assert Staff.objects.get().state == RecordState.APPROVED


def test_nobody_approves_by_import_what_they_handed_in(take, office, member):
    take({"教职工": [STAFF, [*ZHANG[:4], "待审核"]]}, by=office)
    report = take({"教职工": [STAFF, ZHANG]}, by=office)
    assert report.errors[0].problem == "不能审核自己提交的记录"
    assert take({"教职工": [STAFF, ZHANG]}, by=member(Role.LEADER)).changed == 1


def test_only_those_who_may_decide_may_import(take, member):
    with pytest.raises(NotAllowed):
        take({"教职工": [STAFF, ZHANG]}, by=member(Role.TEACHER))


def test_a_returned_row_needs_a_reason(take):
    report = take({"教职工": [STAFF, [*ZHANG[:4], "已退回"]]})
    assert report.errors[0].problem == "退回或作废必须写明原因"
    assert report.errors[0].column == "状态"


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


def test_evidence_is_a_file_where_there_is_one_and_else_a_reference(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "鉴定.pdf").write_bytes(b"%PDF-1.7 x")
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "鉴定.pdf；东党校〔2022〕1号"]]}
    take(lines)
    file, reference = Evidence.objects.order_by("-size")
    assert (file.title, file.size, file.media_type) == ("鉴定.pdf", 10, "application/pdf")
    assert (reference.title, reference.is_file) == ("东党校〔2022〕1号", False)
    assert (evidence_root / file.digest[:2] / file.digest[2:4] / file.digest).exists()
    assert take(lines).unchanged == 1
    (folder / "鉴定.pdf").unlink()
    assert take(lines).unchanged == 1
    assert Evidence.objects.count() == 2


def test_evidence_may_be_added_later_and_is_never_taken_away(take):
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "甲号"]]}
    take(lines)
    lines["教职工"][1][-1] = "乙号"
    assert take(lines).changed == 1
    assert sorted(Staff.objects.get().evidence.values_list("title", flat=True)) == ["乙号", "甲号"]
    assert Staff.objects.get().version == 2


def test_a_file_that_is_not_what_it_says_is_a_fault_of_the_row(take, tmp_path, evidence_root):
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "鉴定.pdf").write_bytes(b"MZ\x90")
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "鉴定.pdf"]]}
    report = take(lines, evidence_dir=folder)
    assert places(report) == [("教职工", 2, "佐证材料")]
    assert not evidence_root.exists()


def test_a_name_in_a_cell_reaches_nothing_outside_the_folder(take, tmp_path):
    (tmp_path / "秘密.pdf").write_bytes(b"%PDF-1.7 secret")
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "链接.pdf").symlink_to(tmp_path / "秘密.pdf")
    names = f"../秘密.pdf；{tmp_path / '秘密.pdf'}；链接.pdf"
    take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, names]]}, evidence_dir=folder)
    assert [evidence.is_file for evidence in Evidence.objects.all()] == [False] * 3


def test_files_of_a_refused_import_do_not_stay_in_the_store(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 x")
    take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "a.pdf"]]}, dry_run=True)
    assert [path for path in evidence_root.rglob("*") if path.is_file()] == []


def test_text_like_a_formula_comes_in_as_it_is(take, tmp_path):
    row = {"key": "P1", "outlet_kind": "public_journal", "published_on": dt.date(2022, 1, 1)}
    path = tmp_path / "p.xlsx"
    write_rows(path, {Publication: [row | {"title": "=1+1", "outlet": "@x"}]})
    assert take(path).errors == []
    assert (Publication.objects.get().title, Publication.objects.get().outlet) == ("=1+1", "@x")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the trigger is written for SQLite")
def test_a_refusal_that_no_row_explains_is_an_error_of_the_file(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 x")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER no_memory AFTER INSERT ON core_importedrow "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    report = take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "a.pdf"]]})
    assert places(report) == [("", 0, "")]
    assert (Staff.objects.count(), report.batch) == (0, None)
    assert [path for path in evidence_root.rglob("*") if path.is_file()] == []
