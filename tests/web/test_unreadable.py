"""A NUL, which is no text, is answered with what to do, wherever it is sent."""

from __future__ import annotations

import pytest
from django.test import Client

from sanneng.core.enums import Role
from sanneng.core.models import EntryDraft
from tests.factories import ProjectFactory, SchoolFactory, member

pytestmark = pytest.mark.django_db
LIST = "/records/research.project/"


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def client(school):
    found = Client(raise_request_exception=False)
    found.force_login(member(school, Role.OFFICE))
    return found


def is_refused(answer):
    return answer.status_code == 400 and "删去看不见的字符" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        f"{LIST}?q=%00", f"{LIST}?level=%00", f"{LIST}?a%00b=1", f"{LIST}export.csv?q=%00",
        "/search/?q=a%00", "/records/people.staff/choices/?q=%00", "/?school=%00",
        "/records/research.project%00/",
    ],
)  # fmt: skip
def test_in_an_address(client, address):
    assert is_refused(client.get(address))


def test_in_the_audit_log_and_before_log_in(client, school):
    client.force_login(member(school, Role.AUDITOR))
    assert is_refused(client.get("/audit/?who=%00"))
    assert is_refused(Client().get("/login/?next=%00"))
    assert is_refused(Client().post("/login/", {"login": "a\0", "password": "x"}))


def test_in_a_form(client, school):
    project = ProjectFactory(school=school, state="submitted")
    assert is_refused(client.post(f"{LIST}{project.pk}/return/", {"reason": "a\0"}))
    assert is_refused(client.post("/enter/research.project/draft/", {"title": "a\0"}))
    assert is_refused(client.post("/enter/research.project/draft/", {"ti\0tle": "a"}))
    project.refresh_from_db()
    assert (project.state, EntryDraft.objects.count()) == ("submitted", 0)


def test_the_interface_answers_in_its_own_way(client):
    answer = client.get("/api/v1/records/research.project/?q=%00")
    assert "删去看不见的字符" not in answer.content.decode()
    assert answer["Content-Type"].startswith("application/")
