"""To-dos that follow from how records stand, and close by themselves."""

import datetime as dt

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.corrections import apply_correction, propose_correction
from sanneng.core.domain.deadlines import set_deadline
from sanneng.core.domain.records import approve_record, return_record, submit_record
from sanneng.core.enums import Role
from sanneng.core.models import Job, Membership, StandIn
from sanneng.core.todos import count_of, todos_of
from sanneng.research.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(member):
    return member(Role.TEACHER)


@pytest.fixture
def make(school, teacher):
    def made(key, by=None, where=None):
        return Project.objects.create(
            school=where or school, key=key, title=f"题{key}", level="city",
            approved_on=dt.date(2022, 1, 1), created_by=by or teacher,
        )  # fmt: skip

    return made


def todos(user, school):
    rights = Rights(user)
    found = todos_of(user, rights, school)
    assert count_of(user, rights, school) == len(found)
    return [(one.code, one.number) for one in found]


def test_a_returned_record_is_owed_by_whoever_handed_it_in_until_it_is_handed_in_again(
    make, school, teacher, office
):
    record = make("1")
    submit_record(record=record, by=teacher)
    assert todos(teacher, school) == []
    return_record(record=record, by=office, reason="缺佐证")
    assert todos(teacher, school) == [("returned", 1)]
    assert "缺佐证" in todos_of(teacher, Rights(teacher), school)[0].title
    assert todos(office, school) == []
    submit_record(record=record, by=teacher)
    assert todos(teacher, school) == []


def test_a_draft_is_owed_after_three_days(make, school, teacher, office):
    make("1")
    assert todos(teacher, school) == []
    with time_machine.travel(timezone.now() + dt.timedelta(days=3, seconds=5)):
        assert todos(teacher, school) == [("draft", 1)]
        assert todos(office, school) == []


def test_what_waits_for_a_decision_is_one_to_do_for_each_type(
    make, school, teacher, office, member
):
    for key in "123":
        submit_record(record=make(key), by=teacher)
    found = todos_of(office, Rights(office), school)
    assert [(one.title, one.number) for one in found] == [("3 条科研课题待审核", 3)]
    assert found[0].link == "/records/research.project/?school=east&state=submitted"
    assert todos(member(Role.TEACHING_OFFICE), school) == []
    for record in Project.objects.all():
        approve_record(record=record, by=office)
    assert todos(office, school) == []


def test_nobody_is_asked_to_decide_on_their_own_or_for_whom_they_stand_in(
    make, school, office, member
):
    submit_record(record=make("1", by=office), by=office)
    assert todos(office, school) == []
    deputy = member(Role.TEACHER, username="deputy")
    StandIn.objects.create(
        school=school, absent=office, deputy=deputy, valid_from=today(), valid_to=today()
    )
    assert todos(deputy, school) == []
    submit_record(record=make("2"), by=make("3").created_by)
    assert todos(deputy, school) == [("waiting", 1)]


def test_another_schools_records_are_nobodys_to_do_here(make, school, other_school, office, member):
    there = member(Role.OFFICE, username="there")
    Membership.objects.filter(user=there).update(school=other_school)
    record = make("1", where=other_school, by=there)
    submit_record(record=record, by=there)
    assert todos(office, school) == []
    assert todos(office, other_school) == []


def test_a_correction_waits_for_others_than_its_proposer(make, school, teacher, office, member):
    record = make("1")
    submit_record(record=record, by=teacher)
    approve_record(record=record, by=office)
    correction = propose_correction(
        record=record, values={"title": "新"}, by=office, reason="错字", version=record.version
    )
    leader = member(Role.LEADER)
    assert (todos(office, school), todos(leader, school)) == ([], [("correction", 1)])
    apply_correction(correction=correction, by=leader)
    assert todos(leader, school) == []


def test_a_failed_job_is_owed_by_its_owner(school, office, member):
    Job.objects.create(
        school=school, user=office, kind="import", title="导入", state="failed", error="坏",
        content="1", finished_at=timezone.now(),
    )  # fmt: skip
    assert todos(office, school) == [("job", 1)]
    assert todos(member(Role.LEADER), school) == []


def test_late_comes_first_then_what_is_due_then_what_waits_longest(make, school, teacher, office):
    for days in (3, -2):
        due = today() + dt.timedelta(days=days)
        set_deadline(
            school=school, code=f"due{days}", title="事", owner=teacher, due_on=due, by=office
        )
    record = make("1")
    submit_record(record=record, by=teacher)
    return_record(record=record, by=office, reason="缺佐证")
    assert [code for code, _n in todos(teacher, school)] == ["due-2", "due3", "returned"]


@pytest.mark.parametrize("role", [Role.TEACHER, Role.OFFICE, Role.LEADER])
def test_the_count_takes_at_most_four_queries(make, school, member, office, role):
    reader = member(role, username="reader")
    ContentType.objects.get_for_models(*[Project])
    for key in "12":
        submit_record(record=make(key), by=make(f"{key}x").created_by)
    rights = Rights(reader)
    count_of(reader, rights, school)
    with CaptureQueriesContext(connection) as queries:
        count_of(reader, rights, school)
    assert len(queries) <= 4
