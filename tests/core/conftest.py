"""A school with an office that may import, and a store for evidence of its own."""

import datetime as dt

import pytest

from sanneng.core.enums import Role, SchoolLevel
from sanneng.core.models import Membership, School, User


@pytest.fixture(autouse=True)
def evidence_root(settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path / "store"
    return settings.EVIDENCE_ROOT


@pytest.fixture
def school(db):
    return School.objects.create(code="east", name="东区党校", level=SchoolLevel.DISTRICT)


@pytest.fixture
def other_school(db):
    return School.objects.create(code="west", name="西区党校", level=SchoolLevel.DISTRICT)


@pytest.fixture
def member(school):
    """Make a user with a role in the school."""

    def make(role, username=None, valid_to=None):
        user = User.objects.create(username=username or role)
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1), valid_to=valid_to
        )
        return user

    return make


@pytest.fixture
def office(member):
    return member(Role.OFFICE)
