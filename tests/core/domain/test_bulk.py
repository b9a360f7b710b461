import pytest
import time_machine
from django.utils import timezone

from sanneng.core.domain.audit import verify
from sanneng.core.domain.bulk import LIMIT, preview, take_steps
from sanneng.core.domain.records import APPROVE, REOPEN, SUBMIT, VOID
from sanneng.core.enums import Role
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import AuditEntry
from sanneng.research.models import Project
from tests.factories import ProjectFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(school):
    return member(school, Role.LEADER)


@pytest.fixture
def waiting(school):
    by = member(school, Role.TEACHER)
    return ProjectFactory.create_batch(
        3, school=school, state="submitted", submitted_by=by, submitted_at=timezone.now()
    )


def states():
    return sorted(Project.objects.values_list("state", flat=True))


def test_many_are_approved_at_once_and_each_is_noted(waiting, leader):
    assert take_steps(APPROVE, records=waiting, by=leader) == 3
    assert states() == ["approved"] * 3
    assert AuditEntry.objects.filter(action="approve").count() == 3
    assert verify() == []


def test_one_that_cannot_leaves_all_as_they_were(school, waiting, leader):
    mine = ProjectFactory(school=school, state="submitted", submitted_by=leader, title="我的题")
    with pytest.raises(SannengError, match="我的题.*自己提交"):
        take_steps(APPROVE, records=[*waiting, mine], by=leader)
    assert states() == ["submitted"] * 4
    assert AuditEntry.objects.count() == 0


def test_the_preview_tells_which_cannot_and_changes_nothing(school, waiting, leader):
    mine = ProjectFactory(school=school, state="submitted", submitted_by=leader)
    outlooks = preview(APPROVE, records=[*waiting, mine], by=leader)
    assert [bool(one.refusal) for one in outlooks] == [False, False, False, True]
    assert states() == ["submitted"] * 4


def test_an_approval_is_taken_back_while_it_is_fresh(waiting, leader):
    take_steps(APPROVE, records=waiting, by=leader)
    again = list(Project.objects.order_by("pk"))
    take_steps(REOPEN, records=again, by=leader)
    assert states() == ["submitted"] * 3
    assert Project.objects.filter(decided_by=None).count() == 3


def test_an_approval_stands_after_half_an_hour(waiting, leader):
    take_steps(APPROVE, records=waiting, by=leader)
    with (
        time_machine.travel(timezone.now() + timezone.timedelta(minutes=31)),
        pytest.raises(NotAllowed, match="半小时"),
    ):
        take_steps(REOPEN, records=list(Project.objects.all()), by=leader)
    assert states() == ["approved"] * 3


def test_only_who_approved_takes_it_back(school, waiting, leader):
    take_steps(APPROVE, records=waiting, by=leader)
    with pytest.raises(NotAllowed):
        take_steps(REOPEN, records=list(Project.objects.all()), by=member(school, Role.OFFICE))


def test_voiding_many_needs_a_reason(school, leader):
    records = ProjectFactory.create_batch(2, school=school, state="approved")
    with pytest.raises(SannengError, match="原因"):
        take_steps(VOID, records=records, by=leader)
    take_steps(VOID, records=records, by=leader, reason="重复登记")
    assert set(Project.objects.values_list("state", "reason")) == {("voided", "重复登记")}


def test_there_is_a_limit_to_one_step(leader, waiting):
    with pytest.raises(SannengError, match=str(LIMIT)):
        take_steps(SUBMIT, records=waiting * (LIMIT // 3 + 1), by=leader)
