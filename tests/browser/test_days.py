"""A working day of each role, from log-in to what is left behind."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sanneng.core.enums import Role
from sanneng.people.models import Staff
from sanneng.research.models import Project
from sanneng.teaching.models import Listening, Trainee
from tests.browser.conftest import DAY, account, barriers, fits
from tests.factories import PNG

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school(site):
    from sanneng.core.models import School

    return School.objects.get(code="demo")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_teacher_enters_a_lecture_heard_with_a_photo_in_two_screens(
    open_page, log_in, site, school, width
):
    user = account(school, "teacher", Role.TEACHER)
    me = Staff.objects.filter(school=school).first()
    Staff.objects.filter(pk=me.pk).update(user=user)
    page = open_page(width)
    log_in(page, "teacher")
    page.click(".tile:has-text('听课')")
    page.wait_for_selector(".ts-wrapper")
    assert me.name in page.locator(".ts-control >> nth=0").inner_text()
    page.fill("#id_topic", "浏览器里听的课")
    page.fill("#id_lecturer", "某老师")
    page.locator(".ts-control >> nth=1").click()
    page.keyboard.type("2023")
    page.wait_for_selector(".ts-dropdown .option.active:has-text('2023')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ts-wrapper .item:has-text('2023')")
    page.set_input_files(
        "input[name=evidence]", {"name": "签到.png", "mimeType": "image/png", "buffer": PNG}
    )
    page.click("button[value=submit]")
    page.wait_for_selector("h1:has-text('待审核'), .field-error")
    assert page.locator(".field-error").all_inner_texts() == []
    record = Listening.objects.get(topic="浏览器里听的课")
    assert (record.state, record.staff_id, record.evidence.count()) == ("submitted", me.pk, 1)
    assert fits(page)
    page.goto(f"{site}/?{DAY}")
    assert page.locator("main >> text=浏览器里听的课").count() == 1
    assert [f for f in page.faults if "400" not in f] == []


def test_what_is_typed_survives_a_closed_page(open_page, log_in, site, school):
    page = open_page()
    log_in(page)
    page.goto(f"{site}/enter/research.project/?{DAY}")
    page.fill("#id_title", "打到一半的题目")
    page.wait_for_selector("#kept:has-text('已自动保存')")
    page.goto(f"{site}/?{DAY}")
    page.goto(f"{site}/enter/research.project/?{DAY}")
    assert page.input_value("#id_title") == "打到一半的题目"
    page.click("text=不要了，重新填")
    page.wait_for_load_state()
    assert page.input_value("#id_title") == ""
    assert page.faults == []


def test_an_officer_approves_many_at_once_and_takes_it_back(open_page, log_in, site, school):
    teacher = account(school, "teacher", Role.TEACHER)
    Project.objects.filter(school=school, state="draft").delete()
    for number in range(3):
        Project.objects.create(
            school=school, key=f"W{number}", title=f"等候{number}", level="city",
            approved_on="2023-05-01", state="submitted", submitted_by=teacher, submitted_at=timezone.now(),
        )  # fmt: skip
    page = open_page()
    log_in(page)
    page.goto(f"{site}/todo/")
    page.click("main a:has-text('条科研课题待审核')")
    page.check("[data-all]")
    page.click(".bulk-bar button[value=approve]")
    page.click("button:has-text('确定通过')")
    page.wait_for_selector("text=批量操作可以撤销")
    assert Project.objects.filter(key__startswith="W", state="approved").count() == 3
    page.click("button:has-text('撤销')")
    page.wait_for_selector("text=恢复原状")
    assert Project.objects.filter(key__startswith="W", state="submitted").count() == 3
    assert page.faults == []


def test_a_leader_consents_to_a_correction_and_freezes_the_report(open_page, log_in, site, school):
    account(school, "leader", Role.LEADER)
    project = Project.objects.filter(school=school, state="approved").first()
    office = open_page()
    log_in(office)
    office.goto(f"{site}/records/research.project/{project.pk}/edit/?{DAY}")
    office.fill("#id_title", "更正以后的题目")
    office.fill("#correction_reason", "题目打错一个字")
    office.click("text=提交更正")
    office.wait_for_selector("text=等待审核的更正")
    page = open_page()
    log_in(page, "leader")
    page.goto(f"{site}/todo/")
    page.click("main a:has-text('申请更正')")
    page.click("button:has-text('同意更正')")
    page.wait_for_selector("h1:has-text('更正以后的题目')")
    assert page.locator(".changes").first.inner_text().endswith("更正以后的题目")
    page.goto(f"{site}/reports/?{DAY}")
    page.click("button:has-text('生成工作报告')")
    page.wait_for_selector(".fig")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("button:has-text('冻结')")
    page.wait_for_selector("h1:has-text('已冻结')")
    assert page.faults == []


def test_a_supervisor_looks_down_and_enters_nothing(open_page, log_in, site, school):
    account(school.parent, "above", Role.SUPERVISOR)
    page = open_page()
    log_in(page, "above")
    page.goto(f"{site}/figures/?school=demo&{DAY}")
    page.click("a.figure:has-text('立项省级科研课题')")
    page.wait_for_selector("text=背后的 11 条记录")
    page.click("#behind a >> nth=0")
    page.wait_for_selector("text=经过")
    assert page.locator("main a:has-text('更正'), main button:has-text('作废')").count() == 0
    assert page.locator(".nav-link:has-text('登记')").count() == 0


def test_a_trainee_sees_ones_own_record(open_page, log_in, site, school):
    user = account(school, "trainee", Role.TRAINEE)
    mine, other = Trainee.objects.filter(school=school)[:2]
    Trainee.objects.filter(pk=mine.pk).update(user=user)
    page = open_page(390)
    log_in(page, "trainee")
    page.goto(f"{site}/records/teaching.trainee/?{DAY}")
    names = page.locator("#rows td.first").all_inner_texts()
    assert names == [mine.name]
    assert page.goto(f"{site}/records/teaching.trainee/{other.pk}/").status == 404
    assert fits(page)


def test_an_administrator_switches_a_part_off_for_all(open_page, log_in, site, school):
    account(school, "admin", Role.ADMINISTRATOR)
    page = open_page()
    log_in(page, "admin")
    page.click(".nav-link:has-text('学校设置')")
    page.uncheck("input[value=challenge]")
    page.click("main button:has-text('保存')")
    page.wait_for_selector("text=设置已保存")
    colleague = open_page()
    log_in(colleague)
    colleague.goto(f"{site}/figures/?{DAY}")
    assert colleague.locator("h3:has-text('揭榜挂帅')").count() == 0


def test_an_auditor_reads_what_was_done(open_page, log_in, site, school):
    account(school, "auditor", Role.AUDITOR)
    office = open_page()
    log_in(office)
    page = open_page(390)
    log_in(page, "auditor")
    page.click(".navbar-toggler")
    page.click(".nav-link:has-text('审计日志')")
    page.wait_for_selector("h1:has-text('审计日志')")
    assert fits(page)


PAGES = (
    "/", "/figures/", "/enter/", "/enter/teaching.listening/", "/records/",
    "/records/research.project/", "/imports/", "/reports/", "/check/", "/search/?q=zhang",
    "/indicators/research.projects.provincial/", "/school/", "/audit/",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_barrier(open_page, log_in, site, school, scheme):
    account(school, "all", *Role)
    page = open_page(color_scheme=scheme)
    found = {}
    page.goto(f"{site}/login/")
    if faults := barriers(page):
        found["/login/"] = faults
    log_in(page, "all")
    project = Project.objects.filter(school=school, state="approved").first()
    for path in (*PAGES, f"/records/research.project/{project.pk}/"):
        page.goto(f"{site}{path}{'&' if '?' in path else '?'}school=demo&{DAY}")
        page.wait_for_load_state("networkidle")
        if faults := barriers(page):
            found[path] = faults
    assert found == {}


def test_the_keyboard_leads_to_search_entry_and_help(open_page, log_in, site):
    page = open_page()
    log_in(page)
    page.keyboard.press("/")
    page.keyboard.type("zhang")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('zhang')")
    page.goto(f"{site}/records/?{DAY}")
    page.keyboard.press("?")
    page.wait_for_selector("#help.show")
    page.keyboard.press("Escape")
    page.wait_for_selector("#help", state="hidden")
    page.keyboard.press("n")
    page.wait_for_selector("h1:has-text('登记什么')")
    assert page.faults == []
