"""Deadlines stay where they were set, move only with a reason, and are seen by few."""

import datetime as dt

import pytest
import time_machine

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.deadlines import (
    close_deadline,
    extend_deadline,
    overdue_under,
    owed_by,
    set_deadline,
    settle,
)
from sanneng.core.domain.owed import as_todo
from sanneng.core.domain.stand_ins import name_deputy
from sanneng.core.enums import AuditAction, Role
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.models import AuditEntry, Deadline, Membership, User
from sanneng.research.models import Project

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 3, 31)
BEFORE = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel(BEFORE, tick=False):
        yield


@pytest.fixture
def teacher(member):
    return member(Role.TEACHER)


@pytest.fixture
def project(school, teacher):
    return Project.objects.create(
        school=school, key="P1", title="题", level="city", approved_on=dt.date(2025, 1, 1),
        created_by=teacher, state="approved",
    )  # fmt: skip


@pytest.fixture
def deadline(school, teacher, project, office):
    return set_deadline(
        school=school, code="midterm", title="中期检查", owner=teacher, due_on=DUE, by=office,
        record=project,
    )  # fmt: skip


def at(*moment):
    """A moment on the school's clock, which is eight hours ahead of UTC."""
    local = dt.datetime(*moment, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    return time_machine.travel(local, tick=False)


def test_it_is_late_from_the_first_second_of_the_next_day_on_the_schools_clock(deadline):
    with at(2026, 3, 31, 23, 59, 59):
        assert not as_todo(deadline).overdue
    with at(2026, 4, 1, 0, 0, 0):
        assert as_todo(deadline).overdue
    # The server's clock set back takes it back too: nothing was written down.
    with at(2026, 3, 31, 12):
        assert not as_todo(deadline).overdue


def test_it_is_not_computed_anew_when_it_is_set_again(deadline, school, teacher, project, office):
    with at(2026, 5, 1):
        again = set_deadline(
            school=school, code="midterm", title="中期检查", owner=teacher,
            due_on=dt.date(2026, 6, 1), by=office, record=project,
        )  # fmt: skip
    assert (again, again.due_on) == (deadline, DUE)


def test_what_was_owed_closes_it(deadline, project, teacher):
    assert settle(code="another", record=project, by=teacher) == 0
    assert settle(code="midterm", record=project, by=teacher) == 1
    assert settle(code="midterm", record=project, by=teacher) == 0
    assert list(owed_by(teacher)) == []
    deadline.refresh_from_db()
    assert deadline.due_on == DUE


def test_an_extension_keeps_what_was_and_why(deadline, office):
    to = dt.date(2026, 4, 30)
    extend_deadline(deadline=deadline, to=to, reason=" 外出学习 ", by=office)
    deadline.refresh_from_db()
    assert deadline.due_on == to
    kept = deadline.extensions.get()
    assert (kept.before, kept.after, kept.reason, kept.by) == (DUE, to, "外出学习", office)
    entry = AuditEntry.objects.get(action=AuditAction.EXTEND)
    assert entry.details["changes"]["due_on"] == ["2026-03-31", "2026-04-30"]


@pytest.mark.parametrize(
    ("to", "reason"),
    [(DUE, "理由"), (dt.date(2026, 3, 1), "理由"), (dt.date(2026, 4, 30), "  ")],
)
def test_an_extension_needs_a_later_day_and_a_reason(deadline, office, to, reason):
    with pytest.raises(SannengError):
        extend_deadline(deadline=deadline, to=to, reason=reason, by=office)
    deadline.refresh_from_db()
    assert (deadline.due_on, deadline.extensions.count()) == (DUE, 0)


def test_of_two_who_extend_at_once_the_second_is_told(deadline, office, member):
    same = Deadline.objects.get()
    extend_deadline(deadline=deadline, to=dt.date(2026, 4, 30), reason="甲", by=office)
    with pytest.raises(WrongState):
        extend_deadline(deadline=same, to=dt.date(2026, 4, 15), reason="乙", by=member(Role.LEADER))
    assert Deadline.objects.get().due_on == dt.date(2026, 4, 30)


def test_nobody_extends_or_closes_what_they_owe(deadline, teacher, school, office, project):
    for step in (
        lambda: extend_deadline(deadline=deadline, to=dt.date(2026, 5, 1), reason="忙", by=teacher),
        lambda: close_deadline(deadline=deadline, by=teacher),
        lambda: set_deadline(
            school=school, code="x", title="x", owner=office, due_on=DUE, by=teacher
        ),
    ):
        with pytest.raises(NotAllowed):
            step()
    own = set_deadline(school=school, code="plan", title="计划", owner=office, due_on=DUE, by=None)
    with pytest.raises(NotAllowed):
        extend_deadline(deadline=own, to=dt.date(2026, 5, 1), reason="忙", by=office)


def test_a_deputy_does_not_extend_for_whom_it_stands_in(school, office, member):
    deputy = member(Role.TEACHER, username="deputy")
    own = set_deadline(school=school, code="plan", title="计划", owner=office, due_on=DUE, by=None)
    name_deputy(
        school=school, absent=office, deputy=deputy, by=office,
        valid_from=today(), valid_to=today(),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="所代办的人"):
        extend_deadline(deadline=own, to=dt.date(2026, 5, 1), reason="忙", by=deputy)
    with at(2026, 3, 2, 12):
        extend_deadline(deadline=own, to=dt.date(2026, 5, 1), reason="忙", by=member(Role.LEADER))


SEES = {Role.OFFICE, Role.RESEARCH_OFFICE, Role.LEADER}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.TEACHER])
def test_what_is_late_is_seen_by_whoever_decides_on_its_record_and_nobody_else(
    deadline, member, school, role
):
    reader = member(role, username="reader")
    with at(2026, 4, 2):
        assert bool(overdue_under(Rights(reader), school)) == (role in SEES)
        assert list(owed_by(reader)) == []


def test_a_colleague_and_another_school_do_not_see_it(
    deadline, member, school, other_school, teacher
):
    colleague = member(Role.TEACHER, username="colleague")
    stranger = User.objects.create(username="stranger")
    Membership.objects.create(
        user=stranger, school=other_school, role=Role.OFFICE, valid_from=dt.date(2020, 1, 1)
    )
    with at(2026, 4, 2):
        for reader in (colleague, stranger):
            assert overdue_under(Rights(reader), school) == []
            assert overdue_under(Rights(reader), other_school) == []
        # Whoever owes sees it as their own, not as somebody else's.
        assert overdue_under(Rights(teacher), school) == []
        assert list(owed_by(teacher)) == [deadline]


def test_without_a_record_the_office_and_the_leaders_look_after_it(school, teacher, member):
    set_deadline(school=school, code="plan", title="计划", owner=teacher, due_on=DUE, by=None)
    with at(2026, 4, 2):
        assert overdue_under(Rights(member(Role.GENERAL_OFFICE)), school)
        assert not overdue_under(Rights(member(Role.ADMINISTRATOR)), school)
