import datetime as dt

import pytest

from sanneng.core.domain.audit import history
from sanneng.core.domain.corrections import (
    apply_correction,
    pending_correction,
    propose_correction,
    refuse_correction,
    withdraw_correction,
)
from sanneng.core.enums import Role
from sanneng.core.errors import InvalidValues, NotAllowed, Outdated, SannengError, WrongState
from sanneng.core.models import StandIn
from sanneng.research.models import Project
from tests.factories import ProjectFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(school):
    return member(school, Role.TEACHER)


@pytest.fixture
def leader(school):
    return member(school, Role.LEADER)


@pytest.fixture
def record(school, teacher):
    return ProjectFactory(school=school, state="approved", title="旧题", created_by=teacher)


def proposed(record, by, **values):
    values = values or {"title": "新题"}
    return propose_correction(record=record, values=values, by=by, reason="写错了")


def test_a_correction_changes_nothing_until_somebody_consents(record, teacher, leader):
    correction = proposed(record, teacher)
    record.refresh_from_db()
    assert (record.title, record.state, record.version) == ("旧题", "approved", 1)
    apply_correction(correction=correction, by=leader)
    record.refresh_from_db()
    assert (record.title, record.state, record.version) == ("新题", "approved", 2)
    assert history(record)[0].details["changes"] == {"title": ["旧题", "新题"]}
    assert history(record)[0].details["reason"] == "写错了"


def test_dates_and_references_survive_the_waiting(record, teacher, leader):
    correction = proposed(record, teacher, approved_on=dt.date(2021, 12, 31))
    apply_correction(correction=correction, by=leader)
    assert Project.objects.get().approved_on == dt.date(2021, 12, 31)


def test_nobody_consents_to_their_own_correction(record, leader):
    correction = proposed(record, leader)
    with pytest.raises(NotAllowed):
        apply_correction(correction=correction, by=leader)
    assert Project.objects.get().title == "旧题"


def test_a_deputy_does_not_consent_to_what_the_absent_one_proposed(school, record, leader):
    deputy = member(school, Role.TEACHER)
    StandIn.objects.create(
        school=school, absent=leader, deputy=deputy,
        valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2999, 1, 1),
    )  # fmt: skip
    correction = proposed(record, leader)
    with pytest.raises(NotAllowed):
        apply_correction(correction=correction, by=deputy)


def test_a_teacher_does_not_consent(school, record, teacher):
    with pytest.raises(NotAllowed):
        apply_correction(correction=proposed(record, teacher), by=member(school, Role.TEACHER))


def test_one_correction_waits_at_a_time(record, teacher, leader):
    proposed(record, teacher)
    with pytest.raises(SannengError, match="等待审核"):
        proposed(record, leader, title="又一个")


def test_a_decided_correction_is_not_decided_again(record, teacher, leader):
    correction = proposed(record, teacher)
    refuse_correction(correction=correction, by=leader, reason="没有错")
    with pytest.raises(WrongState):
        apply_correction(correction=correction, by=leader)
    assert (Project.objects.get().title, correction.refusal) == ("旧题", "没有错")


def test_one_takes_back_only_ones_own(record, teacher, leader):
    correction = proposed(record, teacher)
    with pytest.raises(NotAllowed):
        withdraw_correction(correction=correction, by=leader)
    withdraw_correction(correction=correction, by=teacher)
    assert pending_correction(record) is None


def test_a_record_that_changed_meanwhile_is_not_overwritten(record, teacher, leader):
    correction = proposed(record, teacher)
    Project.objects.update(version=5, title="别的改动")
    with pytest.raises(Outdated):
        apply_correction(correction=correction, by=leader)
    correction.refresh_from_db()
    assert (Project.objects.get().title, correction.state) == ("别的改动", "pending")


def test_what_the_record_cannot_take_is_refused_at_once(record, teacher):
    with pytest.raises(InvalidValues):
        proposed(record, teacher, due_on=dt.date(2001, 1, 1))


@pytest.mark.parametrize(
    ("values", "reason"), [({"title": "旧题"}, "写错了"), ({"title": "新题"}, "  ")]
)
def test_a_correction_needs_a_change_and_a_reason(record, teacher, values, reason):
    with pytest.raises(SannengError):
        propose_correction(record=record, values=values, by=teacher, reason=reason)


def test_only_approved_records_are_corrected(record, teacher):
    Project.objects.update(state="draft")
    record.refresh_from_db()
    with pytest.raises(WrongState):
        proposed(record, teacher)
