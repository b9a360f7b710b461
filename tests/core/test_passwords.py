"""Which passwords are refused under each policy, and when one has to be changed."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from sanneng.config.passwords import password_validators
from sanneng.core.models import User
from sanneng.core.passwords import days_left, has_expired

COMMON = [
    "password1234", "password2026!", "123456789012", "qwertyuiop12", "111111111111",
    "abcabcabcabc", "iloveyou2026", "abcdefghijkl", "sunshine!!!!", "1234567890qwertyuiop",
    "football1234", "aaaaaaaabbbb",
]  # fmt: skip
CONTEXT = [
    "sanneng-2026!", "dangxiao2026!", "东区党校2026", "dongqudangxiao", "三能三能三能三能2026",
    "sanneng@sanneng", "dangxiaoganbu1", "east-sanneng-1",
]  # fmt: skip
GOOD = [
    "correct horse battery",
    "八月桂花遍地开放满山坡啊啊",
    "x" * 3 + "kV9 zebra cloud",
    "xk" + "9v!qTz" * 14,
]


def faults(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.fixture
def asvs(settings, school):
    settings.PASSWORD_POLICY = "asvs"
    settings.AUTH_PASSWORD_VALIDATORS = password_validators("asvs")


@pytest.fixture
def mlps(settings, school):
    settings.PASSWORD_POLICY = "mlps"
    settings.AUTH_PASSWORD_VALIDATORS = password_validators("mlps")


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_takes_is_refused(asvs, password):
    assert "password_too_common" in faults(password)


@pytest.mark.parametrize("password", CONTEXT)
def test_the_words_of_the_place_are_refused(asvs, password):
    assert "password_context_word" in faults(password)


@pytest.mark.parametrize("password", GOOD)
def test_length_is_enough(asvs, password):
    assert faults(password) == set()


def test_twelve_characters_are_the_least(asvs):
    assert faults("kV9 zebra cl") == set()
    assert faults("kV9 zebra c") == {"password_too_short"}


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("Tz9!kqwv", set()), ("tz9!kqwv", set()), ("Tz9kqwvm", set()),
        ("tzmkqwvb", {"password_too_simple"}), ("Tzmkqwvb", {"password_too_simple"}),
        ("Tz9!kqw", {"password_too_short"}), ("Sanneng1!", {"password_context_word"}),
    ],
)  # fmt: skip
def test_mlps_asks_for_eight_of_three_kinds(mlps, password, found):
    assert faults(password) == found


def test_a_new_password_is_another_one(mlps):
    user = User.objects.create_user("wang", password="Tz9!kqwv")
    assert faults("Tz9!kqwv", user) == {"password_unchanged"}


def test_under_mlps_a_password_lasts_ninety_days(mlps):
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tick=False) as clock:
        user = User.objects.create_user("wang", password="Tz9!kqwv")
        clock.shift(dt.timedelta(days=82))
        assert (has_expired(user), days_left(user)) == (False, None)
        clock.shift(dt.timedelta(days=2))
        assert (has_expired(user), days_left(user)) == (False, 6)
        clock.shift(dt.timedelta(days=6))
        assert has_expired(user)


def test_under_asvs_it_lasts(asvs):
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tick=False) as clock:
        user = User.objects.create_user("wang", password="Tz9!kqwv")
        clock.shift(dt.timedelta(days=4000))
        assert (has_expired(user), days_left(user)) == (False, None)
