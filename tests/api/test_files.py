"""Evidence, workbooks, reports and the check, by the API."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from urllib.parse import unquote

import openpyxl
import pytest
from docx import Document

from sanneng.core.enums import Role
from sanneng.core.models import AuditEntry
from sanneng.core.spreadsheets.writing import write_rows
from sanneng.research.models import Project

pytestmark = pytest.mark.django_db
LIST = "/records/research.project/"
PROJECT = {"title": "基层治理研究", "level": "provincial", "approved_on": "2023-03-01"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.fixture
def draft(office) -> str:
    return f"{LIST}{office.post(LIST, PROJECT).json()['id']}/"


def test_evidence_is_handed_in_listed_given_out_and_taken_off(office, draft):
    made = office.upload(f"{draft}evidence/", '立项 证书".png', PNG)
    assert made.status_code == 201, made.content
    proof = made.json()
    assert (proof["digest"], proof["media_type"]) == (hashlib.sha256(PNG).hexdigest(), "image/png")
    assert office.get(f"{draft}evidence/").json()["items"] == [proof]
    file = office.get(f"/evidence/{proof['id']}/file")
    assert b"".join(file.streaming_content) == PNG
    assert file["Content-Type"] == "application/octet-stream"
    assert file["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert proof["title"] in unquote(file["Content-Disposition"])
    assert office.get(draft).json()["version"] == 2
    assert office.delete(f"/evidence/{proof['id']}/").status_code == 204
    assert office.get(f"{draft}evidence/").json()["items"] == []


def test_reference_to_a_document_elsewhere_has_no_file(office, draft):
    made = office.post(f"{draft}evidence/references/", {"title": "东党校〔2023〕1号"}).json()
    assert (made["title"], made["digest"], made["size"]) == ("东党校〔2023〕1号", "", 0)
    assert office.get(f"/evidence/{made['id']}/file").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.exe", b"MZ", 415),
        ("a.png", b"not a picture", 415),
        ("a.png", b"", 422),
        ("../../etc/passwd", b"x", 415),
    ],
)
def test_file_that_may_not_be_kept_is_refused(office, draft, name, content, status):
    response = office.upload(f"{draft}evidence/", name, content)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert office.get(f"{draft}evidence/").json()["items"] == []


def test_file_too_large_is_refused(office, draft, settings):
    settings.EVIDENCE_MAX_BYTES = 20
    assert office.upload(f"{draft}evidence/", "a.png", PNG).status_code == 413


def test_evidence_of_a_record_under_review_stays_as_it_is(office, draft):
    office.post(f"{draft}submit/")
    assert office.upload(f"{draft}evidence/", "a.png", PNG).status_code == 409


def workbook(*titles: str) -> bytes:
    made = io.BytesIO()
    day = dt.date(2023, 1, 1)
    rows = [
        {"key": f"新{n}", "title": title, "level": "city", "approved_on": day}
        for n, title in enumerate(titles)
    ]
    write_rows(made, {Project: rows})
    return made.getvalue()


def test_workbook_is_tried_taken_in_and_taken_back(office):
    tried = office.upload("/import/", "课题.xlsx", workbook("一", "二"), query={"dry_run": "true"})
    assert tried.status_code == 200, tried.content
    report = tried.json()
    assert (report["clean"], report["created"], report["batch"]) == (True, 2, None)
    assert office.get(LIST).json()["count"] == 1
    report = office.upload("/import/", "课题.xlsx", workbook("一", "二")).json()
    assert (report["created"], report["batch"]["file_name"]) == (2, "课题.xlsx")
    assert office.get(LIST).json()["count"] == 3
    batch = f"/import/batches/{report['batch']['id']}/"
    assert office.get(batch).json() == report["batch"]
    assert office.post(f"{batch}undo/").json()["state"] == "undone"
    assert office.post(f"{batch}undo/").status_code == 409
    assert office.get(LIST).json()["count"] == 1


def test_workbook_with_a_fault_names_its_row_and_writes_nothing(office):
    report = office.upload("/import/", "课题.xlsx", workbook("一", "")).json()
    assert (report["clean"], report["error_count"]) == (False, 1)
    assert report["errors"][0]["row"] == 3
    assert office.get(LIST).json()["count"] == 1


def test_what_looks_like_a_record_that_is_there_is_asked_about(office):
    office.upload("/import/", "课题.xlsx", workbook("一"))
    double = workbook("二", "二")  # 新1 has the title of 新0.
    office.upload("/import/", "课题.xlsx", workbook("二"))
    tried = office.upload("/import/", "课题.xlsx", double, query={"dry_run": "true"}).json()
    assert (tried["clean"], tried["doubt_count"], tried["doubts"][0]["row"]) == (True, 1, 3)
    refused = office.upload("/import/", "课题.xlsx", double)
    assert (refused.status_code, refused.json()["code"]) == (409, "doubts_unsettled")
    assert "可能与已有的" in refused.json()["errors"]["doubts_settled"][0]
    assert office.get(LIST).json()["count"] == 2
    settled = office.upload("/import/", "课题.xlsx", double, query={"doubts_settled": "true"})
    assert settled.json()["created"] == 1


def test_approved_records_are_changed_by_two_people_and_approving_needs_its_scope(office, api_of):
    made = io.BytesIO()
    row = {"key": "新", "title": "一", "level": "city", "approved_on": dt.date(2023, 1, 1)}
    write_rows(made, {Project: [row | {"state": "approved"}]})
    narrow = api_of(Role.OFFICE, scopes=["import"])
    for query in ({}, {"dry_run": "true"}):
        refused = narrow.upload("/import/", "课题.xlsx", made.getvalue(), query=query)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert office.get(LIST).json()["count"] == 1
    assert office.upload("/import/", "课题.xlsx", made.getvalue()).json()["created"] == 1
    made = io.BytesIO()
    write_rows(made, {Project: [row | {"title": "改"}]})
    report = narrow.upload("/import/", "课题.xlsx", made.getvalue()).json()
    assert (report["errors"], report["proposed"], report["batch"]["proposed"]) == ([], 1, 1)
    (waiting,) = office.get("/corrections/").json()["items"]
    assert (waiting["state"], waiting["values"]) == ("pending", {"title": "改"})


def test_what_is_no_workbook_is_refused(office, api_of):
    assert office.upload("/import/", "课题.xlsx", b"PK\x03\x04 no").status_code == 422
    assert office.upload("/import/", "课题.xlsx", b"").status_code == 422
    teacher = api_of(Role.TEACHER)
    assert teacher.upload("/import/", "课题.xlsx", workbook("一")).status_code == 403


def test_template_and_export_are_workbooks(office):
    made = openpyxl.load_workbook(
        io.BytesIO(office.get("/import/template.xlsx", type="research.project").content)
    )
    assert len(made.sheetnames) == 2
    office.post(LIST, PROJECT)
    sheet = openpyxl.load_workbook(
        io.BytesIO(office.get("/exports/research.project.xlsx", state="draft").content)
    ).active
    assert [row[1] for row in sheet.values][1:] == ["基层治理研究"]
    entry = AuditEntry.objects.get(action="export")
    assert (entry.source, entry.details["type"]) == ("api", "research.project")


def test_report_is_made_given_out_frozen_and_watched(office, api_of):
    made = office.post("/reports/", query={"as_of": "2023-06-30"})
    assert made.status_code == 201, made.content
    report = made.json()
    assert (report["state"], report["as_of"]) == ("draft", "2023-06-30")
    assert len(report["figures"]) >= 30
    path = f"/reports/{report['id']}/"
    file = office.get(f"{path}file")
    assert hashlib.sha256(file.content).hexdigest() == report["digest"]
    assert len(Document(io.BytesIO(file.content)).paragraphs) > 10
    assert office.post(f"{path}freeze/").json()["state"] == "frozen"
    assert office.post(f"{path}freeze/").status_code == 409
    assert office.get(f"{path}moved/").json()["items"] == []
    project = office.get(LIST).json()["items"][0]["id"]
    office.post(f"{LIST}{project}/void/", {"reason": "重复"})
    assert office.get(f"{path}moved/").json()["items"]
    assert [one["id"] for one in office.get("/reports/").json()["items"]] == [report["id"]]
    assert api_of(Role.TEACHER).post(f"{path}freeze/").status_code == 403


def test_report_from_a_template_of_ones_own(office):
    document = Document()
    document.add_paragraph('省级课题{{ fig("research.projects.provincial") }}。')
    content = io.BytesIO()
    document.save(content)
    made = office.upload(
        "/reports/from-template/", "模板.docx", content.getvalue(), field="template"
    )
    assert made.status_code == 201, made.content
    assert [one["indicator"] for one in made.json()["figures"]] == ["research.projects.provincial"]
    broken = office.upload("/reports/from-template/", "模板.docx", b"PK\x03\x04", field="template")
    assert broken.status_code == 422


def test_check_gives_each_claim_a_verdict(office):
    asked = {"as_of": "2023-06-30"}
    text = "2020年以来，全校立项省级课题11项。"
    claims = office.post("/check/text/", {"text": text}, query=asked).json()["claims"]
    assert [(one["indicator"], one["verdict"]) for one in claims] == [
        ("research.projects.provincial", "disagrees")
    ]
    document = Document()
    document.add_paragraph(text)
    content = io.BytesIO()
    document.save(content)
    by_file = office.upload(
        "/check/document/", "讲稿.docx", content.getvalue(), field="document", query=asked
    )
    assert [one["verdict"] for one in by_file.json()["claims"]] == ["disagrees"]
    assert (
        office.upload("/check/document/", "讲稿.pdf", b"%PDF-1.7", field="document").status_code
        == 422
    )
    assert office.post("/check/text/", {"text": " "}).status_code == 422


def test_figures_lead_to_the_records_behind_them(office):
    asked = {"as_of": "2022-06-30"}
    entries = office.get("/indicators/").json()["items"]
    entry = next(
        one for one in entries if one["measure"] == "count" and one["type"] == "research.project"
    )
    path = f"/indicators/{entry['id']}"
    value = office.get(f"{path}/value/", period="to date", **asked).json()
    behind = office.get(f"{path}/records/", period="to date", **asked).json()
    parts = office.get(f"{path}/breakdown/", period="to date", **asked).json()["items"]
    assert (
        value["value"] == behind["count"] == len(behind["items"]) == sum(p["value"] for p in parts)
    )
    assert len(office.get("/figures/", **asked).json()["items"]) == 38
    coverage = next(one for one in entries if one["measure"] == "coverage")
    absent = office.get(f"/indicators/{coverage['id']}/missing/", as_of="2024-06-30").json()[
        "items"
    ]
    assert all(one["name"] == "东区记录" for one in absent)


def test_me_says_what_the_caller_may(office):
    me = office.get("/me/").json()
    (school,) = me["schools"]
    assert (me["username"], school["roles"]) == ("east-office", ["office"])
    assert "import" in school["permissions"]
    assert "manage_members" not in school["permissions"]
    assert "records:decide" in me["token"]["scopes"]
