"""Lists: columns, saved views, search by sound, many at once, and what one may see of them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sanneng.core.enums import Role
from sanneng.core.models import AuditEntry, SavedView
from sanneng.research.models import Project
from tests.factories import (
    PNG,
    ProjectFactory,
    SchoolFactory,
    StaffFactory,
    TitleFactory,
    member,
)

pytestmark = pytest.mark.django_db
LIST = "/records/research.project/"


@pytest.fixture
def school():
    return SchoolFactory(code="east")


@pytest.fixture
def office(client, school):
    user = member(school, Role.OFFICE)
    client.force_login(user)
    return user


def rows(client, **query):
    return [record.title for record, _cells in client.get(LIST, query).context["rows"]]


def test_a_list_is_searched_by_words_pinyin_and_initials(client, office, school):
    ProjectFactory(school=school, title="乡村振兴研究")
    ProjectFactory(school=school, title="基层治理研究")
    for words in ("乡村", "xczx", "xiangcun", "XCZX yj"):
        assert rows(client, q=words) == ["乡村振兴研究"]


def test_records_about_a_person_are_found_by_the_sound_of_the_name(client, office, school):
    TitleFactory(school=school, staff=StaffFactory(school=school, name="单雄信"))
    TitleFactory(school=school, staff=StaffFactory(school=school, name="罗成"))
    found = client.get("/records/people.title/", {"q": "sxx"}).context["rows"]
    assert [record.staff.name for record, _cells in found] == ["单雄信"]


def test_columns_are_chosen_in_the_address_and_go_into_the_csv(client, office, school):
    ProjectFactory(school=school, title="甲", issuer="市社科联")
    query = {"cols": "title,issuer"}
    headings = [head.label for head in client.get(LIST, query).context["headings"]]
    assert headings == ["课题名称", "立项单位"]
    lines = client.get(f"{LIST}export.csv", query).content.decode("utf-8-sig").splitlines()
    assert lines == ["课题名称,立项单位,状态", "甲,市社科联,草稿"]


def test_unknown_columns_are_passed_over(client, office, school):
    ProjectFactory(school=school)
    answer = client.get(LIST, {"cols": "nonsense,password,school"})
    assert [head.label for head in answer.context["headings"]][:2] == ["编号", "课题名称"]


def test_records_without_evidence_are_listed(client, office, school):
    import io

    from sanneng.core.domain.evidence import attach_file

    with_proof = ProjectFactory(school=school, title="有佐证")
    attach_file(record=with_proof, source=io.BytesIO(PNG), name="图.png", by=None)
    ProjectFactory(school=school, title="无佐证")
    assert rows(client, evidence="none") == ["无佐证"]


def test_a_view_is_saved_shared_and_removed(client, office, school):
    client.post(
        f"{LIST}views/",
        {"name": "我的市级题", "query": "level=city&page=3&school=east"},
        follow=True,
    )
    view = SavedView.objects.get()
    assert (view.query, view.is_shared) == ("level=city", False)
    colleague = member(school, Role.TEACHER)
    client.force_login(colleague)
    assert "我的市级题" not in client.get(LIST).content.decode()
    SavedView.objects.update(is_shared=True)
    assert client.get(LIST).context["views"][0]["view"] == view
    assert client.post(f"/views/{view.pk}/remove/").status_code == 404
    client.force_login(office)
    client.post(f"/views/{view.pk}/remove/")
    assert SavedView.objects.count() == 0


def saved(client, **values):
    return client.post(f"{LIST}views/", {"name": "视图", "query": "", **values}, follow=True)


@pytest.mark.parametrize(
    ("role", "shared"),
    [(Role.OFFICE, True), (Role.LEADER, True), (Role.TEACHER, True), (Role.SUPERVISOR, False)],
)
def test_a_view_is_shared_by_those_who_work_on_records(client, school, role, shared):
    client.force_login(member(school, role))
    page = saved(client, shared="1").content.decode()
    assert SavedView.objects.get().is_shared == shared
    assert ("只有您自己能看到" in page) != shared


def test_a_trainee_saves_no_view_of_what_a_trainee_does_not_read(client, school):
    client.force_login(member(school, Role.TRAINEE))
    for address in (f"{LIST}views/", "/records/people.staff/views/"):
        assert client.post(address, {"name": "x", "shared": "1"}).status_code == 404
    assert SavedView.objects.count() == 0


def test_a_view_that_is_too_long_is_refused_and_none_is_cut_off(client, office):
    page = saved(client, query="q=" + "中" * 120).content.decode()
    assert ("筛选条件太长" in page, SavedView.objects.count()) == (True, 0)
    saved(client, query="q=" + "中" * 110)
    assert len(SavedView.objects.get().query) == 992


def test_nobody_keeps_more_than_fifty_views_in_a_school(client, office, school):
    for number in range(50):
        saved(client, name=f"视图{number}")
    page = saved(client, name="再来一个").content.decode()
    assert ("最多存 50 个" in page, SavedView.objects.count()) == (True, 50)
    saved(client, name="视图1", query="level=city")
    assert SavedView.objects.get(name="视图1").query == "level=city"


def test_many_are_approved_after_a_look_and_taken_back(client, office, school):
    teacher = member(school, Role.TEACHER)
    waiting = ProjectFactory.create_batch(
        2, school=school, state="submitted", submitted_by=teacher, submitted_at=timezone.now()
    )
    mine = ProjectFactory(school=school, state="submitted", submitted_by=office)
    pks = [record.pk for record in (*waiting, mine)]
    look = client.post(f"{LIST}bulk/", {"pk": pks, "step": "approve"})
    assert (look.context["willing"], [one.record for one in look.context["refused"]]) == (
        waiting, [mine],
    )  # fmt: skip
    assert set(Project.objects.values_list("state", flat=True)) == {"submitted"}
    client.post(f"{LIST}bulk/apply/", {"pk": [r.pk for r in waiting], "step": "approve"})
    assert Project.objects.filter(state="approved").count() == 2
    assert "批量操作可以撤销" in client.get(LIST).content.decode()
    client.post(f"{LIST}bulk/undo/")
    assert set(Project.objects.values_list("state", flat=True)) == {"submitted"}
    assert "批量操作可以撤销" not in client.get(LIST).content.decode()


def test_a_bulk_step_does_not_reach_into_another_school(client, office, school):
    foreign = ProjectFactory(state="submitted")
    for path in ("bulk/", "bulk/apply/"):
        client.post(f"{LIST}{path}", {"pk": [foreign.pk], "step": "approve"})
    foreign.refresh_from_db()
    assert foreign.state == "submitted"


@pytest.mark.parametrize("step", ["", "nonsense", "reopen"])
def test_a_bulk_step_that_there_is_not_is_not_found(client, office, school, step):
    record = ProjectFactory(school=school)
    assert client.post(f"{LIST}bulk/", {"pk": [record.pk], "step": step}).status_code == 404


def test_a_teacher_sees_ones_own_facts_and_nobody_elses(client, school):
    teacher = member(school, Role.TEACHER)
    me = StaffFactory(school=school, name="周某", user=teacher)
    TitleFactory(school=school, staff=me, name="讲师甲")
    TitleFactory(school=school, name="讲师乙")
    client.force_login(teacher)
    page = client.get("/records/people.title/").content.decode()
    assert ("讲师甲" in page, "讲师乙" in page) == (True, False)
    assert "讲师乙" not in client.get("/records/people.title/export.csv").content.decode()


def test_an_export_is_noted_with_what_was_asked(client, office, school):
    client.get(f"{LIST}export.csv", {"level": "city"})
    entry = AuditEntry.objects.get(action="export")
    assert (entry.details["query"], entry.details["types"]) == ("level=city", ["research.project"])


def test_a_trainee_lists_only_ones_own(client, school):
    from sanneng.teaching.models import Trainee
    from tests.factories import TrainingClassFactory

    user = member(school, Role.TRAINEE)
    group = TrainingClassFactory(school=school)
    for number, account in enumerate((user, None)):
        Trainee.objects.create(
            school=school, key=f"T{number}", training_class=group, name=f"学员{number}号",
            user=account, state="approved",
        )  # fmt: skip
    client.force_login(user)
    page = client.get("/records/teaching.trainee/").content.decode()
    assert ("学员0号" in page, "学员1号" in page) == (True, False)
    assert client.get("/figures/").status_code == 404


def test_parts_that_are_switched_off_disappear(client, office, school):
    assert LIST in client.get("/records/").content.decode()
    school.switched_off = ["all_staff"]
    school.save()
    for page in ("/records/", "/enter/"):
        assert "research.project/" not in client.get(page).content.decode()
    assert "全员科研" not in client.get("/figures/").content.decode()
    ProjectFactory(school=school, title="关掉的题")
    assert "关掉的题" not in client.get("/search/?q=关掉").content.decode()


def test_an_export_asks_a_fixed_number_of_questions(
    client, office, school, django_assert_max_num_queries
):
    for _turn in range(15):
        TitleFactory(school=school)
    client.get("/records/people.title/export.csv")
    with django_assert_max_num_queries(22):
        client.get("/records/people.title/export.csv")


def test_the_records_behind_a_figure_are_noted_when_they_go_out(client, office, school):
    client.get("/indicators/research.projects.city/records.csv")
    assert AuditEntry.objects.filter(action="export").count() == 1
