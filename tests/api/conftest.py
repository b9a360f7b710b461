"""Two schools with a record of every type each, people of every role, and tokens for them.

Everything that the second school says of itself holds ``CANARY``: where it appears in an answer
to the first, something has leaked.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client

from sanneng.core.domain.api_tokens import make_token
from sanneng.core.enums import ApiScope, Role, SchoolLevel
from sanneng.core.models import Membership, School, User
from sanneng.core.registry import all_types
from sanneng.core.spreadsheets.columns import Kind, sheets
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.writing import write_rows

CANARY = "金丝雀"
DAY = dt.date(2022, 3, 1)
TYPES = [one.code for one in all_types()]


def filled_row(sheet, text: str, prefix: str) -> dict[str, Any]:
    """A row with every column filled; all dates are one day, so that none is before another."""
    plain = {
        Kind.TEXT: text, Kind.INTEGER: 3, Kind.PERCENT: 60, Kind.TENTHS: 125, Kind.DATE: DAY,
        Kind.BOOLEAN: True, Kind.EVIDENCE: [f"{text}文号"],
    }  # fmt: skip
    row: dict[str, Any] = {}
    for column in sheet.read_columns:
        if column.kind is Kind.CHOICE:
            row[column.name] = next(iter(column.labels))
        elif column.kind is Kind.REFERENCE:
            row[column.name] = f"{prefix}{column.target._meta.label_lower}"
        else:
            row[column.name] = plain[column.kind]
    key = f"{prefix}{sheet.model._meta.label_lower}"
    return row | {"key": key, "state": "approved", "reason": ""}


def fill(school: School, *, text: str, prefix: str, folder) -> None:
    """One approved record of every type."""
    path = folder / f"{school.code}.xlsx"
    write_rows(path, {sheet.model: [filled_row(sheet, text, prefix)] for sheet in sheets()})
    report = import_workbook(path, school=school, by=None)
    assert report.is_clean, report.errors


def make_user(school: School, role: str, name: str = "") -> User:
    user = User.objects.create(username=name or f"{school.code}-{role}", display_name=name or role)
    Membership.objects.create(user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1))
    return user


class Api:
    """A program with a token: ``api.get("/me/")`` gives the response."""

    def __init__(self, user: User | None, scopes=ApiScope.values, school: School | None = None):
        self.client = Client(raise_request_exception=False)
        self.user, self.headers = user, {}
        if user is not None:
            self.token, self.key = make_token(
                user=user, by=user, name="测试", scopes=scopes, days=30, school=school
            )
            self.headers = {"authorization": f"Bearer {self.key}"}

    def ask(
        self, method: str, path: str, body: Any = None, *, query=None, raw=None, type="", **more
    ):
        headers = {**self.headers, **{k.replace("_", "-"): v for k, v in more.items()}}
        content, media = b"", ""
        if raw is not None:
            content, media = raw, type or "application/json"
        elif body is not None:
            content, media = json.dumps(body).encode(), "application/json"
        return self.client.generic(
            method, f"/api/v1{path}", content, media or "application/octet-stream",
            headers=headers, query_params=query or {},
        )  # fmt: skip

    def get(self, path: str, **query):
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, query=None, **more):
        return self.ask("POST", path, {} if body is None else body, query=query, **more)

    def patch(self, path: str, body: Any, **more):
        return self.ask("PATCH", path, body, **more)

    def delete(self, path: str, **more):
        return self.ask("DELETE", path, **more)

    def upload(self, path: str, name: str, content: bytes, field="file", query=None, **more):
        file = io.BytesIO(content)
        file.name = name
        headers = {**self.headers, **{k.replace("_", "-"): v for k, v in more.items()}}
        return self.client.post(
            f"/api/v1{path}", {field: file}, headers=headers, query_params=query or {}
        )


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The two schools, once for a module: ``east`` asks, ``west`` must not be seen."""
    folder = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock():
        city = School.objects.create(code="city", name="市委党校", level=SchoolLevel.CITY)
        east = School.objects.create(
            code="east", name="东区党校", level=SchoolLevel.DISTRICT, parent=city
        )
        west = School.objects.create(code="west", name=f"{CANARY}党校", level=SchoolLevel.DISTRICT)
        fill(east, text="东区记录", prefix="", folder=folder)
        fill(west, text=f"{CANARY}记录", prefix="CANARY-", folder=folder)
        for role in Role.values:
            make_user(city if role == Role.SUPERVISOR else east, role)
        make_user(west, Role.OFFICE, f"{CANARY}人")
        yield {"city": city, "east": east, "west": west}
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def east(world, db) -> School:
    return world["east"]


@pytest.fixture
def west(world, db) -> School:
    return world["west"]


@pytest.fixture
def person(world, db):
    """The user who has a role in the first school."""

    def find(role: str) -> User:
        return User.objects.get(
            memberships__role=role, memberships__school__code__in=("east", "city")
        )

    return find


@pytest.fixture
def api_of(person):
    """A program with every scope, for the user who has a role in the first school."""
    return lambda role, **more: Api(person(role), **more)


@pytest.fixture
def office(api_of) -> Api:
    return api_of(Role.OFFICE)


@pytest.fixture(autouse=True)
def no_limits_used_up():
    caches["limits"].clear()
