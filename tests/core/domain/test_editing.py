import io

import pytest

from sanneng.core.domain.audit import history
from sanneng.core.domain.editing import create_record, delete_draft, edit_record
from sanneng.core.domain.evidence import hand_in_file, path_of
from sanneng.core.domain.records import submit_record
from sanneng.core.enums import Role
from sanneng.core.errors import InvalidValues, NotAllowed, Outdated, SannengError, WrongState
from sanneng.people.models import Staff
from sanneng.research.models import Project, ProjectMember
from tests.factories import PDF, ProjectFactory, ProjectMemberFactory, StaffFactory, member

pytestmark = pytest.mark.django_db
VALUES = {"title": "基层治理", "level": "city", "approved_on": "2022-05-01"}


@pytest.fixture
def teacher(school):
    return member(school, Role.TEACHER)


def made(school, by, **values):
    return create_record(Project, school=school, values=VALUES | values, by=by)


def test_a_new_record_is_a_draft_of_its_maker_with_a_key_and_a_spelling(school, teacher):
    record = made(school, teacher)
    record.refresh_from_db()
    assert (record.state, record.created_by, record.spelling) == (
        "draft", teacher, "jczl jicengzhili",
    )  # fmt: skip
    assert record.key


def test_the_same_thing_entered_twice_is_pointed_out(school, teacher):
    made(school, teacher)
    with pytest.raises(InvalidValues, match="已有一条相同的记录"):
        made(school, teacher)
    assert Project.objects.count() == 1


def test_the_same_thing_can_be_entered_again_after_it_was_voided(school, teacher):
    first = made(school, teacher)
    Project.objects.update(state="voided", reason="重复")
    assert made(school, teacher).key == f"{first.key}-2"


def test_a_key_that_is_taken_is_refused_at_its_field(school, teacher):
    made(school, teacher, key="K1")
    with pytest.raises(InvalidValues) as refused:
        made(school, teacher, key="K1", title="另一个")
    assert list(refused.value.faults) == ["key"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"level": "galaxy"}, "level"), ({"title": ""}, "title"), ({"title": "长" * 201}, "title")],
)
def test_values_that_a_record_cannot_take_are_told_by_field(school, teacher, values, field):
    with pytest.raises(InvalidValues) as refused:
        made(school, teacher, **values)
    assert list(refused.value.faults) == [field]
    assert Project.objects.count() == 0


def test_a_rule_of_the_database_is_told_in_words(school, teacher):
    with pytest.raises(InvalidValues, match="结束日期不能早于|不能早于"):
        made(school, teacher, due_on="2021-01-01")


def test_a_reference_into_another_school_is_not_taken(school, other_school, teacher):
    foreign = ProjectFactory(school=other_school)
    staff = StaffFactory(school=school)
    with pytest.raises(InvalidValues, match="没有这条记录"):
        create_record(
            ProjectMember,
            school=school,
            values={"project": foreign, "staff": staff, "role": "member", "order": 1},
            by=teacher,
        )
    assert ProjectMember.objects.count() == 0


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.EXPERT, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_who_does_not_work_there_enters_nothing(school, role):
    with pytest.raises(NotAllowed):
        made(school, member(school, role))


def test_a_teacher_keeps_no_staff_list(school, teacher):
    with pytest.raises(NotAllowed):
        create_record(
            Staff, school=school, values={"name": "张三", "birth_date": "1980-01-01"}, by=teacher
        )


def test_an_edit_is_a_new_version_with_before_and_after(school, teacher):
    record = made(school, teacher)
    edit_record(record=record, values={"title": "乡村振兴"}, by=teacher, version=1)
    record.refresh_from_db()
    assert (record.title, record.version, record.spelling) == (
        "乡村振兴", 2, "xczx xiangcunzhenxing",
    )  # fmt: skip
    assert history(record)[0].details["changes"] == {"title": ["基层治理", "乡村振兴"]}


def test_of_two_who_edit_one_record_the_second_is_told_by_whom(school, teacher):
    record = made(school, teacher)
    office = member(school, Role.OFFICE, display_name="李干事")
    edit_record(record=Project.objects.get(), values={"title": "甲"}, by=office, version=1)
    with pytest.raises(Outdated, match="李干事"):
        edit_record(record=record, values={"title": "乙"}, by=teacher, version=1)
    assert Project.objects.get().title == "甲"


def test_nothing_changed_is_no_new_version(school, teacher):
    record = made(school, teacher)
    assert edit_record(record=record, values={"title": "基层治理"}, by=teacher, version=1) == {}
    assert Project.objects.get().version == 1


def test_a_colleague_does_not_edit_ones_draft(school, teacher):
    record = made(school, teacher)
    with pytest.raises(NotAllowed):
        edit_record(record=record, values={"title": "乙"}, by=member(school, "teacher"), version=1)


def test_what_is_handed_in_is_not_edited(school, teacher):
    record = made(school, teacher)
    submit_record(record=record, by=teacher)
    with pytest.raises(WrongState):
        edit_record(record=record, values={"title": "乙"}, by=teacher, version=2)


def test_private_values_stay_out_of_the_audit_log(school):
    office = member(school, Role.OFFICE)
    record = create_record(
        Staff, school=school, values={"name": "张三", "birth_date": "1981-02-03"}, by=office
    )
    edit_record(record=record, values={"birth_date": "1982-03-04"}, by=office, version=1)
    said = " ".join(str(entry.details) for entry in history(record))
    assert "birth_date" in said
    assert "198" not in said


def test_a_draft_is_deleted_and_the_log_keeps_what_it_said(school, teacher):
    record = made(school, teacher)
    delete_draft(record=record, by=teacher)
    assert Project.objects.count() == 0
    assert history(record)[0].details["changes"]["title"] == ["基层治理", None]


def test_a_draft_that_others_refer_to_is_not_deleted(school, teacher):
    record = made(school, teacher)
    ProjectMemberFactory(school=school, project=record)
    with pytest.raises(SannengError, match="不能删除"):
        delete_draft(record=record, by=teacher)
    assert Project.objects.count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved", "returned", "voided"])
def test_only_drafts_are_deleted(school, teacher, state):
    record = made(school, teacher)
    Project.objects.update(state=state, reason="原因")
    record.refresh_from_db()
    with pytest.raises(WrongState):
        delete_draft(record=record, by=teacher)


@pytest.mark.django_db(transaction=True)
def test_the_files_of_a_deleted_draft_go_unless_others_need_them(school):
    author = member(school, Role.TEACHER)
    draft, other = (ProjectFactory(school=school, created_by=author) for _n in range(2))
    alone = hand_in_file(record=draft, source=io.BytesIO(PDF), name="a.pdf", by=author)
    for record in (draft, other):
        shared = hand_in_file(record=record, source=io.BytesIO(PDF + b"1"), name="b.pdf", by=author)
    delete_draft(record=draft, by=author)
    assert (path_of(alone.digest).exists(), path_of(shared.digest).exists()) == (False, True)
