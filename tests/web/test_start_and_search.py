"""Where people begin, and how they find things."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sanneng.core.domain.corrections import propose_correction
from sanneng.core.enums import Role
from sanneng.people.models import Employment
from tests.factories import (
    ProjectFactory,
    ProjectMemberFactory,
    SchoolFactory,
    StaffFactory,
    TitleFactory,
    member,
)

pytestmark = pytest.mark.django_db
DAY = {"as_of": "2023-06-30"}


@pytest.fixture
def school():
    return SchoolFactory(code="east", name="东区党校")


def test_an_officer_sees_what_waits_and_not_what_others_decide(client, school):
    teacher = member(school, Role.TEACHER)
    ProjectFactory(
        school=school, state="submitted", submitted_by=teacher, submitted_at=timezone.now()
    )
    client.force_login(member(school, Role.RESEARCH_OFFICE))
    assert "1 条科研课题待审核" in client.get("/").content.decode()
    client.force_login(member(school, Role.TEACHING_OFFICE))
    assert "1 条科研课题待审核" not in client.get("/").content.decode()


def test_a_correction_waits_for_somebody_else(client, school):
    office, leader = member(school, Role.OFFICE), member(school, Role.LEADER)
    record = ProjectFactory(school=school, state="approved", title="旧题")
    propose_correction(
        record=record, values={"title": "新题"}, by=office, reason="写错了", version=record.version
    )
    client.force_login(office)
    assert "申请更正" not in client.get("/").content.decode()
    client.force_login(leader)
    assert "申请更正“旧题”" in client.get("/").content.decode()


def test_a_teacher_sees_what_was_returned_and_what_was_entered_last(client, school):
    from sanneng.core.domain.editing import create_record
    from sanneng.research.models import Project

    teacher = member(school, Role.TEACHER)
    values = {"title": "刚登记的题", "level": "city", "approved_on": "2022-01-01"}
    create_record(Project, school=school, values=values, by=teacher)
    ProjectFactory(school=school, created_by=teacher, title="退回题", state="returned", reason="缺")
    ProjectFactory(school=school, title="别人的题", state="returned", reason="缺")
    client.force_login(teacher)
    page = client.get("/").content.decode()
    assert ("“退回题”被退回" in page, "刚登记的题" in page) == (True, True)
    assert "别人的题" not in page


def test_a_new_school_is_led_to_its_first_figure(client, school):
    client.force_login(member(school, Role.OFFICE))
    page = client.get("/").content.decode()
    assert "导入教职工名册" in page
    person = StaffFactory(school=school)
    member(school, Role.TEACHER)
    assert "开始使用" in client.get("/").content.decode()
    Employment.objects.create(
        school=school, key="E1", staff=person, kind="full_time", establishment="institution",
        start_on="2020-01-01", state="approved",
    )  # fmt: skip
    assert "开始使用" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        (Role.TEACHER, ["登记", "三项能力", "业务记录"], ["审计日志", "学校设置", "Excel 导入"]),
        (Role.ADMINISTRATOR, ["学校设置"], ["登记", "三项能力", "业务记录", "审计日志"]),
        (Role.AUDITOR, ["审计日志"], ["登记", "三项能力", "学校设置"]),
        (Role.SUPERVISOR, ["三项能力", "业务记录"], ["登记", "Excel 导入", "学校设置"]),
    ],
)
def test_the_navigation_shows_what_one_may_do(client, school, role, seen, unseen):
    client.force_login(member(school, role))
    labels = [str(entry["label"]) for entry in client.get("/").context["navigation"]]
    assert [word for word in seen if word not in labels] == []
    assert [word for word in unseen if word in labels] == []


def test_somebody_without_any_role_finds_nothing(client, school):
    client.force_login(member(school))
    assert client.get("/").status_code == 404


def test_search_leads_with_the_person_and_what_is_recorded_of_them(client, school):
    person = StaffFactory(school=school, name="单雄信")
    TitleFactory(school=school, staff=person, state="approved")
    ProjectMemberFactory(
        school=school, staff=person, state="approved",
        project=ProjectFactory(school=school, state="approved"),
    )  # fmt: skip
    client.force_login(member(school, Role.OFFICE))
    for words in ("单雄信", "sxx", "shanxiongxin"):
        people = client.get("/search/", {"q": words}).context["people"]
        assert [one["person"] for one in people] == [person]
        assert {count["type"].code for count in people[0]["counts"]} == {
            "people.title", "research.projectmember",
        }  # fmt: skip


def test_search_stays_within_ones_rights(client, school):
    StaffFactory(name="外校人")
    person = StaffFactory(school=school, name="同事甲")
    TitleFactory(school=school, staff=person, name="教授某", state="approved")
    client.force_login(member(school, Role.TEACHER))
    assert client.get("/search/", {"q": "外校"}).context["people"] == []
    page = client.get("/search/", {"q": "教授"}).content.decode()
    assert "同事甲 教授某" not in page


def test_figures_are_found_by_the_sound_of_their_names(client, school):
    client.force_login(member(school, Role.TEACHER))
    found = client.get("/search/", {"q": "pjnl"}).context["entries"]
    assert "people.age.average" in [entry.id for entry in found]


def test_settings_are_for_the_administrator_and_noted(client, school):
    from sanneng.core.models import AuditEntry

    client.force_login(member(school, Role.LEADER))
    assert client.get("/school/").status_code == 404
    assert client.post("/school/", {"name": "别名"}).status_code == 404
    client.force_login(member(school, Role.ADMINISTRATOR))
    client.post("/school/", {"name": "东区委党校", "used": ["theorist", "doer"]})
    school.refresh_from_db()
    assert (school.name, "challenge" in school.switched_off) == ("东区委党校", True)
    assert AuditEntry.objects.get(action="settings").details["changes"]["name"] == [
        "东区党校", "东区委党校",
    ]  # fmt: skip
    assert client.post("/school/", {"name": " "}).status_code == 200
    school.refresh_from_db()
    assert school.name == "东区委党校"


def test_the_audit_log_is_for_auditors_of_the_school(client, school):
    from sanneng.core.domain.audit import note
    from sanneng.core.enums import AuditAction

    other = SchoolFactory()
    note(AuditAction.EDIT, school=other, by=None, of=other, reason="外校的事")
    note(AuditAction.EDIT, school=school, by=None, of=school, reason="本校的事")
    client.force_login(member(school, Role.AUDITOR))
    page = client.get("/audit/").content.decode()
    assert ("本校的事" in page, "外校的事" in page) == (True, False)
    client.force_login(member(school, Role.ADMINISTRATOR))
    assert client.get("/audit/").status_code == 404


def test_figures_name_nobody_from_records_that_one_may_not_read(client, school):
    from sanneng.people.models import Hire

    person = StaffFactory(school=school, name="新进人")
    Hire.objects.create(
        school=school, key="H1", staff=person, channel="talent_scheme",
        hired_on="2021-05-01", state="approved",
    )  # fmt: skip
    client.force_login(member(school, Role.TEACHER))
    page = client.get("/indicators/people.entry.talent_scheme/", DAY).content.decode()
    assert "新进人" not in page
    client.force_login(member(school, Role.OFFICE))
    page = client.get("/indicators/people.entry.talent_scheme/", DAY).content.decode()
    assert "新进人" in page
