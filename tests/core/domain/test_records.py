import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from sanneng.core.domain.records import (
    approve_record,
    reachable_states,
    return_record,
    submit_record,
    void_record,
)
from sanneng.core.enums import RecordState, Role
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.registry import all_types
from sanneng.people.models import Staff
from sanneng.research.models import Project, ProjectMember
from sanneng.teaching.models import Course, CourseStage, LessonStudy

STEPS = {
    "submit": lambda record, by: submit_record(record=record, by=by),
    "approve": lambda record, by: approve_record(record=record, by=by),
    "return": lambda record, by: return_record(record=record, by=by, reason="材料不全"),
    "void": lambda record, by: void_record(record=record, by=by, reason="重复"),
}
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
    ("approved", "void"): "voided",
}


@pytest.fixture
def teacher(member):
    return member(Role.TEACHER)


@pytest.fixture
def record(school, teacher):
    return Project.objects.create(
        school=school, key="S1", title="题", level="city", approved_on=dt.date(2022, 1, 1),
        created_by=teacher,
    )  # fmt: skip


def put(record, state):
    Project.objects.filter(pk=record.pk).update(state=state, reason="原因")
    record.refresh_from_db()
    return record


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", RecordState.values)
def test_a_state_changes_only_along_the_declared_steps(record, office, state, step):
    put(record, state)
    if target := ALLOWED.get((state, step)):
        STEPS[step](record, office)
        assert (record.state, record.version) == (target, 2)
    else:
        with pytest.raises(WrongState):
            STEPS[step](record, office)
        assert (record.state, record.version) == (state, 1)


def test_each_step_notes_who_and_when(record, teacher, office):
    submit_record(record=record, by=teacher)
    assert (record.submitted_by, record.decided_by) == (teacher, None)
    approve_record(record=record, by=office)
    assert (record.submitted_by, record.decided_by) == (teacher, office)
    assert record.submitted_at <= record.decided_at


def test_nobody_approves_what_they_handed_in(record, office):
    submit_record(record=record, by=office)
    with pytest.raises(NotAllowed):
        approve_record(record=record, by=office)
    assert record.state == "submitted"


@pytest.mark.parametrize("step", ["approve", "return", "void"])
def test_a_teacher_does_not_decide(record, teacher, step):
    put(record, "approved" if step == "void" else "submitted")
    with pytest.raises(NotAllowed):
        STEPS[step](record, teacher)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.RESEARCH_OFFICE, Role.LEADER])
def test_the_office_of_the_ability_and_leaders_decide(record, member, role):
    approve_record(record=put(record, "submitted"), by=member(role))
    assert record.state == "approved"


@pytest.mark.parametrize(
    "role", ["teaching_office", "general_office", "administrator", "security", "auditor", "expert"]
)
def test_other_offices_and_those_who_keep_the_system_do_not_decide(record, member, role):
    with pytest.raises(NotAllowed):
        approve_record(record=put(record, "submitted"), by=member(role))


def test_a_membership_that_has_ended_decides_nothing(record, member):
    former = member(Role.OFFICE, valid_to=dt.date(2021, 1, 1))
    with pytest.raises(NotAllowed):
        approve_record(record=put(record, "submitted"), by=former)


def test_the_office_of_another_school_decides_nothing(office, other_school):
    theirs = Project.objects.create(
        school=other_school, key="S1", title="题", level="city", approved_on=dt.date(2022, 1, 1)
    )
    with pytest.raises(NotAllowed):
        approve_record(record=put(theirs, "submitted"), by=office)


@pytest.mark.parametrize("reason", ["", "  "])
def test_returning_and_voiding_need_a_reason(record, office, reason):
    with pytest.raises(SannengError, match="原因"):
        return_record(record=put(record, "submitted"), by=office, reason=reason)
    with pytest.raises(SannengError, match="原因"):
        void_record(record=put(record, "approved"), by=office, reason=reason)


def test_of_two_who_decide_at_once_the_second_is_told(record, office, member):
    put(record, "submitted")
    same = Project.objects.get()
    approve_record(record=record, by=office)
    with pytest.raises(WrongState, match="已通过"):
        return_record(record=same, by=member(Role.LEADER), reason="材料不全")
    assert (same.state, same.reason) == ("approved", "")


def test_a_decision_on_an_outdated_version_is_refused(record, office):
    put(record, "submitted")
    Project.objects.update(version=5, title="别的")
    with pytest.raises(WrongState):
        approve_record(record=record, by=office)
    assert Project.objects.get().state == "submitted"


def test_states_that_can_be_reached():
    assert reachable_states("voided") == {"voided"}
    assert reachable_states("approved") == {"approved", "voided"}
    assert reachable_states("returned") == {"returned", "submitted", "approved", "voided"}
    assert reachable_states("draft") == set(RecordState.values)


def test_only_approved_records_of_approved_wholes_count(school, record):
    staff = Staff.objects.create(
        school=school, key="P1", name="张三", birth_date=dt.date(1980, 1, 2)
    )
    for number, state in enumerate(RecordState.values):
        ProjectMember.objects.create(
            school=school, key=f"M{number}", project=record, staff=staff,
            role="member", state=state, reason="原因",
        )  # fmt: skip
    for whole, other in ((Project, Staff), (Staff, Project)):
        whole.objects.update(state="approved")
        other.objects.update(state="voided", reason="重复")
        assert ProjectMember.objects.counted().count() == 0
    Project.objects.update(state="approved")
    assert [member.state for member in ProjectMember.objects.counted()] == ["approved"]


@pytest.mark.parametrize("state", ["returned", "voided"])
def test_the_database_refuses_a_return_without_a_reason(record, state):
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.update(state=state, reason="")


def test_the_database_refuses_a_state_that_there_is_not(record):
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.update(state="done")


def test_the_database_refuses_a_key_twice_in_a_school(record, other_school):
    again = {"key": "S1", "title": "题", "level": "city", "approved_on": dt.date(2023, 1, 1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(school=record.school, **again)
    assert Project.objects.create(school=other_school, **again).pk


@pytest.fixture
def course(school):
    staff = Staff.objects.create(
        school=school, key="P1", name="张三", birth_date=dt.date(1980, 1, 2), state="approved"
    )
    return Course.objects.create(
        school=school, key="C1", title="课", kind="course", lead=staff, state="approved",
        proposed_on=dt.date(2022, 1, 1),
    )  # fmt: skip


def study(school, key, **values):
    return LessonStudy.objects.create(
        school=school, key=key, kind="seminar", topic="题", held_on=dt.date(2022, 1, 1),
        state="approved", **values,
    )  # fmt: skip


def test_a_record_that_is_part_of_nothing_counts_on_its_own(school, course):
    study(school, "none")
    study(school, "course", course=course)
    study(school, "presenter", presenter=course.lead)
    study(school, "both", course=course, presenter=course.lead)

    def counted():
        return {study.key for study in LessonStudy.objects.counted()}

    assert counted() == {"none", "course", "presenter", "both"}
    Course.objects.update(state="returned", reason="重写")
    assert counted() == {"none", "presenter"}


def test_a_whole_counts_only_with_what_it_is_itself_a_part_of(school, course):
    study(school, "course", course=course)
    stage = CourseStage.objects.create(
        school=school, key="1", course=course, step="in_use", reached_on=dt.date(2022, 1, 1),
        state="approved",
    )  # fmt: skip
    assert list(CourseStage.objects.counted()) == [stage]
    Staff.objects.update(state="voided", reason="重复")
    assert not CourseStage.objects.counted().exists()
    assert not LessonStudy.objects.counted().exists()


def test_what_is_about_a_person_is_part_of_the_persons_record():
    for record_type in all_types():
        if record_type.person and "__" not in record_type.person:
            assert record_type.person in record_type.model.part_of, record_type.code
