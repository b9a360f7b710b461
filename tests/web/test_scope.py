"""What a session remembers from page to page, and when it is written."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sanneng.core.enums import Role
from tests.factories import SchoolFactory, member

pytestmark = pytest.mark.django_db
NEAR_MIDNIGHT = dt.datetime(2026, 3, 2, 15, 50, tzinfo=dt.UTC)  # 23:50 in Shanghai.


@pytest.fixture
def client(client):
    client.force_login(member(SchoolFactory(code="east"), Role.OFFICE))
    client.get("/")
    return client


def shown(client, **query):
    return client.get("/records/", query).context["scope"].as_of


def test_pages_do_not_write_the_session(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("/todo/")
        client.get("/records/", {"school": "east"})
    written = [one["sql"] for one in queries if one["sql"].startswith(("UPDATE", "INSERT"))]
    assert [sql for sql in written if "django_session" in sql] == []


def test_a_day_that_was_chosen_stays_until_today_is_asked_for(client):
    past = dt.date(2023, 6, 30)
    with time_machine.travel(NEAR_MIDNIGHT, tick=False):
        client.force_login(member(SchoolFactory(), Role.OFFICE))
        assert [shown(client, as_of=str(past)), shown(client)] == [past, past]
        today = dt.date(2026, 3, 2)
        assert [shown(client, as_of=str(today)), shown(client)] == [today, today]


def test_after_midnight_it_is_the_new_day(client):
    with time_machine.travel(NEAR_MIDNIGHT, tick=False) as clock:
        client.force_login(member(SchoolFactory(), Role.OFFICE))
        assert shown(client, as_of="2026-03-02") == dt.date(2026, 3, 2)
        clock.shift(dt.timedelta(minutes=20))
        assert shown(client) == dt.date(2026, 3, 3)
