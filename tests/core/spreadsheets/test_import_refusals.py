"""What an import refuses, where it says so, and that nothing is written then."""

import datetime as dt

import pytest

from sanneng.core.enums import RecordState, Role
from sanneng.core.errors import NotAllowed
from sanneng.core.models import ImportBatch
from sanneng.core.spreadsheets.report import RowError
from sanneng.people.models import Employment, Post, Staff
from sanneng.research.models import (
    ChallengeClaim,
    ChallengeTopic,
    Project,
    ProjectMember,
    PublicationAuthor,
)
from sanneng.teaching.models import TrainingClass
from tests.core.rows import STAFF, ZHANG, places


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
    assert report.errors[0].problem == "不能审核自己登记或提交的记录"
    assert take({"教职工": [STAFF, ZHANG]}, by=member(Role.LEADER)).changed == 1


def test_only_those_who_may_decide_may_import(take, member):
    with pytest.raises(NotAllowed):
        take({"教职工": [STAFF, ZHANG]}, by=member(Role.TEACHER))


def test_a_returned_row_needs_a_reason(take):
    report = take({"教职工": [STAFF, [*ZHANG[:4], "已退回"]]})
    assert report.errors[0].problem == "退回或作废必须写明原因"
    assert report.errors[0].column == "状态"
