import datetime as dt
from pathlib import Path

import pytest

from sanneng.core.domain import audit
from sanneng.core.domain.audit import history
from sanneng.core.domain.corrections import apply_correction, propose_correction
from sanneng.core.domain.evidence import add_reference
from sanneng.core.domain.records import void_record
from sanneng.core.enums import BatchState, Role
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import AuditEntry, Correction, Evidence, ImportedRow
from sanneng.core.spreadsheets.batches import rows_digest
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.core.spreadsheets.writing import write_rows
from sanneng.people.models import Hire, Post, Staff
from sanneng.teaching.models import Course
from tests.core.rows import rows_of_every_type, snapshot, write_sheets

STAFF = ["编号", "姓名", "出生日期", "性别", "状态", "佐证材料"]
ZHANG = ["S1", "张三", "1980-01-02", "男", "已通过", ""]
pytestmark = pytest.mark.django_db


@pytest.fixture
def take(school, tmp_path, office):
    def taken(*lines, by=office):
        path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, *lines]})
        report = import_workbook(path, school=school, by=by)
        assert report.errors == []
        return report.batch

    return taken


def test_undo_deletes_what_the_batch_created(take, office):
    take(ZHANG)
    before = snapshot(Staff)
    batch = take(["S2", "李四", "1981-01-01", "女", "", "甲号"])
    undo_batch(batch=batch, by=office)
    assert snapshot(Staff) == before
    assert batch.state == BatchState.UNDONE
    assert batch.undone_at is not None
    assert Evidence.objects.count() == 0


def test_undo_restores_what_the_batch_changed(take, office, member):
    leader = member(Role.LEADER)
    take([*ZHANG[:4], "待审核", "甲号"])
    staff = Staff.objects.get()
    Staff.objects.update(submitted_by=None)
    before = snapshot(Staff)
    batch = take(["S1", "张三丰", "1980-02-01", "女", "已通过", "乙号"], by=leader)
    changed = Staff.objects.get()
    assert (changed.state, changed.decided_by) == ("approved", leader)
    undo_batch(batch=batch, by=office)
    before[0][0]["version"] = 3
    assert snapshot(Staff) == before
    assert Staff.objects.get().decided_at is None
    assert Staff.objects.get().submitted_at == staff.submitted_at


def test_every_type_can_be_undone_at_once(school, tmp_path):
    path = tmp_path / "all.xlsx"
    write_rows(path, rows_of_every_type())
    report = import_workbook(path, school=school, by=None)
    undo_batch(batch=report.batch, by=None)
    assert [model for model in rows_of_every_type() if model.objects.exists()] == []
    assert ImportedRow.objects.count() == report.new


def test_a_batch_is_undone_once(take, office):
    batch = take(ZHANG)
    undo_batch(batch=batch, by=office)
    with pytest.raises(SannengError, match="已经撤销过"):
        undo_batch(batch=batch, by=office)


def test_a_later_change_is_not_thrown_away(take, office):
    batch = take(ZHANG, ["S2", "李四", "1981-01-01", "女", "", ""])
    void_record(record=Staff.objects.get(key="S1"), by=office, reason="重复")
    with pytest.raises(SannengError, match="导入以后又改过教职工：教职工“张三”"):
        undo_batch(batch=batch, by=office)
    assert Staff.objects.count() == 2
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED


def test_evidence_added_later_is_not_thrown_away(take, office):
    batch = take(ZHANG)
    add_reference(record=Staff.objects.get(), title="甲号", by=office)
    with pytest.raises(SannengError, match="又给教职工加了佐证材料"):
        undo_batch(batch=batch, by=office)
    assert Staff.objects.count() == 1


def test_records_that_others_depend_on_stay(take, office, school):
    batch = take(ZHANG, ["S2", "李四", "1981-01-01", "女", "", ""])
    staff = Staff.objects.get(key="S1")
    Hire.objects.create(
        school=school, key="H1", staff=staff, channel="transfer", hired_on=dt.date(2020, 1, 1)
    )
    with pytest.raises(SannengError, match="后来的记录用到了这一批的教职工：进人“张三 调动”"):
        undo_batch(batch=batch, by=office)
    assert Staff.objects.count() == 2


def test_batches_are_undone_last_first(take, office):
    first = take(ZHANG)
    second = take(["S1", "张三丰", "", "", "", ""], by=None)
    with pytest.raises(SannengError, match="又改过"):
        undo_batch(batch=first, by=office)
    undo_batch(batch=second, by=office)
    assert Staff.objects.get().name == "张三"
    undo_batch(batch=first, by=office)
    assert Staff.objects.count() == 0


def test_what_would_break_a_rule_again_is_not_restored(school, tmp_path, office, take):
    take(ZHANG)
    heading = ["编号", "教职工编号", "岗位类别", "开始日期", "结束日期"]

    def posts(*lines):
        path = write_sheets(tmp_path / "岗位.xlsx", {"岗位任职": [heading, *lines]})
        return import_workbook(path, school=school, by=office).batch

    posts(["P1", "S1", "管理岗", "2020-01-01", ""])
    ending = posts(["P1", "", "", "", "2021-12-31"])
    posts(["P2", "S1", "管理岗", "2022-01-01", ""])
    with pytest.raises(SannengError, match="恢复原样会违反规则"):
        undo_batch(batch=ending, by=office)
    assert Post.objects.get(key="P1").end_on == dt.date(2021, 12, 31)


@pytest.mark.django_db(transaction=True)
def test_files_that_only_the_batch_used_are_forgotten(school, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 a")
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, [*ZHANG[:5], "a.pdf"]]})
    batch = import_workbook(path, school=school, by=None).batch
    assert len(_files(evidence_root)) == 1
    undo_batch(batch=batch, by=None)
    assert _files(evidence_root) == []


def _files(root: Path):
    return [path for path in root.rglob("*") if path.is_file()]


def test_only_those_who_may_decide_may_undo(take, member):
    batch = take(ZHANG)
    with pytest.raises(NotAllowed):
        undo_batch(batch=batch, by=member(Role.TEACHER))


def test_record_pointed_at_a_new_one_points_back_when_the_batch_is_undone(school, tmp_path, office):
    course = ["编号", "课程名称", "课程类别", "主讲人编号", "申报日期", "状态"]
    staff = ["编号", "姓名", "出生日期", "性别", "状态"]

    def taken(lead, *people):
        line = ["C1", "党史专题", "专题课", lead, "2022-03-01", "已通过"]
        path = write_sheets(
            tmp_path / "表.xlsx", {"教职工": [staff, *people], "课程": [course, line]}
        )
        report = import_workbook(path, school=school, by=None)
        assert report.errors == []
        return report.batch

    taken("S1", ZHANG[:5])
    batch = taken("S2", ["S2", "李四", "1981-01-01", "女", "已通过"])
    assert Course.objects.get().lead.key == "S2"
    undo_batch(batch=batch, by=office)
    assert (Course.objects.get().lead.key, Staff.objects.count()) == ("S1", 1)


def test_an_import_and_its_undoing_are_noted_with_what_was_written(take, office):
    batch = take(ZHANG, ["S2", "李四", "1981-01-01", "女", "", "甲号"])
    imported = AuditEntry.objects.get(action="import")
    assert (imported.object_id, imported.actor, imported.chain) == (batch.pk, office, "east")
    assert imported.details["created"] == 2
    assert imported.details["workbook"] == batch.digest
    assert imported.details["rows"] == rows_digest(batch)
    Staff.objects.filter(key="S1").update(name="改")
    assert imported.details["rows"] != rows_digest(batch)
    undo_batch(batch=batch, by=office)
    assert AuditEntry.objects.get(action="undo").details["deleted"] == 2


def test_a_refused_or_tried_import_leaves_no_entry(school, office, tmp_path):
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, ZHANG]})
    import_workbook(path, school=school, by=office, dry_run=True)
    path = write_sheets(path, {"教职工": [STAFF, ["S1", "张三", "不详", "", "", ""]]})
    assert not import_workbook(path, school=school, by=office).is_clean
    assert AuditEntry.objects.count() == 0


def test_undo_asks_for_the_right_to_decide_on_every_type(take, member):
    batch = take(ZHANG)  # 教职工 are the general office's.
    with pytest.raises(NotAllowed, match="教职工"):
        undo_batch(batch=batch, by=member(Role.RESEARCH_OFFICE))
    assert Staff.objects.count() == 1
    undo_batch(batch=batch, by=member(Role.GENERAL_OFFICE))


def test_what_an_undo_deletes_and_restores_is_in_the_history_of_the_record(take, office):
    take(ZHANG)
    staff = Staff.objects.get()
    batch = take(
        ["S1", "张三丰", "1980-02-01", "", "", ""],
        ["S2", "李四", "1981-01-01", "", "", ""],
        by=None,
    )
    lost = Staff.objects.get(key="S2")
    undo_batch(batch=batch, by=office)
    restored, changed = history(staff)
    assert (changed.action, changed.details["changes"]["name"]) == ("edit", ["张三", "张三丰"])
    assert (restored.action, restored.actor) == ("edit", office)
    assert restored.details["changes"]["name"] == ["张三丰", "张三"]
    assert restored.details["import_batch"] == batch.pk
    assert restored.details["changes"]["birth_date"] == ["***", "***"]
    deleted = history(lost)[0]
    assert (deleted.action, deleted.object_label) == ("delete", "李四")
    assert deleted.details["changes"]["name"] == ["李四", None]
    assert "1981" not in str(deleted.details)
    assert audit.verify() == []


def test_undo_withdraws_what_the_batch_proposed_and_nobody_has_decided(take, office, member):
    take(ZHANG, ["S2", "李四", "1981-01-01", "女", "已通过", ""])
    batch = take(
        ["S1", "张三丰", "", "", "", ""], ["S2", "李五", "", "", "", ""], by=member(Role.LEADER)
    )
    first, second = Correction.objects.order_by("object_id")
    apply_correction(correction=first, by=office)
    undo_batch(batch=batch, by=office)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.decided_by) == ("applied", "withdrawn", office)
    assert [staff.name for staff in Staff.objects.order_by("key")] == ["张三丰", "李四"]
    assert history(Staff.objects.get(key="S2"))[0].action == "withdraw"


def test_what_waits_for_a_record_that_an_undo_deletes_is_withdrawn(take, office):
    batch = take(ZHANG)
    staff = Staff.objects.get()
    correction = propose_correction(
        record=staff, values={"name": "张三丰"}, by=office, reason="错字", version=1
    )
    undo_batch(batch=batch, by=office)
    correction.refresh_from_db()
    assert correction.state == "withdrawn"
    assert history(staff)[0].details["withdrawn"] == [correction.pk]
