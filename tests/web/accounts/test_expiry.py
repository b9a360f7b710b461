"""Under the policy MLPS a password is changed every 90 days, at a log-in and with a notice."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from sanneng.config.passwords import password_validators
from sanneng.core.enums import Role
from tests.web.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
NEW = "Tz9!kqwv"


@pytest.fixture
def clock(settings):
    settings.PASSWORD_POLICY = "mlps"
    settings.AUTH_PASSWORD_VALIDATORS = password_validators("mlps")
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_an_old_password_is_changed_before_anything_else(person, log_in, clock):
    person("wang", Role.OFFICE)
    clock.shift(dt.timedelta(days=90))
    client = log_in("wang")
    assert client.get("/records/").url == "/account/password/"
    page = client.get("/account/password/").content.decode()
    assert "密码已用满 90 天" in page
    same = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    assert "新密码不能与现在的密码相同" in client.post("/account/password/", same).content.decode()
    assert client.get("/records/").status_code == 302
    client.post("/account/password/", same | {"password1": NEW, "password2": NEW})
    assert client.get("/records/").status_code == 200
    assert log_in("wang", NEW).get("/records/").status_code == 200


def test_a_week_before_it_is_said_at_log_in(person, log_in, clock):
    person("wang", Role.OFFICE)
    clock.shift(dt.timedelta(days=85))
    client = log_in("wang")
    assert "密码还有 5 天到期" in client.get("/account/").content.decode()


def test_under_asvs_nothing_expires(person, log_in, clock, settings):
    settings.PASSWORD_POLICY = "asvs"
    person("wang", Role.OFFICE)
    clock.shift(dt.timedelta(days=900))
    assert log_in("wang").get("/records/").status_code == 200
