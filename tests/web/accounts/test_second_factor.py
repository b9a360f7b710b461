"""Authenticator apps, recovery codes, and who must have a second factor."""

from __future__ import annotations

import datetime as dt
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry
from tests.web.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
START = dt.datetime(2026, 3, 2, 1, 0, 10, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def code(step=0):
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + step))


@pytest.fixture
def wang(person):
    user = person("wang", Role.OFFICE)
    TOTP.activate(user, SECRET)
    return user


def test_the_password_alone_does_not_open_it(wang, log_in, clock):
    client = log_in("wang")
    assert client.answer.url == "/account/second-factor/authenticate/"
    assert not is_in(client)
    assert client.get("/records/").status_code == 302
    client.post(client.answer.url, {"code": code()})
    assert is_in(client)
    assert AuditEntry.objects.get(action=AuditAction.LOG_IN).details["ways"] == ["password", "totp"]


def test_a_wrong_code_is_noted_and_lets_nobody_in(wang, log_in, clock):
    client = log_in("wang")
    page = client.post(client.answer.url, {"code": "000000"}).content.decode()
    assert ("验证码不对" in page, is_in(client)) == (True, False)
    assert AuditEntry.objects.get(action=AuditAction.LOG_IN_FAILED).details == {"why": "totp"}


def enter(log_in, text):
    client = log_in("wang")
    client.post(client.answer.url, {"code": text})
    return is_in(client)


def test_a_code_opens_once_as_long_as_it_could_be_taken(wang, log_in, clock):
    used = code(step=1)
    assert enter(log_in, used)
    assert not enter(log_in, used)
    clock.shift(dt.timedelta(seconds=40))
    assert not enter(log_in, used)
    assert not enter(log_in, f"{used[:3]}-{used[3:]}")


def test_a_clock_may_be_one_step_off_and_no_more(wang, log_in, clock):
    assert enter(log_in, code(-1))
    assert enter(log_in, code(1))
    assert not enter(log_in, code(-2))
    assert not enter(log_in, code(2))


def test_codes_cannot_be_guessed_at_will(wang, log_in, clock):
    client = log_in("wang")
    for guess in range(10):
        client.post(client.answer.url, {"code": f"{guess:06}"})
    client.post(client.answer.url, {"code": code()})
    assert not is_in(client)
    clock.shift(dt.timedelta(minutes=15))
    assert enter(log_in, code())


def test_a_recovery_code_opens_once(wang, log_in, clock):
    first, _second = RecoveryCodes.activate(wang).get_unused_codes()[:2]
    assert enter(log_in, first)
    assert not enter(log_in, first)


def test_the_secret_of_an_app_is_stored_under_a_key(wang):
    assert SECRET not in str(Authenticator.objects.get(user=wang).data)


@pytest.mark.parametrize(
    ("policy", "role", "led"),
    [
        ("admins", Role.SECURITY, True), ("admins", Role.ADMINISTRATOR, True),
        ("admins", Role.AUDITOR, True), ("admins", Role.SUPERVISOR, True),
        ("admins", Role.OFFICE, False), ("all", Role.OFFICE, True), ("off", Role.SECURITY, False),
    ],
)  # fmt: skip
def test_who_must_have_one_is_led_to_it(person, log_in, settings, policy, role, led):
    settings.SECOND_FACTOR = policy
    person("li", role)
    client = log_in("li")
    answer = client.get("/account/")
    assert (answer.status_code == 302) == led
    if led:
        assert answer.url == "/account/second-factor/"
        assert "您的角色要求两步验证" in client.get(answer.url).content.decode()


def test_it_is_set_up_and_then_the_way_is_free(
    security, log_in, settings, clock, django_capture_on_commit_callbacks
):
    settings.SECOND_FACTOR = "admins"
    client = log_in("guard")
    assert client.post("/members/invite/", {"names": "张三"}).status_code == 302
    again = client.get("/account/second-factor/totp/activate/").url
    assert client.post(again, {"password": PASSWORD}).url == "/account/second-factor/totp/activate/"
    client.get("/account/second-factor/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    text = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/second-factor/totp/activate/", {"code": text})
    assert answer.url == "/account/second-factor/recovery-codes/"
    assert client.get(answer.url).content.decode().count("<code>") == 10
    assert client.get("/members/").status_code == 200
    added = AuditEntry.objects.filter(action=AuditAction.ACCOUNT).values_list("details", flat=True)
    assert {"what": "second_factor_add", "type": "totp"} in list(added)


def test_who_must_have_one_cannot_put_off_the_last(security, log_in, settings, clock):
    settings.SECOND_FACTOR = "admins"
    TOTP.activate(security, SECRET)
    client = log_in("guard")
    client.post(client.answer.url, {"code": code()})
    client.post("/account/again/", {"password": PASSWORD})
    page = client.post("/account/second-factor/totp/deactivate/").content.decode()
    assert ("必须使用两步验证" in page, security.authenticator_set.count()) == (True, 1)


def test_an_update_in_place_is_led_there_too(security, log_in, settings):
    settings.SECOND_FACTOR = "admins"
    answer = log_in("guard").get("/members/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/account/second-factor/"
