"""What an import may decide alone, and what waits for somebody else."""

import datetime as dt

import pytest

from sanneng.core.clock import today
from sanneng.core.domain.audit import history
from sanneng.core.domain.corrections import apply_correction
from sanneng.core.domain.editing import create_record
from sanneng.core.domain.records import submit_record, take_back_record
from sanneng.core.domain.stand_ins import name_deputy
from sanneng.core.enums import Role
from sanneng.core.errors import NotAllowed
from sanneng.core.models import AuditEntry, Correction, ImportBatch, ImportedRow, Notice
from sanneng.core.spreadsheets.writing import write_records
from sanneng.people.models import Hire, Staff
from sanneng.research.models import Project
from tests.core.rows import STAFF, ZHANG
from tests.factories import member as member_of

pytestmark = pytest.mark.django_db
PROJECT = ["编号", "课题名称", "级别", "立项日期", "状态"]


@pytest.fixture
def leader(member):
    return member(Role.LEADER)


def places(report):
    return [(error.sheet, error.row, error.column, error.problem) for error in report.errors]


def draft_of(school, author):
    values = {"title": "题", "level": "city", "approved_on": dt.date(2022, 1, 1)}
    return create_record(Project, school=school, values=values, by=author)


def drafted(record, by):
    return by


def taken_back(record, by):
    submit_record(record=record, by=by)
    take_back_record(record=record, by=by)
    return by


def handed_in_by_whom_one_stands_in_for(record, by):
    submit_record(record=record, by=by)
    deputy = member_of(record.school, Role.TEACHER)
    day = today()
    name_deputy(school=record.school, absent=by, deputy=deputy, valid_from=day, valid_to=day, by=by)
    return deputy


@pytest.mark.parametrize("how", [drafted, taken_back, handed_in_by_whom_one_stands_in_for])
def test_nobody_approves_ones_own_record_by_importing_it(take, school, office, leader, how):
    record = draft_of(school, office)
    by = how(record, office)
    lines = {"科研课题": [PROJECT, [record.key, "", "", "", "已通过"]]}
    report = take(lines, by=by)
    assert [error.problem for error in report.errors] == ["不能审核自己登记或提交的记录"]
    assert Project.objects.get().state != "approved"
    assert take(lines, by=leader).changed == 1


def test_what_was_decided_on_paper_is_entered_as_decided(take, office):
    assert take({"教职工": [STAFF, ZHANG]}, by=office).new == 1
    assert Staff.objects.get().state == "approved"


def test_an_approved_record_waits_for_somebody_elses_consent(take, office, leader):
    take({"教职工": [STAFF, ZHANG]})
    before = AuditEntry.objects.count()
    lines = {"教职工": [STAFF, ["S1", "张三丰", "1980-02-02", "", ""]]}
    tried = take(lines, by=office, dry_run=True)
    assert (tried.errors, tried.proposed, tried.changed) == ([], 1, 0)
    assert (Correction.objects.count(), AuditEntry.objects.count()) == (0, before)
    report = take(lines, by=office)
    staff = Staff.objects.get()
    assert (report.proposed, report.changed, report.unchanged) == (1, 0, 0)
    assert (staff.name, staff.version, ImportedRow.objects.filter(batch=report.batch).count()) == (
        "张三", 1, 0,
    )  # fmt: skip
    correction = Correction.objects.get()
    assert correction.values == {"name": "张三丰", "birth_date": "1980-02-02"}
    assert (correction.reason, correction.proposed_by) == ("导入“表.xlsx”", office)
    assert (correction.import_batch, report.batch.proposed_count) == (report.batch, 1)
    proposed = history(staff)[0]
    assert (proposed.action, proposed.details["changes"]["name"]) == (
        "propose", ["张三", "张三丰"],
    )  # fmt: skip
    assert proposed.details["changes"]["birth_date"] == ["***", "***"]
    assert [notice.user for notice in Notice.objects.all()] == [leader]
    with pytest.raises(NotAllowed):
        apply_correction(correction=correction, by=office)
    apply_correction(correction=correction, by=leader)
    staff.refresh_from_db()
    assert (staff.name, staff.birth_date, staff.version) == ("张三丰", dt.date(1980, 2, 2), 2)


def test_a_second_change_while_a_correction_waits_is_refused_at_its_row(take, office, leader):
    take({"教职工": [STAFF, ZHANG]})
    lines = {"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]}
    take(lines, by=office)
    report = take(lines, by=leader)
    assert places(report) == [("教职工", 2, "姓名", "这条记录已有一份更正在等待审核")]
    assert take({"教职工": [STAFF, ZHANG]}, by=leader).unchanged == 1


def test_what_the_database_would_not_take_is_refused_before_anybody_is_asked(take, office):
    take({"教职工": [STAFF, ZHANG]})
    posts = ["编号", "教职工编号", "岗位类别", "开始日期", "结束日期", "状态"]
    take({"岗位任职": [posts, ["P1", "S1", "管理岗", "2020-01-01", "2020-12-31", "已通过"],
                   ["P2", "S1", "管理岗", "2021-01-01", "", "已通过"]]})  # fmt: skip
    report = take({"岗位任职": [posts, ["P1", "", "", "", "2021-06-30", ""]]}, by=office)
    assert [(error.sheet, error.row) for error in report.errors] == [("岗位任职", 2)]
    assert Correction.objects.count() == 0


def test_a_correction_refers_to_a_new_record_but_not_to_a_draft(take, office, leader):
    heading = ["编号", "教职工编号", "报到日期", "进人渠道", "状态"]
    take(
        {"教职工": [STAFF, ZHANG], "进人": [heading, ["H1", "S1", "2020-01-01", "遴选", "已通过"]]}
    )
    moved = {"进人": [heading, ["H1", "S2", "", "", ""]]}
    for state, faults in (
        ("草稿", [("进人", 2, "教职工编号", "引用的记录还是草稿")]),
        ("已通过", []),
    ):
        people = {"教职工": [STAFF, ["S2", "李四", "1981-01-01", "女", state]]}
        assert places(take(people | moved, by=office)) == faults
    assert Hire.objects.get().staff.key == "S1"
    apply_correction(correction=Correction.objects.get(), by=leader)
    assert Hire.objects.get().staff.key == "S2"


def test_new_evidence_of_an_approved_record_is_added_and_the_rest_waits(take, office, leader):
    take({"教职工": [STAFF, ZHANG]})
    lines = {"教职工": [[*STAFF, "佐证材料"], ["S1", "张三丰", "", "", "", "甲号"]]}
    report = take(lines, by=office)
    assert (report.errors, report.changed, report.proposed) == ([], 1, 1)
    assert Staff.objects.get().evidence.get().title == "甲号"
    apply_correction(correction=Correction.objects.get(), by=leader)
    assert Staff.objects.get().name == "张三丰"


VOIDING = ["编号", "姓名", "出生日期", "状态", "退回或作废原因"]


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        (["S1", "", "", "已作废", "重复登记"], []),
        (["S1", "", "", "已作废", ""], ["退回或作废必须写明原因"]),
        (["S1", "张三丰", "", "已作废", "重复登记"], ["作废的同时不能更改内容"]),
        (["S1", "", "", "", "随便写的"], ["已通过的记录不能填退回或作废的原因"]),
    ],
)
def test_an_approved_record_is_voided_with_a_reason_and_nothing_else(take, office, line, faults):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [VOIDING, line]}, by=office)
    assert [error.problem for error in report.errors] == faults
    staff = Staff.objects.get()
    assert (staff.state, staff.reason) == (("approved", "") if faults else ("voided", "重复登记"))


def test_what_waits_for_a_record_ends_when_an_import_voids_it(take, office, leader):
    take({"教职工": [STAFF, ZHANG]})
    take({"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]}, by=office)
    take({"教职工": [VOIDING, ["S1", "", "", "已作废", "重复登记"]]}, by=leader)
    correction = Correction.objects.get()
    assert (correction.state, correction.decided_by) == ("withdrawn", leader)


def test_the_operator_changes_approved_records_directly(take):
    take({"教职工": [STAFF, ZHANG]})
    report = take({"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]})
    assert (report.changed, report.proposed, Staff.objects.get().name) == (1, 0, "张三丰")


def test_every_changed_record_has_its_entry_and_new_ones_have_the_batch(take, office):
    take({"教职工": [STAFF, [*ZHANG[:4], "草稿"]]}, by=office)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["import"]
    lines = [["S1", "张三丰", "1980-02-02", "", "待审核"], ["S2", "李四", "1981-01-01", "", ""]]
    report = take({"教职工": [STAFF, *lines]}, by=office)
    (entry,) = history(Staff.objects.get(key="S1"))
    assert (entry.action, entry.actor, entry.details["version"]) == ("edit", office, 2)
    assert entry.details["changes"] == {
        "name": ["张三", "张三丰"],
        "birth_date": ["***", "***"],
        "state": ["草稿", "待审核"],
    }
    assert entry.details["import_batch"] == report.batch.pk
    assert not history(Staff.objects.get(key="S2")).exists()
    assert Staff.objects.get(key="S2").import_batch == report.batch


def test_references_are_noted_by_name(take, office):
    heading = ["编号", "教职工编号", "报到日期", "进人渠道"]
    people = [ZHANG, ["S2", "李四", "1981-01-01", "", "已通过"]]
    take({"教职工": [STAFF, *people], "进人": [heading, ["H1", "S1", "2020-01-01", "遴选"]]})
    take({"进人": [heading, ["H1", "S2", "2020-02-01", ""]]}, by=office)
    assert history(Hire.objects.get())[0].details["changes"] == {
        "staff": ["张三", "李四"],
        "hired_on": ["2020-01-01", "2020-02-01"],
    }


def test_ones_own_export_changes_nothing(take, office, tmp_path):
    take({"教职工": [STAFF, ZHANG, ["S2", "李四", "1981-01-01", "", "草稿"]]})
    Staff.objects.filter(key="S1").update(state="voided", reason="重复")
    path = tmp_path / "out.xlsx"
    write_records(path, [Staff.objects.all()])
    report = take(path, by=office)
    assert (report.errors, report.unchanged, report.batch) == ([], 2, None)


def test_a_sheet_that_one_may_not_import_says_nothing_of_what_is_there(take, member):
    take({"教职工": [STAFF, ZHANG]})
    lines = [["S1", "张三", "", "", "草稿"], ["S9", "张 三", "1980-01-01", "", ""]]
    report = take({"教职工": [STAFF, *lines]}, by=member(Role.RESEARCH_OFFICE))
    assert [error.problem for error in report.errors] == ["您没有导入这种记录的权限"]
    assert report.doubts == []


@pytest.mark.parametrize(
    ("line", "is_taken"),
    [
        (["P1", "题", "市级", "2022-01-01", "已通过"], False),
        (["P1", "题", "市级", "2022-01-01", "待审核"], True),
        (["P0", "", "", "", "已通过"], False),
    ],
)
def test_who_may_not_decide_imports_no_decisions(take, line, office, is_taken):
    take({"科研课题": [PROJECT, ["P0", "旧题", "市级", "2022-01-01", "待审核"]]})
    lines = {"科研课题": [PROJECT, line]}
    if is_taken:
        assert take(lines, by=office, may_decide=False).new == 1
        return
    with pytest.raises(NotAllowed, match="records:decide"):
        take(lines, by=office, may_decide=False)
    assert (Project.objects.count(), ImportBatch.objects.count()) == (1, 1)
