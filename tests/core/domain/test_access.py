import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from sanneng.core.domain.access import Rights, readable_schools
from sanneng.core.enums import Role
from sanneng.core.models import Membership, School, User
from sanneng.people.models import Staff


@pytest.fixture
def tree(db):
    """province > city > (east > branch, west)"""
    made = {}
    for code, above in (
        ("province", None),
        ("city", "province"),
        ("east", "city"),
        ("west", "city"),
        ("branch", "east"),
    ):
        made[code] = School.objects.create(
            code=code, name=code, level="district", parent=made.get(above)
        )
    return made


def user_with(tree, role, code, **values):
    user = User.objects.create(username=f"{role}-{code}")
    values = {"valid_from": dt.date(2020, 1, 1)} | values
    Membership.objects.create(user=user, school=tree[code], role=role, **values)
    return user


def codes(user):
    return {school.code for school in readable_schools(user=user)}


NO_READERS = {"expert", "auditor", "security", "administrator"}


@pytest.mark.parametrize("role", sorted(NO_READERS))
def test_those_who_keep_the_system_read_no_figures(tree, role):
    assert codes(user_with(tree, role, "city")) == set()


@pytest.mark.parametrize("role", sorted(set(Role.values) - NO_READERS - {Role.SUPERVISOR}))
def test_members_read_their_own_school_only(tree, role):
    assert codes(user_with(tree, role, "city")) == {"city"}


def test_a_supervisor_reads_everything_below_and_nothing_beside(tree):
    assert codes(user_with(tree, Role.SUPERVISOR, "city")) == {"city", "east", "west", "branch"}
    assert codes(user_with(tree, Role.SUPERVISOR, "east")) == {"east", "branch"}


def test_a_membership_opens_a_school_only_while_it_is_valid(tree):
    past = {"valid_to": dt.date(2021, 1, 1)}
    assert codes(user_with(tree, Role.OFFICE, "east", **past)) == set()
    assert codes(user_with(tree, Role.SUPERVISOR, "city", **past)) == set()
    future = {"valid_from": dt.date(2999, 1, 1)}
    assert codes(user_with(tree, Role.LEADER, "east", **future)) == set()


def test_nobody_in_particular_reads_nothing(tree):
    assert readable_schools(user=AnonymousUser()).count() == 0


def test_records_of_other_schools_are_not_visible(tree):
    for code in ("east", "west"):
        Staff.objects.create(school=tree[code], key="S1", name=code, birth_date=dt.date(1980, 1, 1))
    office = user_with(tree, Role.OFFICE, "east")
    assert [staff.name for staff in Staff.objects.visible_to(office)] == ["east"]
    assert Staff.objects.visible_to(AnonymousUser()).count() == 0


def test_a_supervisor_reads_but_does_not_decide(tree):
    supervisor = user_with(tree, Role.SUPERVISOR, "city")
    assert not Rights(supervisor).may_decide(Staff, tree["east"])
    assert not Rights(supervisor).may_decide(Staff, tree["city"])
