"""Two schools and people with passwords; passwords are hashed fast here."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from sanneng.core.enums import Role, SchoolLevel
from sanneng.core.models import Membership, School, User

PASSWORD = "青山绿水 42 long enough"


@pytest.fixture(autouse=True)
def fast_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def school(db):
    return School.objects.create(code="east", name="东山区委党校", level=SchoolLevel.DISTRICT)


@pytest.fixture
def other_school(db):
    return School.objects.create(code="west", name="西河县委党校", level=SchoolLevel.DISTRICT)


@pytest.fixture
def person(school):
    """Make an account with a password and roles in the school."""

    def make(username, *roles, at=None, **values):
        user = User.objects.create_user(
            username, password=PASSWORD, display_name=username.upper(), **values
        )
        for role in roles:
            Membership.objects.create(
                user=user, school=at or school, role=role, valid_from=dt.date(2020, 1, 1)
            )
        return user

    return make


@pytest.fixture
def security(person):
    return person("guard", Role.SECURITY)


@pytest.fixture
def log_in():
    """Log in as a browser would; gives the client, and the answer as ``client.answer``."""

    def go(name, password=PASSWORD, address="10.0.0.1", client=None, **extra):
        client = client or Client(REMOTE_ADDR=address)
        client.answer = client.post(
            "/login/", {"login": name, "password": password, **extra}, REMOTE_ADDR=address
        )
        return client

    return go


def is_in(client):
    """Whether the client is logged in."""
    return client.get("/account/").status_code == 200
