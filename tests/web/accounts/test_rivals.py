"""Tries and links under rivals at the same moment: needs a database that has them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from sanneng.core.domain import throttle
from sanneng.core.domain.invitations import Person, accept_as_new, invite
from sanneng.core.enums import Role
from sanneng.core.errors import SannengError
from sanneng.core.models import AccountLink, User
from tests.web.accounts.conftest import PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="runs on PostgreSQL (scripts/checks.py)"
    ),
]


def together(number, act):
    """Call ``act`` with 0, 1, … in that many threads that start at once."""
    gate = threading.Barrier(number)

    def one(turn):
        gate.wait()
        try:
            return act(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_of_twenty_tries_at_once_five_are_taken():
    taken = together(20, lambda _turn: throttle.take(throttle.BY_NAME_AND_ADDRESS, "wang", "a"))
    assert sum(taken) == 5


def test_a_link_opened_twice_at_once_makes_one_account(security, school):
    (made,) = invite(people=[Person("张三")], school=school, roles=[Role.TEACHER], by=security)

    def take_up(turn):
        link = AccountLink.objects.get(pk=made.link.pk)
        try:
            accept_as_new(link=link, username=f"zhang{turn}", password=PASSWORD)
        except SannengError:
            return False
        return True

    assert sum(together(8, take_up)) == 1
    assert User.objects.filter(username__startswith="zhang").count() == 1
