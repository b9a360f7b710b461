"""Guessing is slowed down; nobody is locked out for good (numbers: docs/accounts.md)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher

from sanneng.core.domain import throttle
from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry, Tries
from tests.web.accounts.conftest import is_in

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
TOO_MANY = "试的次数太多"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def looked_at(monkeypatch):
    """How many passwords were really compared."""
    seen = []
    verify, encode = MD5PasswordHasher.verify, MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "verify", lambda *a: seen.append("known") or verify(*a))
    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    return seen


def test_of_a_thousand_guesses_five_are_looked_at(person, log_in, looked_at, clock, client):
    person("wang", Role.OFFICE)
    for turn in range(1000):
        log_in("wang", f"guess {turn}", client=client)
    assert len(looked_at) == 5
    assert TOO_MANY in client.answer.content.decode() or client.answer.status_code == 429


def test_the_right_password_waits_at_that_address_and_works_at_another(person, log_in, clock):
    person("wang", Role.OFFICE)
    for turn in range(6):
        log_in("wang", f"guess {turn}", address="203.0.113.9")
    blocked = log_in("wang", address="203.0.113.9")
    assert (TOO_MANY in blocked.answer.content.decode(), is_in(blocked)) == (True, False)
    assert is_in(log_in("wang", address="10.0.0.2"))


def test_the_wait_ends_by_itself(person, log_in, clock):
    person("wang", Role.OFFICE)
    for turn in range(8):
        log_in("wang", f"guess {turn}")
    clock.shift(dt.timedelta(minutes=14))
    assert not is_in(log_in("wang"))
    clock.shift(dt.timedelta(minutes=1))
    assert is_in(log_in("wang"))


def test_an_unknown_name_is_throttled_alike(person, log_in, clock):
    person("wang", Role.OFFICE)
    for name in ("wang", "nobody"):
        for turn in range(5):
            log_in(name, f"guess {turn}")
    answers = [log_in(name, "guess").answer.content.decode() for name in ("wang", "nobody")]
    assert [TOO_MANY in answer for answer in answers] == [True, True]


def test_spraying_one_password_over_200_accounts_stops_at_fifty(person, log_in, looked_at, clock):
    for number in range(200):
        person(f"p{number}", Role.OFFICE)
    for number in range(200):
        log_in(f"p{number}", "Spring-2026-spray", address="203.0.113.9")
    assert len(looked_at) == 50
    clock.shift(dt.timedelta(minutes=15))
    assert is_in(log_in("p0", address="203.0.113.9"))


def test_many_machines_cannot_keep_the_owner_out(person, log_in, clock):
    person("wang", Role.OFFICE)
    assert is_in(log_in("wang", address="10.0.0.2"))
    clock.shift(dt.timedelta(days=1))
    for machine in range(12):
        for turn in range(5):
            log_in("wang", f"guess {turn}", address=f"203.0.113.{machine}")
    stranger = log_in("wang", address="198.51.100.1")
    assert TOO_MANY in stranger.answer.content.decode()
    assert is_in(log_in("wang", address="10.0.0.2"))
    clock.shift(dt.timedelta(hours=1))
    assert is_in(log_in("wang", address="198.51.100.1"))


def test_right_passwords_are_not_counted(person, log_in, clock):
    person("wang", Role.OFFICE)
    for _turn in range(12):
        assert is_in(log_in("wang"))


def test_a_limit_that_was_hit_is_noted_once(person, log_in, clock):
    person("wang", Role.OFFICE)
    for turn in range(9):
        log_in("wang", f"guess {turn}")
    whys = [
        entry.details["why"]
        for entry in AuditEntry.objects.filter(action=AuditAction.LOG_IN_FAILED).order_by("id")
    ]
    assert whys == ["password"] * 5 + ["limit:name-address"]


def test_counts_are_forgotten(person, log_in, clock):
    log_in("nobody", "guess")
    clock.shift(dt.timedelta(days=1, minutes=1))
    assert throttle.forget_old() == 3
    assert Tries.objects.count() == 0
