"""The pages, as people of one school and of another see them."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from sanneng.core.clock import today
from sanneng.core.domain.evidence import attach_file
from sanneng.core.enums import Role
from sanneng.core.models import Membership, School, User
from sanneng.research.models import Project

DAY = {"school": "demo", "as_of": "2023-06-30"}
PROVINCIAL = "research.projects.provincial"
MARKER = "外校标记甲乙丙"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
pytestmark = pytest.mark.django_db


def user_of(school: School, role: Role = Role.OFFICE, name: str = "office") -> User:
    user = User.objects.create(username=name)
    Membership.objects.create(user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1))
    return user


@pytest.fixture
def office(client, sample):
    client.force_login(user_of(sample))
    return client


@pytest.fixture
def foreign_project(sample):
    other = School.objects.create(code="other", name=MARKER, level="district")
    return Project.objects.create(
        school=other, key="X1", title=MARKER, level="provincial", state="approved",
        approved_on=dt.date(2021, 1, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "/figures/", "/records/", "/records/research.project/", "/records/research.project/1/",
        f"/indicators/{PROVINCIAL}/", "/reports/", "/check/", "/search/?q=a", "/evidence/1/",
        "/records/research.project/export.csv", "/reports/1/file.docx",
    ],
)  # fmt: skip
def test_every_page_asks_for_log_in(client, sample, url):
    response = client.get(url)
    assert (response.status_code, response.url.startswith("/login/")) == (302, True)


def test_dashboard_shows_every_stated_figure(office):
    page = office.get("/figures/", DAY).content.decode()
    assert page.count('class="figure ') == 38
    assert "301" in page


def test_indicator_page_states_caliber_and_lists_records(office):
    response = office.get(reverse("indicator", args=[PROVINCIAL]), DAY)
    page = response.content.decode()
    assert "按立项年统计" in page
    assert response.context["total"] == 11
    assert page.count("/records/research.project/") == 11


def test_coverage_page_names_who_is_missing(office, sample):
    from sanneng.people.models import Posting

    Posting.objects.filter(kind="office_rotation").update(state="voided", reason="重登")
    page = office.get(reverse("indicator", args=["people.rotation.newcomers"]), DAY)
    assert len(page.context["missing"]) == 5


def test_unknown_indicator_and_type_are_not_found(office):
    assert office.get("/indicators/no.such/").status_code == 404
    assert office.get("/records/no.such/").status_code == 404


def test_list_filters_searches_and_sorts_by_its_address(office):
    def titles(**query):
        response = office.get("/records/research.project/", {**DAY, **query})
        return [record for record, _cells in response.context["rows"]]

    assert {p.level for p in titles(level="city")} == {"city"}
    assert {p.approved_on.year for p in titles(year="2021")} == {2021}
    word = titles()[0].title[:4]
    assert all(word in p.title for p in titles(q=word))
    days = [p.approved_on for p in titles(sort="approved_on")]
    assert days == sorted(days)
    assert titles(q="没有这样的课题") == []
    assert titles(level="nonsense") == []


def test_export_holds_exactly_what_the_list_shows(office):
    query = {**DAY, "level": "provincial", "state": "approved"}
    shown = office.get("/records/research.project/", query).context["pages"].count
    content = office.get("/records/research.project/export.xlsx", query).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.max_row - 1 == shown == 12


def test_list_takes_a_fixed_number_of_queries(office, django_assert_max_num_queries):
    office.get("/records/research.projectmember/", DAY)
    with django_assert_max_num_queries(20):
        office.get("/records/research.projectmember/", DAY)


def test_dashboard_takes_a_fixed_number_of_queries(office, django_assert_max_num_queries):
    office.get("/figures/", DAY)
    with django_assert_max_num_queries(46):
        office.get("/figures/", DAY)


def test_other_schools_record_is_not_found(office, foreign_project):
    url = f"/records/research.project/{foreign_project.pk}/"
    assert office.get(url).status_code == 404
    assert office.post(f"{url}void/", {"reason": "x"}).status_code == 404
    foreign_project.refresh_from_db()
    assert foreign_project.state == "approved"


@pytest.mark.parametrize(
    "url",
    [
        "/", "/figures/", "/records/research.project/", "/search/?q=标记", f"/indicators/{PROVINCIAL}/",
        "/records/research.project/export.csv", "/records/", "/reports/",
    ],
)  # fmt: skip
def test_no_page_carries_another_schools_marker(office, foreign_project, url):
    response = office.get(url)
    content = b"".join(response) if response.streaming else response.content
    assert MARKER not in content.decode()


def test_school_of_others_cannot_be_asked_for(office, foreign_project):
    assert office.get("/", {"school": "other"}).status_code == 404


def test_evidence_is_for_those_who_may_read_the_record(office, foreign_project, client):
    proof = attach_file(record=foreign_project, source=io.BytesIO(PNG), name="图.png", by=None)
    assert office.get(f"/evidence/{proof.pk}/").status_code == 404
    client.force_login(user_of(foreign_project.school, name="their"))
    response = client.get(f"/evidence/{proof.pk}/")
    assert b"".join(response.streaming_content) == PNG
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_text_of_a_record_cannot_become_part_of_the_page(office, sample):
    project = Project.objects.filter(school=sample).first()
    Project.objects.filter(pk=project.pk).update(title="<script>alert(1)</script>")
    for url in (f"/records/research.project/{project.pk}/", "/search/?q=alert"):
        page = office.get(url).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_answers_carry_the_strict_policy(office):
    policy = office.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_teacher_cannot_approve_and_is_told(client, sample):
    teacher = user_of(sample, Role.TEACHER, "teacher")
    client.force_login(teacher)
    project = Project.objects.filter(school=sample, state="submitted").first()
    url = f"/records/research.project/{project.pk}/approve/"
    page = client.post(url, follow=True).content.decode()
    project.refresh_from_db()
    assert (project.state, "权限" in page) == ("submitted", True)


def test_office_voids_with_a_reason_only(office, sample):
    project = Project.objects.filter(school=sample, state="approved").first()
    url = f"/records/research.project/{project.pk}/void/"
    assert "请写明原因" in office.post(url, follow=True).content.decode()
    office.post(url, {"reason": "重复登记"})
    project.refresh_from_db()
    assert (project.state, project.reason) == ("voided", "重复登记")


def test_get_changes_nothing(office, sample):
    project = Project.objects.filter(school=sample, state="approved").first()
    page = office.get(f"/records/research.project/{project.pk}/void/", follow=True)
    assert "请再操作一次" in page.content.decode()


def test_check_page_judges_pasted_text(office):
    page = office.post("/check/", {**DAY, "text": "2020年以来，完成调研项目33个。"})
    assert [c.verdict.value for c in page.context["result"].claims] == ["disagrees"]
    assert "32个" in page.content.decode()


def test_check_page_refuses_a_wrong_file_and_says_what_to_do(office):
    wrong = SimpleUploadedFile("a.doc", bytes.fromhex("D0CF11E0A1B11AE1") + b"0" * 99)
    assert "另存为 .docx" in office.post("/check/", {**DAY, "document": wrong}).content.decode()
    assert "请选一个" in office.post("/check/", DAY).content.decode()


def test_report_is_made_previewed_and_downloaded(office, sample):
    made = office.post("/reports/make/", DAY, follow=True)
    assert made.content.decode().count('class="fig"') == 38
    report = made.context["report"]
    assert office.get(f"/reports/{report.pk}/file.docx").content[:2] == b"PK"


def test_english_is_there_for_who_wants_it(office):
    office.cookies["django_language"] = "en"
    page = office.get("/figures/", DAY).content.decode()
    assert "Three abilities" in page
    assert "Provincial research projects approved" in page


@pytest.mark.parametrize(
    "query",
    [
        {"year": "²²²²"},
        {"year": "0000"},
        {"task": "9" * 40},
        {"page": "x"},
        {"sort": "school__name"},
    ],
)
def test_nonsense_in_an_address_is_passed_over(office, query):
    assert (
        office.get("/records/people.centraltaskparticipation/", {**DAY, **query}).status_code == 200
    )


def test_years_to_choose_from_are_those_of_ones_own_school(office, foreign_project):
    Project.objects.filter(pk=foreign_project.pk).update(approved_on=dt.date(2031, 1, 1))
    assert "year=2031" not in office.get("/records/research.project/", DAY).content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1949-12-31", "2500-01-01", "9999-12-31", "x"])
def test_day_out_of_reach_is_today(office, day):
    page = office.get("/", {"school": "demo", "as_of": day})
    assert page.context["scope"].as_of == today()


def test_report_of_a_day_before_all_records_says_that_there_is_no_data(office):
    made = office.post("/reports/make/", {"school": "demo", "as_of": "2015-01-01"}, follow=True)
    assert made.status_code == 200
    assert "暂无数据" in made.content.decode()


def test_supervisor_may_not_hand_in_a_school_s_record(client, sample):
    draft = Project.objects.filter(school=sample, state="draft").first()
    client.force_login(user_of(sample.parent, Role.SUPERVISOR, "above"))
    address = f"/records/research.project/{draft.pk}/"
    assert "提交审核" not in client.get(address, DAY).content.decode()
    page = client.post(f"{address}submit/", follow=True)
    draft.refresh_from_db()
    assert (draft.state, "您不能提交这条记录" in page.content.decode()) == ("draft", True)


def test_own_submission_offers_no_approval(client, sample):
    user = user_of(sample)
    client.force_login(user)
    project = Project.objects.filter(school=sample, state="draft").first()
    client.post(f"/records/research.project/{project.pk}/submit/")
    page = client.get(f"/records/research.project/{project.pk}/", DAY).content.decode()
    assert ("/approve/" in page, "等待他人审核" in page) == (False, True)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("稿件.docx", b"x", "“稿件.docx”不是能打开的"),
        ("稿件.docx", b" ", "“稿件.docx”是空的"),
        ("表.xlsx", b"PK\x03\x04", "“表.xlsx”不能直接核对"),
        ("稿.pdf", b"%PDF-1.7", "“稿.pdf”不能直接核对"),
    ],
)
def test_file_that_cannot_be_checked_is_named(office, name, content, said):
    sent = {**DAY, "document": SimpleUploadedFile(name, content)}
    assert said in office.post("/check/", sent).content.decode()


def test_checked_document_comes_back_marked(office):
    office.post("/check/", {**DAY, "text": "2020年以来，立项省级课题12项。"})
    response = office.get("/check/marked.docx")
    marked = Document(io.BytesIO(response.content))
    assert next(comment.text for comment in marked.comments).startswith("不符")


def test_marked_document_of_another_session_is_not_found(office, client, sample):
    office.post("/check/", {**DAY, "text": "2020年以来，立项省级课题12项。"})
    client.logout()
    client.force_login(user_of(sample, name="other"))
    assert client.get("/check/marked.docx").status_code == 302


def test_every_word_searched_must_be_found(office, sample):
    project = Project.objects.filter(school=sample, state="approved").first()
    first, last = project.title[:3], project.title[-2:]
    page = office.get("/search/", {**DAY, "q": f"{last} {first}"}).content.decode()
    assert project.title in page
    assert (
        project.title
        not in office.get("/search/", {**DAY, "q": f"{first} 查无此词"}).content.decode()
    )


def test_page_that_was_open_too_long_says_what_to_do(sample):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/login/", {"username": "office", "password": "x"})
    assert (response.status_code, "页面已过期" in response.content.decode()) == (403, True)
