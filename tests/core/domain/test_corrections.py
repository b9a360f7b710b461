import datetime as dt

import pytest
from django.utils import timezone

from sanneng.core.domain.audit import history
from sanneng.core.domain.corrections import (
    apply_correction,
    pending_correction,
    propose_correction,
    proposed_changes,
    refuse_correction,
    withdraw_correction,
)
from sanneng.core.domain.editing import delete_draft
from sanneng.core.domain.item_links import make_item_link
from sanneng.core.domain.records import reopen_record, void_record
from sanneng.core.enums import ItemLinkAllows, Role
from sanneng.core.errors import InvalidValues, NotAllowed, Outdated, SannengError, WrongState
from sanneng.core.models import ItemLink, StandIn
from sanneng.research.models import Project
from tests.factories import ProjectFactory, ProjectMemberFactory, StaffFactory, member

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
    return propose_correction(
        record=record, values=values, by=by, reason="写错了", version=record.version
    )


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


def test_what_is_asked_for_was_seen_in_the_record_as_it_is(record, teacher, leader):
    correction = proposed(record, teacher, title="先到的")
    apply_correction(correction=correction, by=leader)
    with pytest.raises(Outdated):
        proposed(record, teacher, issuer="迟到的")  # It still holds version 1.
    assert pending_correction(record) is None


@pytest.fixture
def part(record, school, teacher):
    return ProjectMemberFactory(school=school, project=record, state="approved", created_by=teacher)


def test_a_draft_is_nothing_to_refer_to(part, school, leader):
    draft = StaffFactory(school=school, name="草稿人", state="draft")
    with pytest.raises(InvalidValues, match="还是草稿"):
        proposed(part, leader, staff=draft)


def test_a_reference_that_is_gone_is_shown_and_not_consented_to(part, school, teacher, leader):
    other = StaffFactory(school=school)
    correction = proposed(part, teacher, staff=other)
    other.delete()
    assert proposed_changes(correction)["staff"] == (part.staff, "（已不存在）")
    with pytest.raises(InvalidValues, match="已不存在"):
        apply_correction(correction=correction, by=leader)
    refuse_correction(correction=correction, by=leader, reason="人已不在")


ENDS = {
    "voided": lambda record, by: void_record(record=record, by=by, reason="重复"),
    "reopened": lambda record, by: reopen_record(record=record, by=by),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_waits_and_what_shows_it_ends_with_the_record(record, teacher, leader, end):
    Project.objects.update(submitted_at=timezone.now(), submitted_by=teacher)
    Project.objects.update(decided_at=timezone.now(), decided_by=leader)
    record.refresh_from_db()
    other = ProjectFactory(school=record.school, state="approved")
    kept = proposed(other, leader)
    correction = proposed(record, teacher)
    link, _token = make_item_link(
        record=record, recipient="专家", allows=ItemLinkAllows.READ, days=5, by=leader
    )
    ENDS[end](record, leader)
    correction.refresh_from_db()
    kept.refresh_from_db()
    assert (correction.state, kept.state) == ("withdrawn", "pending")
    assert ItemLink.objects.get().revoked_at is not None
    details = history(record)[0].details
    assert (details["withdrawn"], details["revoked"]) == ([correction.pk], [link.pk])


def test_the_correction_of_a_record_that_is_gone_is_no_error(record, teacher, leader):
    correction = proposed(record, teacher)
    record.delete()
    correction.refresh_from_db()
    with pytest.raises(WrongState, match="已被删除"):
        apply_correction(correction=correction, by=leader)


def test_links_to_a_draft_end_with_it(school, leader):
    draft = ProjectFactory(school=school, created_by=leader)
    make_item_link(record=draft, recipient="专家", allows=ItemLinkAllows.READ, days=5, by=leader)
    delete_draft(record=draft, by=leader)
    assert ItemLink.objects.get().revoked_at is not None


@pytest.mark.parametrize(
    ("values", "reason"), [({"title": "旧题"}, "写错了"), ({"title": "新题"}, "  ")]
)
def test_a_correction_needs_a_change_and_a_reason(record, teacher, values, reason):
    with pytest.raises(SannengError):
        propose_correction(
            record=record, values=values, by=teacher, reason=reason, version=record.version
        )


def test_only_approved_records_are_corrected(record, teacher):
    Project.objects.update(state="draft")
    record.refresh_from_db()
    with pytest.raises(WrongState):
        proposed(record, teacher)
