"""Who gets what: each endpoint for each role, and nothing of another school for anybody."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from sanneng.core.domain.access import Rights
from sanneng.core.domain.evidence import add_reference, attach_file
from sanneng.core.enums import ApiScope, Role
from sanneng.core.permissions import PERMISSIONS, Permission
from sanneng.core.registry import type_by_code
from sanneng.indicators.catalogue import load_catalogue
from sanneng.reports.models import Report
from tests.api.conftest import CANARY, TYPES, Api

pytestmark = pytest.mark.django_db
# One type of each kind of access: work, personnel, directory, and a directory with own records.
SAMPLE = ("research.project", "people.education", "people.staff", "teaching.trainee")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.mark.parametrize("code", SAMPLE)
@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_enters_and_decides_as_declared(api_of, role, code):
    api, access = api_of(role), type_by_code(code).access
    listed = api.get(f"/records/{code}/", school="east")
    assert listed.json()["count"] == (1 if role in access.read else 0)
    template = Api(api.user).get("/openapi.json")
    assert template.status_code == 200
    created = api.post(f"/records/{code}/", {}, query={"school": "east"})
    assert created.status_code == 422  # What is missing is said before anything is looked up.
    office = api_of(Role.OFFICE)
    pk = office.get(f"/records/{code}/").json()["items"][0]["id"]
    voided = api.post(f"/records/{code}/{pk}/void/", {"reason": "试"})
    wanted = 404 if role not in access.read else 200 if role in access.decide else 403
    assert voided.status_code == wanted, voided.content


@pytest.mark.parametrize("role", Role.values)
def test_each_role_makes_records_as_declared(api_of, role):
    body = {"title": "新题", "level": "city", "approved_on": "2023-01-01"}
    made = api_of(role).post("/records/research.project/", body, query={"school": "east"})
    may = role in type_by_code("research.project").access.enter
    assert made.status_code == (201 if may else 403)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(
    ("permission", "method", "path"),
    [
        (Permission.SEE_FIGURES, "GET", "/figures/"),
        (Permission.SEE_FIGURES, "GET", "/indicators/research.projects.provincial/value/"),
        (Permission.SEE_FIGURES, "GET", "/indicators/research.projects.provincial/records/"),
        (Permission.CHECK_DRAFT, "POST", "/check/text/"),
        (Permission.EXPORT, "GET", "/exports/research.project.xlsx"),
        (Permission.IMPORT, "GET", "/import/batches/"),
        (Permission.MAKE_REPORT, "POST", "/reports/"),
    ],
)
def test_each_role_does_in_a_school_what_it_may(api_of, role, permission, method, path):
    api = api_of(role)
    body = {"text": "省级课题11项"} if path == "/check/text/" else {} if method == "POST" else None
    response = api.ask(method, path, body, query={"school": "east"})
    good = 201 if path == "/reports/" else 200
    assert response.status_code == (good if role in PERMISSIONS[permission] else 403), (
        response.content
    )


SCOPED = [
    (ApiScope.RECORDS_READ, "GET", "/records/research.project/"),
    (ApiScope.RECORDS_READ, "GET", "/records/research.project/1/evidence/"),
    (ApiScope.RECORDS_READ, "GET", "/corrections/"),
    (ApiScope.RECORDS_READ, "GET", "/exports/research.project.xlsx"),
    (ApiScope.RECORDS_WRITE, "POST", "/records/research.project/"),
    (ApiScope.RECORDS_WRITE, "POST", "/records/research.project/1/submit/"),
    (ApiScope.RECORDS_DECIDE, "POST", "/records/research.project/1/approve/"),
    (ApiScope.RECORDS_DECIDE, "POST", "/records/research.project/bulk/void/"),
    (ApiScope.RECORDS_DECIDE, "POST", "/corrections/1/apply/"),
    (ApiScope.FIGURES_READ, "GET", "/indicators/"),
    (ApiScope.REPORTS_READ, "GET", "/reports/"),
    (ApiScope.REPORTS_WRITE, "POST", "/reports/"),
    (ApiScope.CHECK, "POST", "/check/text/"),
    (ApiScope.IMPORT, "POST", "/import/"),
    (ApiScope.IMPORT, "GET", "/import/batches/"),
]


@pytest.mark.parametrize(("scope", "method", "path"), SCOPED)
def test_token_without_the_scope_is_refused(api_of, scope, method, path):
    others = [one for one in ApiScope.values if one != scope]
    response = api_of(Role.OFFICE, scopes=others).ask(
        method, path, {} if method == "POST" else None
    )
    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")


def test_every_endpoint_names_its_scope(office):
    document = office.get("/openapi.json").json()
    bare = {
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
        if "x-scope" not in operation
    }
    assert bare == {"getMe", "listSchools"}


@pytest.fixture
def other_school_full(west):
    """More of the other school: evidence with a file, a report, an import batch."""
    from sanneng.core.models import User
    from sanneng.research.models import Project

    project = Project.objects.get(school=west)
    proof = attach_file(record=project, source=io.BytesIO(PNG), name=f"{CANARY}.png", by=None)
    add_reference(record=project, title=f"{CANARY}另存", by=None)
    owner = User.objects.get(username=f"{CANARY}人")
    report = Report.objects.create(
        school=west,
        title=CANARY,
        as_of=dt.date(2023, 6, 30),
        digest="0" * 64,
        figures=[],
        created_by=owner,
    )
    batch = west.import_batches.get()
    return {"project": project, "proof": proof, "report": report, "batch": batch}


@pytest.mark.parametrize("role", [Role.OFFICE, Role.TEACHER, Role.SUPERVISOR])
def test_no_answer_holds_anything_of_another_school(api_of, role, west, other_school_full):
    """Every address that can be asked, with the other school's ids, codes, keys and words."""
    api, bodies = api_of(role), []

    def ask(path, **query):
        response = api.get(path, **query)
        assert response.status_code < 500, path
        content = response.content
        bodies.append((path, query, content if content[:2] != b"PK" else unpacked(content)))
        return response

    for code in TYPES:
        model = type_by_code(code).model
        foreign = model._base_manager.get(school=west)
        ask(f"/records/{code}/")
        for sort in ("id", "-id"):
            ask(f"/records/{code}/", sort=sort, size=200)
        assert ask(f"/records/{code}/", q="记录", after=0).status_code in (200, 403)
        assert ask(f"/records/{code}/", school="west").status_code == 404
        assert ask(f"/records/{code}/", key=foreign.key).json()["count"] == 0
        for path in type_by_code(code).filters:
            ask(f"/records/{code}/", **{path: f"CANARY-{path}"})
        for more in ("", "corrections/", "evidence/"):
            assert ask(f"/records/{code}/{foreign.pk}/{more}").status_code == 404
        api.post(f"/records/{code}/{foreign.pk}/void/", {"reason": "试"})
        body = {f.name: foreign.key for f in model._meta.fields if f.is_relation}
        bodies.append((code, {}, api.post(f"/records/{code}/", body).content))
    for code in ("research.project", "people.staff", "people.education"):
        ask(f"/exports/{code}.xlsx", school="west")
        ask(f"/exports/{code}.xlsx", school="east")
    for path in (
        "/me/",
        "/schools/",
        "/corrections/",
        "/reports/",
        "/import/batches/",
        "/figures/",
    ):
        ask(path)
    for entry in list(load_catalogue())[::6]:
        for more in ("value", "breakdown", "records", "missing"):
            assert ask(f"/indicators/{entry.id}/{more}/", school="west").status_code == 404
            ask(f"/indicators/{entry.id}/{more}/", school="east")
    ask("/indicators/research.projects.provincial/breakdown/", by="title", school="east")
    for path in (f"/evidence/{other_school_full['proof'].pk}/file", f"/reports/{other_school_full['report'].pk}/",
                 f"/reports/{other_school_full['report'].pk}/file",
                 f"/import/batches/{other_school_full['batch'].pk}/"):  # fmt: skip
        assert ask(path).status_code == 404
    assert len(bodies) > 300
    for path, query, content in bodies:
        text = content.decode() if isinstance(content, bytes) else content
        assert CANARY not in text, (path, query)
    other_school_full["project"].refresh_from_db()
    assert other_school_full["project"].state == "approved"


def unpacked(content: bytes) -> str:
    """All cells of a workbook as one text."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(str(cell) for page in book for row in page.values for cell in row)


def test_export_leaves_out_what_the_caller_may_not_see(api_of):
    teacher, general = api_of(Role.TEACHER), api_of(Role.GENERAL_OFFICE)
    path = "/exports/people.staff.xlsx"
    assert "2022-03-01" not in unpacked(teacher.get(path, school="east").content)
    assert "2022-03-01" in unpacked(general.get(path, school="east").content)


def test_figures_are_not_split_by_what_single_records_say(api_of):
    """A share is for all; whose degree it is, is for those who read such records."""
    teacher, general = api_of(Role.TEACHER), api_of(Role.GENERAL_OFFICE)
    entry = next(
        e for e in load_catalogue() if e.dataset == "people.Employment" and e.measure == "distinct"
    )
    path = f"/indicators/{entry.id}/breakdown/"
    assert teacher.get(path, by="kind").status_code == 200
    assert teacher.get(path, by="staff").status_code == 403
    assert general.get(path, by="staff").status_code == 200
    assert teacher.get(path, by="staff.birth_date").status_code == 404
    trend = next(e for e in load_catalogue() if e.measure == "trend")
    assert (
        teacher.get(f"/indicators/{trend.id}/breakdown/", by="created_by.password").status_code
        == 404
    )
    assert teacher.get(path, by="staff.user.password").status_code == 404
    assert general.get(path, by="staff.user.password").status_code == 404


def test_rights_are_those_of_today(api_of, person, east):
    teacher = api_of(Role.TEACHER)
    assert teacher.get("/records/research.project/").json()["count"] == 1
    teacher.user.memberships.update(valid_to=dt.date(2024, 1, 1))
    assert not Rights(teacher.user).roles(east)
    assert teacher.get("/records/research.project/").status_code == 401
    teacher.user.memberships.update(valid_to=None)
    assert teacher.get("/me/").status_code == 200
    teacher.user.is_active = False
    teacher.user.save()
    assert teacher.get("/me/").status_code == 401
