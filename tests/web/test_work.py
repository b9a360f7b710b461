"""The pages of jobs, to-dos, notices, the calendar and group robots, seen by several people."""

import datetime as dt
import io

import openpyxl
import pytest
import time_machine
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from sanneng.core.clock import today
from sanneng.core.domain import live
from sanneng.core.domain.deadlines import set_deadline
from sanneng.core.domain.jobs import run
from sanneng.core.domain.notices import notify
from sanneng.core.domain.records import submit_record
from sanneng.core.enums import NoticeKind, Role
from sanneng.core.models import (
    ChatRobot,
    Correction,
    Deadline,
    ImportBatch,
    Job,
    Membership,
    Notice,
    NoticeSetting,
    School,
    User,
)
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.jobs import start_import
from sanneng.core.todos import count_of
from sanneng.people.models import Staff
from sanneng.reports.library import freeze_report
from sanneng.reports.models import Report
from sanneng.research.models import Project
from sanneng.web.scope import scope_of
from tests.core.rows import STAFF, ZHANG, write_sheets
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
MARKER = "外校标记甲乙丙"


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.JOBS_ROOT, settings.UPLOADS_ROOT = tmp_path / "jobs", tmp_path / "uploads"
    settings.REPORTS_ROOT = tmp_path / "reports"
    # Counts are kept by user and school, which have the same numbers in every test.
    caches["quick"].clear()


@pytest.fixture
def school(db):
    return School.objects.create(code="east", name="东区党校", level="district")


@pytest.fixture
def other_school(db):
    return School.objects.create(code="west", name="西区党校", level="district")


@pytest.fixture
def member(school):
    def make(role, where=None):
        user = User.objects.create(username=f"{role}{User.objects.count()}")
        Membership.objects.create(
            user=user, school=where or school, role=role, valid_from=dt.date(2020, 1, 1)
        )
        return user

    return make


@pytest.fixture
def office(member):
    return member(Role.OFFICE)


@pytest.fixture
def page(client):
    """What ``user`` gets at an address."""

    def got(user, name, *args, post=None, **query):
        client.force_login(user)
        address = reverse(name, args=args)
        return client.post(address, post) if post is not None else client.get(address, query)

    return got


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def project(school, key, by, title="题"):
    return Project.objects.create(
        school=school, key=key, title=f"{title}{key}", level="city",
        approved_on=dt.date(2022, 1, 1), created_by=by,
    )  # fmt: skip


@pytest.fixture
def exported(page, school, other_school, office):
    """An export asked for by the office, and done."""
    project(school, "1", office)
    project(school, "2", office)
    project(other_school, "3", None, MARKER)
    response = page(
        office, "job-export", post={"code": "research.project", "form": "xlsx", "query": "q=题1"}
    )
    job = Job.objects.get()
    assert response.url == reverse("job", args=(job.pk,))
    run(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize(
    "name", ["jobs", "todo", "notices", "notice-settings", "calendar", "chat-settings"]
)
def test_the_pages_ask_for_log_in(client, name):
    assert client.get(reverse(name)).status_code == 302


def test_an_export_holds_what_its_list_shows(page, office, exported):
    response = page(office, "job-file", exported.pk)
    assert "attachment" in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    cells = [cell.value for row in book["科研课题"].iter_rows() for cell in row]
    assert ("题1" in cells, "题2" in cells, f"{MARKER}3" in cells) == (True, False, False)
    assert exported.result == {"number": 1}


def test_a_job_and_its_file_are_for_nobody_but_its_owner(page, exported, member, other_school):
    """TH24: not even for a leader of the same school."""
    for user in (member(Role.LEADER), member(Role.OFFICE), member(Role.OFFICE, other_school)):
        for name in ("job", "job-part", "job-file"):
            assert page(user, name, exported.pk).status_code == 404
        assert page(user, "job-retry", exported.pk, post={}).status_code == 404
        assert exported.title not in text(page(user, "jobs"))


def test_who_left_the_school_no_longer_gets_the_file(page, exported, office, other_school):
    Membership.objects.filter(user=office).update(school=other_school)
    for name in ("job", "job-file"):
        assert page(office, name, exported.pk).status_code == 404


def test_an_export_with_nonsense_is_refused_and_makes_no_job(page, office):
    for post in (
        {"code": "core.user", "form": "xlsx"},
        {"code": "research.project", "form": "exe"},
    ):
        assert page(office, "job-export", post=post).status_code == 302
    assert Job.objects.count() == 0


def test_progress_is_asked_for_until_the_job_ends(page, office, school):
    page(office, "job-export", post={"code": "research.project", "form": "csv", "query": ""})
    job = Job.objects.get()
    assert 'hx-trigger="every 1s"' in text(page(office, "job", job.pk))
    Job.objects.update(state="running")
    with live.grip(job.pk) as pen:
        pen.write(live.Progress("检查各行", 30, 60))
        part = text(page(office, "job-part", job.pk))
    assert ("检查各行 30 / 60" in part, 'class="progress-bar w-50p"' in part) == (True, True)
    Job.objects.update(state="queued")
    run(job.pk)
    part = text(page(office, "job-part", job.pk))
    assert ("every 1s" in part, "下载" in part or "科研课题.csv" in part) == (False, True)


def test_a_failed_import_shows_where_and_what_to_do(page, office, school, tmp_path):
    path = write_sheets(
        tmp_path / "表.xlsx", {"教职工": [STAFF, ["S1", "", "哪天", "男", "已通过"]]}
    )
    source = ContentFile(path.read_bytes())
    job = start_import(upload=source, name="表.xlsx", school=school, by=office, dry_run=True)
    run(job.pk)
    shown = text(page(office, "job", job.pk))
    assert ("出生日期" in shown, "标注-表.xlsx" in shown) == (True, True)


def test_after_a_clean_dry_run_its_owner_imports_the_same_file(
    page, office, member, school, tmp_path
):
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, ZHANG]})
    source = ContentFile(path.read_bytes(), name="表.xlsx")
    job = start_import(upload=source, school=school, by=office, dry_run=True)
    address = ("job-confirm", job.pk)
    page(office, *address, post={})
    assert Job.objects.count() == 1  # Nobody knows yet whether it is without errors.
    run(job.pk)
    assert "正式导入" in text(page(office, "job", job.pk))
    assert page(member(Role.LEADER), *address, post={}).status_code == 404
    response = page(office, *address, post={})
    real = Job.objects.latest("pk")
    assert response.url == reverse("job", args=(real.pk,))
    run(real.pk)
    assert "导入完成" in text(page(office, "job", real.pk))
    assert [staff.name for staff in Staff.objects.all()] == ["张三"]


def test_an_import_asks_again_about_what_is_new_since_the_trial(page, office, school, tmp_path):
    line = ["S2", "张 三", "1990-01-02", "男", "已通过"]
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, line]})
    source = ContentFile(path.read_bytes(), name="表.xlsx")
    job = start_import(upload=source, school=school, by=office, dry_run=True)
    run(job.pk)
    assert Job.objects.get().result["doubt_count"] == 0
    StaffFactory(school=school, key="S1", name="张三")  # Somebody enters it meanwhile.
    page(office, "job-confirm", job.pk, post={})
    real = Job.objects.latest("pk")
    run(real.pk)
    assert Staff.objects.count() == 1
    shown = text(page(office, "job", real.pk))
    assert ("没有导入" in shown, "可能与已有的“张三”" in shown) == (True, True)
    page(office, "job-confirm", real.pk, post={})
    assert Job.objects.count() == 2  # Not without saying that it has been looked at.
    page(office, "job-confirm", real.pk, post={"settled": "1"})
    run(Job.objects.latest("pk").pk)
    assert Staff.objects.count() == 2


def test_what_an_import_would_change_in_approved_records_is_said(page, office, school, tmp_path):
    StaffFactory(school=school, key="S1", name="张三")
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, ["S1", "张三丰", "", "", ""]]})
    source = ContentFile(path.read_bytes(), name="表.xlsx")
    job = start_import(upload=source, school=school, by=office, dry_run=True)
    run(job.pk)
    assert "申请更正 1" in text(page(office, "job", job.pk))
    page(office, "job-confirm", job.pk, post={})
    real = Job.objects.latest("pk")
    run(real.pk)
    assert "申请更正 1" in text(page(office, "job", real.pk))
    batch = ImportBatch.objects.get()
    assert "申请更正 1 条" in text(page(office, "import-batch", batch.pk))
    Correction.objects.update(state="applied")
    undone = page(office, "import-undo", batch.pk, post={})
    assert undone.status_code == 302
    assert "1 份更正已由别人同意" in text(page(office, "import-batch", batch.pk))


def test_a_batch_shows_what_one_may_read_and_is_undone_by_who_may_decide(
    page, member, school, tmp_path
):
    statuses = ["教职工编号", "政治面貌", "开始日期"]
    path = write_sheets(
        tmp_path / "表.xlsx",
        {"教职工": [STAFF, ZHANG], "政治面貌": [statuses, ["S1", "中共党员", "2001-01-01"]]},
    )
    keeper, other = member(Role.GENERAL_OFFICE), member(Role.RESEARCH_OFFICE)
    report = import_workbook(path, school=school, by=keeper)
    assert report.errors == []
    address = ("import-batch", report.batch.pk)
    shown = text(page(other, *address))
    assert ("中共党员" in shown, "另有 1 条您无权查看" in shown) == (False, True)
    assert ("张三" in shown, "由分管股室或校领导撤销" in shown) == (True, True)
    assert reverse("import-undo", args=(report.batch.pk,)) not in shown
    page(other, "import-undo", report.batch.pk, post={})
    assert Staff.objects.count() == 1
    shown = text(page(keeper, *address))
    assert ("中共党员" in shown, "无权查看" in shown) == (True, False)
    page(keeper, "import-undo", report.batch.pk, post={})
    assert Staff.objects.count() == 0


def test_a_failed_job_can_be_done_again(page, office, school):
    Job.objects.create(
        school=school, user=office, kind="export", title="导出", state="failed", error="库忙",
        content="1", arguments={"code": "research.project", "query": "", "form": "csv"},
        finished_at=timezone.now(),
    )  # fmt: skip
    job = Job.objects.get()
    assert "库忙" in text(page(office, "jobs"))
    assert "没有完成，请重做" in text(page(office, "todo"))
    page(office, "job-retry", job.pk, post={})
    run(job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert "没有完成" not in text(page(office, "todo"))


def test_a_report_is_made_once_in_the_background(page, member, school):
    leader = member(Role.LEADER)
    for _turn in range(2):
        page(leader, "job-report", post={"school": "east", "as_of": "2023-06-30"})
    job = Job.objects.get()
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"report": Report.objects.get().pk}), job.error
    Job.objects.update(state="queued")
    run(job.pk)
    assert Report.objects.count() == 1


def test_a_frozen_report_is_told_to_its_maker_and_the_leaders(school, member, office):
    leader, other_office = member(Role.LEADER), member(Role.OFFICE)
    report = Report.objects.create(
        school=school, title="报告", as_of=today(), digest="0" * 64, figures=[], created_by=office
    )
    freeze_report(report=report, by=other_office)
    assert {one.user for one in Notice.objects.filter(kind="frozen")} == {leader, office}


def test_to_dos_are_in_groups_and_lead_to_where_they_are_done(page, office, member, school):
    teacher = member(Role.TEACHER)
    submit_record(record=project(school, "1", teacher), by=teacher)
    late = today() - dt.timedelta(days=2)
    for owner in (office, teacher):
        set_deadline(
            school=school, code="x", title=f"{owner}的事", owner=owner, due_on=late, by=None
        )
    shown = text(page(office, "todo"))
    assert shown.index("已逾期") < shown.index(f"{office}的事") < shown.index("1 条科研课题待审核")
    assert "/records/research.project/?school=east&amp;state=submitted" in shown
    assert f"{teacher}的事" in shown[shown.index("本校逾期") :]
    mine = text(page(teacher, "todo"))
    assert (f"{teacher}的事" in mine, f"{office}的事" in mine) == (True, False)
    assert "本校逾期" not in mine


def test_a_deadline_is_extended_on_the_page_with_a_reason(page, office, member, school):
    teacher = member(Role.TEACHER)
    due, to = today() - dt.timedelta(days=1), today() + dt.timedelta(days=9)
    deadline = set_deadline(school=school, code="x", title="事", owner=teacher, due_on=due, by=None)
    address = ("deadline-extend", deadline.pk)
    assert page(member(Role.TEACHER), *address, post={"to": to, "reason": "忙"}).status_code == 404
    page(teacher, *address, post={"to": to, "reason": "忙"})
    page(office, *address, post={"to": "何时", "reason": "忙"})
    page(office, *address, post={"to": to, "reason": ""})
    assert Deadline.objects.get().due_on == due
    page(office, *address, post={"to": to, "reason": "外出"})
    assert Deadline.objects.get().due_on == to
    page(office, "deadline-close", deadline.pk, post={})
    assert Deadline.objects.get().done_at is not None


def test_notices_are_followed_read_and_ones_own(page, office, member, school):
    leader = member(Role.LEADER)
    notify([office], NoticeKind.APPROVED, "您的记录已通过", school=school, link="/records/")
    notify([leader], NoticeKind.APPROVED, "别人的消息", school=school)
    shown = text(page(office, "notices"))
    assert ("您的记录已通过" in shown, "别人的消息" in shown) == (True, False)
    other = Notice.objects.get(user=leader)
    assert page(office, "notice", other.pk, post={}).status_code == 404
    assert page(office, "notice", Notice.objects.get(user=office).pk, post={}).url == "/records/"
    page(office, "notices-read", post={})
    assert [one.user for one in Notice.objects.filter(read_at__isnull=True)] == [leader]


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_a_notice_leads_nowhere_outside(page, office, school, link):
    notify([office], NoticeKind.APPROVED, "字", school=school, link=link)
    assert page(office, "notice", Notice.objects.get().pk, post={}).url == reverse("notices")


def test_what_to_be_told_of_is_chosen_by_kind(page, office):
    page(office, "notice-settings", post={"in_app": ["returned", "digest"], "by_mail": ["digest"]})
    chosen = {one.kind: (one.in_app, one.by_mail) for one in NoticeSetting.objects.all()}
    assert chosen["returned"] == (True, False)
    assert chosen["digest"] == (False, True)
    assert chosen["approved"] == (False, False)
    assert 'value="returned"' in text(page(office, "notice-settings"))


@pytest.mark.parametrize("view", ["month", "week", "list", "nonsense"])
def test_the_calendar_shows_deadlines_and_holidays(page, office, school, view):
    with time_machine.travel(dt.datetime(2026, 2, 17, 4, tzinfo=dt.UTC), tick=False):
        set_deadline(
            school=school, code="x", title="交计划", owner=office, due_on=dt.date(2026, 2, 18),
            by=None,
        )  # fmt: skip
        shown = text(page(office, "calendar", view=view))
    assert ("期限：交计划" in shown, "春节" in shown) == (True, True)


@pytest.mark.parametrize("day", ["2031-10-01", "0001-01-01", "9999-12-31", "x"])
def test_the_calendar_bears_any_day(page, office, day):
    text(page(office, "calendar", day=day))


def test_the_calendar_address_is_shown_once(page, client, office):
    page(office, "calendar-feed", post={"step": "renew"})
    shown = text(page(office, "calendar"))
    address = shown.split("http://testserver")[1].split('"')[0]
    assert address not in text(page(office, "calendar"))
    client.logout()
    assert client.get(address).status_code == 200
    page(office, "calendar-feed", post={"step": "revoke"})
    assert client.get(address).status_code == 404


def test_group_robots_are_for_the_administrator(page, office, member, settings):
    settings.OUTBOUND_HOSTS = ["127.0.0.1:9"]
    save = {"step": "save", "address": "http://127.0.0.1:9/?key=GEHEIM", "is_on": "on"}
    for user in (office, member(Role.LEADER), member(Role.SECURITY)):
        assert page(user, "chat-settings").status_code == 404
        assert page(user, "chat-step", "wecom", post=save).status_code == 404
    keeper = member(Role.ADMINISTRATOR)
    page(keeper, "chat-step", "wecom", post=save)
    assert ChatRobot.objects.get().is_on
    shown = text(page(keeper, "chat-settings"))
    assert ("已启用" in shown, "GEHEIM" in shown) == (True, False)
    page(keeper, "chat-step", "wecom", post={"step": "try"})
    assert "连不上" in text(page(keeper, "chat-settings"))
    page(keeper, "chat-step", "dingtalk", post={**save, "address": "https://example.com/"})
    assert ChatRobot.objects.count() == 1
    page(keeper, "chat-step", "wecom", post={"step": "remove"})
    assert ChatRobot.objects.count() == 0


def test_looking_changes_nothing(page, office, school, exported):
    """AS15: a GET of an address that acts does not act."""
    notify([office], NoticeKind.APPROVED, "字", school=school)
    set_deadline(school=school, code="x", title="事", owner=office, due_on=today(), by=None)
    before = [list(model.objects.values()) for model in (Job, Notice, Deadline)]
    for address in (
        ("job-retry", exported.pk), ("job-export",), ("job-report",), ("notices-read",),
        ("notice", Notice.objects.get().pk), ("deadline-close", Deadline.objects.get().pk),
        ("deadline-extend", Deadline.objects.get().pk), ("calendar-feed",),
    ):  # fmt: skip
        assert page(office, *address).status_code == 302
    assert before == [list(model.objects.values()) for model in (Job, Notice, Deadline)]


def test_the_navigation_counts_once_in_a_request(rf, office, school, django_assert_max_num_queries):
    """What the sidebar shows: as many as the page lists, in at most four queries."""
    set_deadline(school=school, code="x", title="甲", owner=office, due_on=today(), by=None)
    notify([office], NoticeKind.APPROVED, "字", school=school)
    request = rf.get("/")
    request.user, request.session = office, {}
    context = Context({"request": request, "scope": scope_of(request)})
    tags = "{% load work %}{% todo_count as n %}{{ n }}{% todo_count as n %}{{ n }}"
    assert count_of(office, scope_of(request).rights, school) == 1
    with django_assert_max_num_queries(6):
        assert Template(tags).render(context) == "11"
    assert Template("{% load work %}{% notice_count as n %}{{ n }}").render(context) == "1"
    part = '{% load work %}{% first_todos as todos %}{% include "web/parts/todo_list.html" %}'
    assert "甲" in Template(part).render(context)
