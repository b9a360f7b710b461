"""How long a session lasts, and what ends it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession

from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry, Membership
from tests.web.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
NEW = "完全不同的 new one 77"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def minutes(number):
    return dt.timedelta(minutes=number)


def test_half_an_hour_without_a_click_ends_a_session(person, log_in, clock):
    person("wang", Role.OFFICE)
    client = log_in("wang")
    for _turn in range(4):
        clock.shift(minutes(29))
        assert is_in(client)
    clock.shift(minutes(31))
    answer = client.get("/records/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=/records/"
    assert "离开时间较长" in answer.content.decode()
    assert AuditEntry.objects.get(action=AuditAction.LOG_OUT).details == {"why": "idle"}


def test_the_idle_limit_can_be_set_and_switched_off(person, log_in, clock, settings):
    person("wang", Role.OFFICE)
    settings.IDLE_MINUTES = 0
    client = log_in("wang")
    assert is_in(client)
    clock.shift(minutes(600))
    assert is_in(client)


def test_twelve_hours_are_the_most(person, log_in, clock):
    person("wang", Role.OFFICE)
    client = log_in("wang")
    for _turn in range(36):
        assert is_in(client)
        clock.shift(minutes(20))
    assert is_in(client)
    clock.shift(minutes(1))
    assert not is_in(client)


def test_other_devices_are_listed_and_ended(person, log_in):
    person("wang", Role.OFFICE)
    here, there, third = log_in("wang"), log_in("wang"), log_in("wang")
    for client in (here, there, third):
        assert is_in(client)
    key = there.session.session_key
    one = UserSession.objects.get(session_key=key)
    here.post("/account/sessions/end/", {"session": one.pk})
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    here.post("/account/sessions/end/")
    assert [is_in(client) for client in (here, third)] == [True, False]


def test_nobody_ends_another_s_session(person, log_in):
    person("wang", Role.OFFICE), person("li", Role.OFFICE)
    wang, li = log_in("wang"), log_in("li")
    assert is_in(li)
    foreign = UserSession.objects.get(user__username="li")
    assert wang.post("/account/sessions/end/", {"session": foreign.pk}).status_code == 404
    assert is_in(li)


def change(client, old=PASSWORD, new=NEW, **more):
    return client.post(
        "/account/password/", {"oldpassword": old, "password1": new, "password2": new, **more}
    )


def test_a_new_password_needs_the_old_one(person, log_in):
    person("wang", Role.OFFICE)
    client = log_in("wang")
    change(client, old="not it at all")
    assert not is_in(log_in("wang", NEW))
    change(client)
    assert is_in(log_in("wang", NEW))


def test_a_new_password_ends_other_sessions_where_asked(person, log_in):
    person("wang", Role.OFFICE)
    here, there = log_in("wang"), log_in("wang")
    assert is_in(there)
    change(here, end_others="on")
    assert [is_in(client) for client in (here, there)] == [True, False]


def test_a_leaver_sees_nothing_from_that_day_on_in_a_live_session(person, log_in, clock, school):
    user = person("wang", Role.OFFICE)
    Membership.objects.filter(user=user).update(valid_to=dt.date(2026, 3, 2))
    # 23:50 of the last day in Shanghai.
    clock.move_to(dt.datetime(2026, 3, 2, 15, 50, tzinfo=dt.UTC))
    client = log_in("wang")
    assert client.get("/records/").status_code == 200
    clock.shift(minutes(15))
    assert client.get("/records/").status_code == 404
