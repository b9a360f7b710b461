"""What goes wrong, said in problem details; nothing of what is sent makes the server fail."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
import time_machine

from sanneng.core.enums import Role
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db
PROJECT = {"title": "基层治理研究", "level": "provincial", "approved_on": "2023-03-01"}
LIST = "/records/research.project/"


def problem(response, status: int, code: str = "") -> dict:
    """The problem that ``response`` is, sound in form."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    content = response.json()
    assert {"type", "title", "status", "detail", "code"} <= set(content)
    assert content["status"] == status
    assert not code or content["code"] == code
    return content


def test_without_a_token_nothing_is_answered(world, db):
    nobody = Api(None)
    for path in ("/me/", LIST, "/openapi.json", "/indicators/", "/reports/", "/evidence/1/file"):
        response = nobody.get(path)
        problem(response, 401, "not_authenticated")
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert nobody.post(LIST, PROJECT).status_code == 401


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/records/no.such/", f"{LIST}999999/", f"{LIST}x/",
                                  f"{LIST}{'9' * 30}/", f"{LIST}{'9' * 5000}/", "/records/research.project/1/fly/",
                                  "/indicators/no.such/value/", "/reports/999/", "/%ff%fe/", "/a%0Ab/"])  # fmt: skip
def test_what_is_not_there_is_a_problem_too(office, path):
    problem(office.get(path), 404, "not_found")


def test_another_method_is_refused_with_those_allowed(office):
    response = office.ask("PUT", LIST, {})
    problem(response, 405)
    assert {one.strip() for one in response["Allow"].split(",")} == {"GET", "POST"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"title": NaN}',
        b'{"title": "a", "title": "b"}',
        b'{"title": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json_is_malformed(office, raw):
    response = office.ask("POST", LIST, raw=raw)
    assert response.status_code in (400, 415, 422)
    problem(response, response.status_code)


@pytest.mark.parametrize("body", [[], "x", 1, None, True, [PROJECT]])
def test_body_of_another_kind_is_invalid(office, body):
    problem(office.ask("POST", LIST, raw=json.dumps(body).encode()), 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "甲\x00乙"), ("title", "甲\u202e乙"), ("title", "甲\ud800"), ("title", "\n"), ("title", ""),
        ("title", "长" * 201), ("title", 7), ("title", None), ("title", ["甲"]), ("title", {"a": 1}),
        ("level", "galactic"), ("level", ""), ("approved_on", "2023-02-30"), ("approved_on", 0),
        ("approved_on", "0001-01-01"), ("approved_on", "2023-3-1"), ("approved_on", "2023-03-01T00:00:00"),
        ("due_on", "2022-01-01"), ("key", "x" * 65), ("key", "research.project"), ("unknown", 1),
        ("approved_on", 10**400), ("title", True),
    ],
)  # fmt: skip
def test_invalid_value_is_named_by_its_field(office, field, value):
    response = office.post(LIST, PROJECT | {field: value})
    errors = problem(response, 422, "invalid")["errors"]
    assert field in errors or (field in ("due_on", "key") and "" in errors)
    assert office.get(LIST).json()["count"] == 1


@pytest.mark.parametrize("number", [-1, 2**31, 2**63, 10**40, 1.5, "3", True])
def test_number_out_of_reach_is_invalid(office, number):
    body = {"name": "班", "kind": "main", "start_on": "2023-01-01", "planned_trainees": number}
    assert (
        "planned_trainees"
        in problem(office.post("/records/teaching.trainingclass/", body), 422)["errors"]
    )


@pytest.mark.parametrize(
    "query",
    ["page=x", "page=0", "size=100000", "state=nonsense", "year=0", "year=99999999999999999999", "sort=school",
     "sort=created_by__password", "q=%00", "q=%E2%80%AE", "after=-1", "after=99999999999999999999999", "level=",
     "school=%00"],
)  # fmt: skip
def test_parameter_with_a_bad_value_is_invalid(office, query):
    response = office.client.get(f"/api/v1{LIST}?{query}", headers=office.headers)
    assert query.partition("=")[0] in problem(response, 422)["errors"]


@pytest.mark.parametrize(
    "query",
    ["page=1&page=2", "nonsense=1", "created_by=1", "school__code=west", "state=draft&state=draft"],
)
def test_parameter_unknown_or_twice_is_malformed(office, query):
    problem(office.client.get(f"/api/v1{LIST}?{query}", headers=office.headers), 400)


def test_broken_encoding_in_an_address_is_no_failure(office):
    response = office.client.get(f"/api/v1{LIST}?q=%ff%fe&level=%ff", headers=office.headers)
    problem(response, 422)


def test_other_media_types_are_refused(office):
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ):
        problem(
            office.ask("POST", LIST, raw=json.dumps(PROJECT).encode(), type=media or "x/y"), 415
        )
    problem(office.ask("POST", "/import/", {}), 415)
    problem(office.ask("POST", "/import/", raw=b"--x\r\n", type="multipart/form-data"), 400)


def test_same_answer_for_foreign_and_missing(office, west):
    from sanneng.research.models import Project

    foreign = Project.objects.get(school=west)
    for path in ("", "submit/", "approve/", "evidence/"):
        method = "GET" if path in ("", "evidence/") else "POST"
        body = None if method == "GET" else {}
        answers = [
            office.ask(method, f"{LIST}{pk}/{path}", body).content for pk in (foreign.pk, 10**9)
        ]
        assert answers[0] == answers[1]


def test_periods_and_days_that_no_calendar_has(office):
    path = "/indicators/research.projects.provincial/value/"
    for period in ("since 0", "since 0000", "last 0 years", "last 9999 years", "in 202313", "in 9999",
                   "against 0000", "in 2022-2020", "tomorrow"):  # fmt: skip
        assert "period" in problem(office.get(path, period=period), 422)["errors"]
    for period in (
        "since 2020",
        "last 5 years",
        "in 2022",
        "in 202301-202306",
        "to date",
        "as of",
        "against 2019",
    ):
        assert office.get(path, period=period).status_code == 200
    for day in ("1900-01-01", "2100-01-01", "2023-02-29", "x"):
        assert "as_of" in problem(office.get(path, as_of=day), 422)["errors"]


@pytest.fixture
def stopped_clock(office):
    """Limits count by the minute; none ends while these tests ask."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
        yield


def test_limits_say_when_to_come_again(office, stopped_clock):
    codes = [
        office.get("/import/template.xlsx", type="people.staff").status_code for _n in range(31)
    ]
    assert codes == [200] * 30 + [429]
    response = office.get("/import/template.xlsx", type="people.staff")
    problem(response, 429, "too_many_requests")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert office.get("/me/").status_code == 200


def test_wrong_tokens_from_one_address_are_limited(office, stopped_clock):
    codes = [
        office.client.get("/api/v1/me/", headers={"authorization": f"Bearer snt_{n}"}).status_code
        for n in range(62)
    ]
    assert codes == [401] * 60 + [429] * 2


def test_session_of_a_page_works_with_its_csrf_token_only(person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person(Role.OFFICE))
    assert client.get("/api/v1/me/").json()["token"] is None
    refused = client.post(f"/api/v1{LIST}", PROJECT, content_type="application/json")
    problem(refused, 403, "csrf")
    client.get("/reports/")
    token = client.cookies["csrftoken"].value
    made = client.post(
        f"/api/v1{LIST}", PROJECT, content_type="application/json", headers={"x-csrftoken": token}
    )
    assert made.status_code == 201


def test_document_names_every_error_and_calls_no_other_host(office):
    text = office.get("/openapi.json").content.decode()
    document = json.loads(text)
    assert document["openapi"] == "3.1.0"
    assert "http://" not in text
    assert "https://" not in text
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert {"400", "401", "403", "404", "405", "422", "429"} <= set(
                operation["responses"]
            ), (path, method)


def test_form_with_more_than_its_file_is_malformed(office):
    parts = [
        {"file": io.BytesIO(b"x"), "school": "west"},
        {"other": io.BytesIO(b"x")},
        {"file": [io.BytesIO(b"x"), io.BytesIO(b"y")]},
    ]
    for form in parts:
        problem(office.client.post("/api/v1/import/", form, headers=office.headers), 400)


def test_body_too_large_is_refused_before_it_is_read(office):
    response = office.client.generic(
        "POST", f"/api/v1{LIST}", b"{}", "application/json",
        headers=office.headers, CONTENT_LENGTH=str(1 << 30),
    )  # fmt: skip
    problem(response, 413, "too_large")
