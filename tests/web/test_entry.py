"""Entering and editing records in forms."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sanneng.core.clock import today
from sanneng.core.enums import Role
from sanneng.core.models import AuditEntry, EntryDraft
from sanneng.people.models import Staff
from sanneng.research.models import Project, ProjectMember
from tests.factories import (
    PDF,
    PNG,
    ProjectFactory,
    ProjectMemberFactory,
    SchoolFactory,
    StaffFactory,
    member,
)

pytestmark = pytest.mark.django_db
VALUES = {"title": "基层治理", "level": "city", "approved_on": "2022-05-01"}
PROJECT = "/enter/research.project/"


@pytest.fixture
def school():
    return SchoolFactory(code="east")


@pytest.fixture
def teacher(client, school):
    user = member(school, Role.TEACHER, display_name="周教师")
    client.force_login(user)
    return user


def test_from_the_start_page_to_a_record_handed_in_in_two_screens(client, teacher):
    assert PROJECT in client.get("/enter/").content.decode()
    assert client.get(PROJECT).status_code == 200
    answer = client.post(PROJECT, VALUES | {"then": "submit"}, follow=True)
    record = Project.objects.get()
    assert (record.state, record.submitted_by) == ("submitted", teacher)
    assert answer.redirect_chain[-1][0].startswith(f"/records/research.project/{record.pk}/")


def test_a_form_with_a_fault_keeps_what_was_typed_and_says_where(client, teacher):
    answer = client.post(PROJECT, VALUES | {"title": "", "issuer": "市社科联"})
    page = answer.content.decode()
    assert (answer.status_code, Project.objects.count()) == (422, 0)
    assert 'id="error-title"' in page
    assert "市社科联" in page


def test_a_rule_of_the_record_is_shown_in_the_form(client, teacher):
    answer = client.post(PROJECT, VALUES | {"due_on": "2001-01-01"})
    assert answer.status_code == 422
    assert "早于" in answer.content.decode()


def test_what_is_typed_is_kept_and_comes_back(client, teacher, school):
    kept = client.post(f"{PROJECT}draft/", {"title": "没写完的题", "school": "east"})
    assert kept.content.decode() == "已自动保存"
    assert "没写完的题" in client.get(PROJECT).content.decode()
    assert "没有填完的" in client.get("/enter/").content.decode()
    client.post(PROJECT, VALUES)
    assert EntryDraft.objects.count() == 0
    client.post(f"{PROJECT}draft/", {"title": "又一个", "school": "east"})
    client.post(f"{PROJECT}draft/drop/", {"school": "east"})
    assert "又一个" not in client.get(PROJECT).content.decode()


def test_a_draft_being_typed_is_ones_own(client, teacher, school):
    client.post(f"{PROJECT}draft/", {"title": "我的草稿内容", "school": "east"})
    client.force_login(member(school, Role.TEACHER))
    assert "我的草稿内容" not in client.get(PROJECT).content.decode()


def test_files_go_with_the_record_and_a_wrong_one_does_not_lose_it(client, teacher):
    files = [
        SimpleUploadedFile("通知.pdf", PDF),
        SimpleUploadedFile("签到.png", PNG),
        SimpleUploadedFile("坏.exe", b"MZ"),
    ]
    page = client.post(PROJECT, VALUES | {"evidence": files}, follow=True).content.decode()
    record = Project.objects.get()
    assert sorted(record.evidence.values_list("title", flat=True)) == ["签到.png", "通知.pdf"]
    assert "文件没有收下" in page
    assert "坏.exe" in page


def test_many_people_are_entered_in_one_go(client, school):
    client.force_login(member(school, Role.OFFICE))
    project = ProjectFactory(school=school, state="approved")
    people = [StaffFactory(school=school, name=name) for name in ("张三", "李四", "王五")]
    values = {"project": project.pk, "role": "member", "order": 2, "names": "张三、李四\n王五 张三"}
    client.post("/enter/research.projectmember/", values)
    found = ProjectMember.objects.filter(project=project)
    assert sorted(m.staff_id for m in found) == sorted(person.pk for person in people)


def test_unknown_and_ambiguous_names_are_listed_and_nothing_is_entered(client, school):
    client.force_login(member(school, Role.OFFICE))
    project = ProjectFactory(school=school, state="approved")
    for key in ("S1", "S2"):
        StaffFactory(school=school, name="张三", key=key)
    values = {"project": project.pk, "role": "member", "order": 2, "names": "张三 赵六"}
    answer = client.post("/enter/research.projectmember/", values)
    page = answer.content.decode()
    assert (answer.status_code, ProjectMember.objects.count()) == (422, 0)
    assert "查不到：赵六" in page
    assert "S1、S2" in page or "S2、S1" in page


def test_a_copy_starts_with_what_the_other_says(client, teacher, school):
    other = ProjectFactory(school=school, title="可以照抄的题", state="approved")
    page = client.get(f"{PROJECT}?copy={other.pk}").content.decode()
    assert "可以照抄的题" in page
    assert other.key not in page


def test_a_new_form_starts_with_oneself_today_and_the_last_choices(client, teacher, school):
    me = StaffFactory(school=school, user=teacher, name="周教师")
    form = client.get("/enter/teaching.outreachlecture/").context["form"]
    assert form.initial["staff"] == me.pk
    assert form.initial["delivered_on"] == today()
    ProjectFactory(school=school, created_by=teacher, level="provincial")
    assert client.get(PROJECT).context["form"].initial["level"] == "provincial"


def test_a_draft_is_edited_and_a_second_editor_is_told(client, teacher, school):
    record = ProjectFactory(school=school, created_by=teacher, title="旧题")
    address = f"/records/research.project/{record.pk}/edit/"
    assert "旧题" in client.get(address).content.decode()
    client.post(address, VALUES | {"title": "新题", "version": 1})
    assert Project.objects.get().title == "新题"
    answer = client.post(address, VALUES | {"title": "迟到的题", "version": 1})
    page = answer.content.decode()
    assert (answer.status_code, Project.objects.get().title) == (409, "新题")
    assert "已经改过这条记录" in page
    assert "迟到的题" in page


def test_an_approved_record_is_corrected_with_a_reason_by_two_people(client, teacher, school):
    record = ProjectFactory(school=school, created_by=teacher, title="旧题", state="approved")
    address = f"/records/research.project/{record.pk}/"
    values = {"title": "新题", "level": "city", "approved_on": "2022-01-01", "version": "1"}
    assert client.post(f"{address}edit/", values).status_code == 422
    client.post(f"{address}edit/", values | {"correction_reason": "打错字"})
    assert Project.objects.get().title == "旧题"
    own = client.get(address).content.decode()
    assert ("等待审核的更正" in own, "同意更正" in own) == (True, False)
    client.force_login(member(school, Role.LEADER))
    page = client.get(address).content.decode()
    assert ("新题" in page, "打错字" in page) == (True, True)
    pk = client.get(address).context["correction"].pk
    client.post(f"/corrections/{pk}/apply/")
    assert Project.objects.get().title == "新题"


def test_a_trainee_finds_no_form(client, school):
    client.force_login(member(school, Role.TRAINEE))
    assert client.get("/enter/").status_code == 404
    assert client.get(PROJECT).status_code == 404
    assert client.post(PROJECT, VALUES).status_code == 404


def test_a_form_is_only_for_types_that_one_may_enter(client, teacher):
    assert client.get("/enter/people.staff/").status_code == 404
    assert "/enter/people.staff/" not in client.get("/enter/").content.decode()


def test_fields_that_are_not_in_the_form_cannot_be_set(client, teacher, school):
    other = SchoolFactory()
    extra = {
        "state": "approved", "school_id": other.pk, "version": 9, "created_by": 1,
        "submitted_by": 1, "decided_by": 1, "reason": "x", "import_batch": 1, "spelling": "x",
    }  # fmt: skip
    client.post(PROJECT, VALUES | extra)
    record = Project.objects.get()
    assert (record.state, record.school, record.version, record.created_by) == (
        "draft", school, 1, teacher,
    )  # fmt: skip
    assert record.decided_by is None


def test_choices_are_found_by_words_and_pinyin_in_ones_own_school(client, teacher, school):
    StaffFactory(school=school, name="张三丰")
    StaffFactory(school=SchoolFactory(), name="张三疯")
    for words in ("张三", "zsf", "zhangsan", "ZSF"):
        found = client.get("/records/people.staff/choices/", {"q": words}).json()["choices"]
        assert [one["text"] for one in found] == ["张三丰"]


def test_a_birth_date_is_not_found_by_who_may_not_see_it(client, teacher, school):
    StaffFactory(school=school, name="张三", birth_date=dt.date(1977, 7, 7))
    page = client.get("/records/people.staff/").content.decode()
    assert ("张三" in page, "1977" in page) == (True, False)
    csv = client.get("/records/people.staff/export.csv").content.decode()
    assert ("张三" in csv, "1977" in csv) == (True, False)
    import openpyxl

    made = client.get("/records/people.staff/export.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    values = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert ("张三" in values, any("1977" in value for value in values)) == (True, False)
    record = Staff.objects.get(name="张三")
    assert "1977" not in client.get(f"/records/people.staff/{record.pk}/").content.decode()
    narrowed = client.get("/records/people.staff/?sort=birth_date&cols=name,birth_date")
    assert "1977" not in narrowed.content.decode()


def test_a_person_sees_ones_own_birth_date(client, teacher, school):
    me = StaffFactory(school=school, user=teacher, birth_date=dt.date(1977, 7, 7))
    assert "1977" in client.get(f"/records/people.staff/{me.pk}/").content.decode()


def test_part_of_a_record_is_added_with_the_whole_filled_in(client, teacher, school):
    project = ProjectFactory(school=school, state="approved", created_by=teacher)
    ProjectMemberFactory(school=school, project=project)
    page = client.get(f"/records/research.project/{project.pk}/").content.decode()
    assert f"/enter/research.projectmember/?school=east&amp;as_of={today()}" in page
    form = client.get(f"/enter/research.projectmember/?project={project.pk}").context["form"]
    assert form.initial["project"] == project.pk


def test_each_save_is_noted(client, teacher):
    client.post(PROJECT, VALUES | {"then": "submit"})
    about = AuditEntry.objects.filter(object_type="research.project")
    actions = about.order_by("number").values_list("action", "source")
    assert list(actions) == [("create", "web"), ("submit", "web")]


def test_a_kept_draft_does_not_undo_what_another_did_meanwhile(client, teacher, school):
    record = ProjectFactory(school=school, created_by=teacher, title="原题")
    kept = {"record": record.pk, "version": 1, "title": "原题", "level": "city", "school": "east"}
    client.post(f"{PROJECT}draft/", kept)
    Project.objects.update(title="别人改的题", version=2)
    address = f"/records/research.project/{record.pk}/edit/"
    page = client.get(address).content.decode()
    assert "已经改过这条记录" in page
    answer = client.post(address, VALUES | {"title": "原题", "version": 1})
    assert (answer.status_code, Project.objects.get().title) == (409, "别人改的题")


def test_a_copy_takes_nothing_from_another_school(client, school):
    from sanneng.core.models import Membership

    city = SchoolFactory(code="city")
    below = SchoolFactory(code="below", parent=city)
    user = member(city, Role.OFFICE, Role.SUPERVISOR)
    assert Membership.objects.filter(user=user).count() == 2
    person = StaffFactory(school=below, birth_date=dt.date(1977, 7, 7))
    client.force_login(user)
    answer = client.get(f"/enter/people.staff/?school=city&copy={person.pk}")
    assert answer.status_code == 404


@pytest.mark.parametrize("given", ["²", "٣", "9" * 40, "x"])
def test_numbers_that_are_none_are_passed_over(client, teacher, given):
    assert client.get(f"{PROJECT}?copy={given}").status_code == 200
    assert (
        client.post("/records/research.project/bulk/", {"pk": given, "step": "void"}).status_code
        == 302
    )


def test_of_several_people_all_are_handed_in_or_none(client, school, monkeypatch):
    office = member(school, Role.OFFICE)
    client.force_login(office)
    project = ProjectFactory(school=school, state="approved")
    for name in ("张三", "李四"):
        StaffFactory(school=school, name=name)
    values = {
        "project": project.pk,
        "role": "member",
        "order": 2,
        "names": "张三 李四",
        "then": "submit",
    }
    client.post("/enter/research.projectmember/", values)
    assert set(ProjectMember.objects.values_list("state", flat=True)) == {"submitted"}
