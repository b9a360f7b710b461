"""One record on screen: steps, evidence, history."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sanneng.core.domain.evidence import attach_file
from sanneng.core.enums import Role
from sanneng.core.models import Evidence
from sanneng.research.models import Project
from tests.factories import PDF, PNG, ProjectFactory, SchoolFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory(code="east")


@pytest.fixture
def teacher(client, school):
    user = member(school, Role.TEACHER, display_name="周教师")
    client.force_login(user)
    return user


@pytest.fixture
def record(school, teacher):
    return ProjectFactory(school=school, created_by=teacher)


def address(record, step=""):
    return f"/records/research.project/{record.pk}/{step}"


def test_the_way_of_a_record_through_two_hands(client, school, teacher, record):
    client.post(address(record, "submit/"))
    page = client.get(address(record)).content.decode()
    assert ("撤回" in page, "approve/" in page) == (True, False)
    office = member(school, Role.RESEARCH_OFFICE, display_name="李干事")
    client.force_login(office)
    client.post(address(record, "return/"), {"reason": "缺立项文件"})
    client.force_login(teacher)
    assert "缺立项文件" in client.get(address(record)).content.decode()
    client.post(address(record, "submit/"))
    client.force_login(office)
    client.post(address(record, "approve/"))
    page = client.get(address(record)).content.decode()
    record.refresh_from_db()
    assert record.state == "approved"
    for words in ("李干事", "周教师", "缺立项文件", "撤销审核"):
        assert words in page


def test_one_takes_back_what_one_handed_in(client, school, teacher, record):
    client.post(address(record, "submit/"))
    client.post(address(record, "take-back/"))
    record.refresh_from_db()
    assert (record.state, record.submitted_by) == ("draft", None)


def test_a_draft_is_deleted_by_its_maker_only(client, school, teacher, record):
    client.force_login(member(school, Role.TEACHER))
    client.post(address(record, "delete/"))
    assert Project.objects.count() == 1
    client.force_login(teacher)
    client.post(address(record, "delete/"))
    assert Project.objects.count() == 0


def test_evidence_is_added_seen_and_replaced_by_a_newer_version(client, teacher, record):
    client.post(address(record, "evidence/"), {"evidence": [SimpleUploadedFile("照片.png", PNG)]})
    client.post(
        address(record, "evidence/"), {"evidence": [SimpleUploadedFile("照片.png", PNG + b"1")]}
    )
    old, new = record.evidence.order_by("pk")
    assert (old.superseded_at is None, new.superseded_at) == (False, None)
    page = client.get(address(record)).content.decode()
    assert page.count("evidence-image") == 2
    assert "旧版本" in page
    answer = client.get(f"/evidence/{new.pk}/view/")
    assert b"".join(answer.streaming_content) == PNG + b"1"
    assert answer["Content-Type"] == "image/png"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline")


def test_a_document_kept_elsewhere_is_noted(client, teacher, record):
    client.post(address(record, "evidence/"), {"title": "东党校〔2022〕1号"})
    assert list(record.evidence.values_list("title", "digest")) == [("东党校〔2022〕1号", "")]


def test_evidence_of_what_is_handed_in_stays(client, school, teacher, record):
    client.post(address(record, "evidence/"), {"evidence": [SimpleUploadedFile("文件.pdf", PDF)]})
    client.post(address(record, "submit/"))
    proof = Evidence.objects.get()
    client.post(f"/evidence/{proof.pk}/remove/")
    client.post(address(record, "evidence/"), {"evidence": [SimpleUploadedFile("后加.pdf", PDF)]})
    assert Evidence.objects.count() == 1


def test_evidence_added_to_an_approved_record_is_another_version_of_it(client, school, record):
    Project.objects.update(state="approved")
    client.force_login(member(school, Role.LEADER))
    client.post(address(record, "evidence/"), {"evidence": [SimpleUploadedFile("补.pdf", PDF)]})
    record.refresh_from_db()
    assert (record.version, record.evidence.count()) == (2, 1)


def test_an_approval_is_bound_to_its_evidence(client, school, teacher, record):
    proof = attach_file(record=record, source=io.BytesIO(PDF), name="文件.pdf", by=teacher)
    client.post(address(record, "submit/"))
    client.force_login(member(school, Role.LEADER))
    client.post(address(record, "approve/"))
    from sanneng.core.domain.audit import history

    assert history(record)[0].details["evidence"] == [proof.digest]


def test_a_word_file_is_not_shown_in_the_browser(client, teacher, record):
    import docx

    made = io.BytesIO()
    docx.Document().save(made)
    proof = attach_file(record=record, source=made, name="说明.docx", by=teacher)
    assert client.get(f"/evidence/{proof.pk}/view/").status_code == 404
    assert client.get(f"/evidence/{proof.pk}/").status_code == 200


def test_the_history_shows_before_and_after(client, teacher, record):
    values = {"title": "新题", "level": "city", "approved_on": "2022-01-01", "version": 1}
    client.post(address(record, "edit/"), values)
    page = client.get(address(record)).content.decode()
    assert f"<del>{record.title}</del> → <ins>新题</ins>" in page


def test_what_belongs_to_another_school_is_not_there(client, teacher):
    foreign = ProjectFactory(title="外校")
    proof = attach_file(record=foreign, source=io.BytesIO(PDF), name="外校.pdf", by=None)
    for path in (
        address(foreign), address(foreign, "edit/"), f"/evidence/{proof.pk}/",
        f"/evidence/{proof.pk}/view/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404
    for path in (
        address(foreign, "submit/"), address(foreign, "delete/"), address(foreign, "evidence/"),
        f"/evidence/{proof.pk}/remove/",
    ):  # fmt: skip
        assert client.post(path).status_code == 404


def test_a_person_is_shown_year_by_year_within_ones_rights(client, school, teacher):
    from tests.factories import StaffFactory, TitleFactory

    person = StaffFactory(school=school, name="同事甲")
    TitleFactory(school=school, staff=person, name="副教授", state="approved")
    client.force_login(member(school, Role.OFFICE))
    years = client.get(f"/records/people.staff/{person.pk}/").context["years"]
    assert [(year, str(one["record"])) for year, rows in years for one in rows] == [
        (2020, "同事甲 副教授")
    ]
    client.force_login(teacher)
    assert client.get(f"/records/people.staff/{person.pk}/").context["years"] == []


def test_evidence_for_a_record_that_was_decided_meanwhile_is_not_taken(school, teacher, record):
    from sanneng.core.domain.evidence import hand_in_file
    from sanneng.core.errors import SannengError

    Project.objects.update(state="approved", version=3)
    with pytest.raises(SannengError):
        hand_in_file(record=record, source=io.BytesIO(PDF), name="后加.pdf", by=teacher)
    assert Evidence.objects.count() == 0


def test_a_lost_file_is_not_found_and_says_so(client, teacher, record):
    from sanneng.core.domain.evidence import path_of

    proof = attach_file(record=record, source=io.BytesIO(PDF), name="丢了.pdf", by=teacher)
    path_of(proof.digest).unlink()
    assert client.get(f"/evidence/{proof.pk}/").status_code == 404


def test_a_reason_that_is_too_long_is_refused_whole(client, school, record):
    Project.objects.update(state="approved")
    client.force_login(member(school, Role.LEADER))
    page = client.post(address(record, "void/"), {"reason": "长" * 256}, follow=True)
    record.refresh_from_db()
    assert (record.state, "原因太长" in page.content.decode()) == ("approved", True)


def test_a_page_about_a_record_is_in_its_own_school(client, school):
    other = SchoolFactory(code="west")
    user = member(school, Role.OFFICE)
    from sanneng.core.models import Membership

    Membership.objects.create(user=user, school=other, role="office", valid_from="2020-01-01")
    client.force_login(user)
    client.get("/records/", {"school": "east"})
    record = ProjectFactory(school=other, created_by=user)
    assert client.get(address(record)).context["scope"].school == other
    assert client.get(address(record, "edit/")).context["scope"].school == other
