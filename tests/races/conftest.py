"""Many people at once, on threads and connections of their own.

Threads see only what is really written, so these tests run outside a transaction: on
PostgreSQL in the test database, on SQLite in a file, because the database in memory of the
other tests cannot be shared as a file is.
"""

import datetime as dt
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

from sanneng.core.domain import audit
from sanneng.core.enums import Role
from sanneng.core.errors import SannengError
from sanneng.core.models import Membership, School, User
from sanneng.people.models import Staff

PEOPLE = 40
DAY = dt.date(2022, 3, 1)


@pytest.fixture(scope="module")
def transactional_db(django_db_setup, django_db_blocker, tmp_path_factory):
    """In place of pytest-django's, which empties the database after each test: that takes longer
    than the races, and they do not disturb each other, as each has a school of its own."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            yield from _in_file(tmp_path_factory.mktemp("races") / "db.sqlite3")
        else:
            yield
            call_command("flush", verbosity=0, interactive=False)


def _in_file(path):
    in_memory, settings = connections["default"], connections.settings["default"]
    name = settings["NAME"]
    del connections["default"]
    settings["NAME"] = str(path)
    call_command("migrate", verbosity=0)
    # Kinds of record have other keys in another database than are remembered.
    ContentType.objects.clear_cache()
    yield
    connections["default"].close()
    settings["NAME"] = name
    connections["default"] = in_memory
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def whole_chain(transactional_db):
    """After each race, the audit log is whole."""
    yield
    assert audit.verify() == []


@pytest.fixture
def school(transactional_db, request):
    name = request.node.name[:28]
    return School.objects.create(code=f"s{School.objects.count()}", name=name, level="district")


@pytest.fixture
def office(school):
    """As many members of the school's office as run."""
    users = User.objects.bulk_create(
        User(username=f"{school.code}-{number}") for number in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(user=user, school=school, role=Role.OFFICE, valid_from=DAY) for user in users
    )
    return users


@pytest.fixture
def staff(school):
    return Staff.objects.create(
        school=school, key="P1", name="张三", birth_date=DAY, state="approved"
    )


def at_once(actions):
    """Start all ``actions`` at the same moment; what each returned or raised, in order."""
    start = threading.Barrier(len(actions))

    def run(action):
        try:
            start.wait(30)
            return action()
        except SannengError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def told(outcomes):
    """How many were told what: the class of each refusal, ``done`` for the others. What is no
    refusal of ours, such as an error of the database, has been raised by ``at_once``."""
    return Counter(
        type(outcome).__name__ if isinstance(outcome, Exception) else "done" for outcome in outcomes
    )
