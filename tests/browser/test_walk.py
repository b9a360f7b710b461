"""The ways through the product that people take, in a real browser."""

from __future__ import annotations

import os
import shutil

import pytest

from sanneng.core.enums import Role
from sanneng.core.models import Membership, User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium here"),
]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "long-enough-for-a-walk"


@pytest.fixture
def site(live_server, tmp_path):
    import datetime as dt

    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.sample.build import sample_school, write_sample

    workbook = tmp_path / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    assert import_workbook(workbook, school=school, by=None).is_clean
    user = User.objects.create_user("office", password=PASSWORD)
    Membership.objects.create(
        user=user, school=school, role=Role.OFFICE, valid_from=dt.date(2020, 1, 1)
    )
    return live_server.url


@pytest.fixture
def browser(monkeypatch):
    # Playwright runs an event loop in this thread, and Django would refuse the database in it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def open_page(browser, site: str, width: int):
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="zh-CN")
    page.faults = []
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((site, "data:")) else
            page.faults.append(f"left the site: {r.url}"))  # fmt: skip
    return page


def log_in(page, site: str) -> None:
    page.goto(f"{site}/?as_of=2023-06-30")
    page.fill("#id_username", "office")
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_selector("text=能教学")


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.django_db(transaction=True)
def test_from_log_in_down_to_the_evidence_and_through_the_check(browser, site, seed_speech):
    page = open_page(browser, site, 1440)
    log_in(page, site)
    page.goto(f"{site}/?as_of=2023-06-30")
    page.click("a.figure:has-text('立项省级科研课题')")
    page.wait_for_selector("text=按立项年统计")
    page.click("#behind a >> nth=0")
    page.wait_for_selector("a.evidence")
    with page.expect_download() as waiting:
        page.click("a.evidence")
    assert waiting.value.suggested_filename.endswith(".docx")

    page.goto(f"{site}/check/?as_of=2023-06-30")
    page.set_input_files("input[type=file]", str(seed_speech))
    page.click("main button.btn-primary")
    page.wait_for_selector(".claim")
    agreeing = page.locator(".claim-card[data-claim=agrees]").count()
    figures = page.locator(".claim-card a").evaluate_all(
        "links => new Set(links.map(a => a.pathname)).size"
    )
    assert (agreeing, figures) == (39, 38)

    page.fill("#text", "2020年以来，立项省级课题12项。")
    page.set_input_files("input[type=file]", [])
    page.click("main button.btn-primary")
    page.click("a.claim-disagrees")
    page.click(".claim-card:target a")
    page.wait_for_selector("text=背后的 11 条记录")
    assert page.faults == []


@pytest.mark.django_db(transaction=True)
def test_pages_fit_a_phone(browser, site):
    page = open_page(browser, site, 390)
    log_in(page, site)
    paths = ("/", "/records/", "/records/research.project/", "/check/", "/reports/",
             "/indicators/teaching.online_training.coverage/")  # fmt: skip
    wide = []
    for path in paths:
        page.goto(f"{site}{path}?as_of=2023-06-30")
        if not fits(page):
            wide.append(path)
    assert (wide, page.faults) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_list_narrows_while_one_types(browser, site):
    from playwright.sync_api import expect

    page = open_page(browser, site, 1440)
    log_in(page, site)
    page.goto(f"{site}/records/people.staff/")
    name = page.locator("#rows tbody td >> nth=1").inner_text()
    page.locator(".list-search input[type=search]").press_sequentially(name)
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert "q=" in page.url


@pytest.mark.django_db(transaction=True)
def test_searching_a_list_keeps_its_filters_and_its_export(browser, site):
    page = open_page(browser, site, 1440)
    log_in(page, site)
    page.goto(f"{site}/records/research.project/?state=approved&year=2022")
    page.locator(".list-search input[type=search]").press_sequentially("治理")
    page.wait_for_url("**q=*")
    page.wait_for_selector("#exports a[href*='q=']")
    link = page.locator("#exports a >> nth=0").get_attribute("href")
    assert page.locator(".chip-on").all_inner_texts() == ["已通过", "2022"]
    assert ("state=approved" in link, "year=2022" in link) == (True, True)
    assert page.faults == []


@pytest.mark.django_db(transaction=True)
def test_enter_in_the_reason_returns_and_never_approves(browser, site):
    from sanneng.research.models import Project

    project = Project.objects.filter(state="draft").first()
    Project.objects.filter(pk=project.pk).update(state="submitted")
    page = open_page(browser, site, 1440)
    log_in(page, site)
    page.goto(f"{site}/records/research.project/{project.pk}/")
    page.click("button:has-text('退回…')")
    page.fill("[name=reason]", "材料不全")
    page.press("[name=reason]", "Enter")
    page.wait_for_selector("text=材料不全")
    project.refresh_from_db()
    assert (project.state, page.faults) == ("returned", [])


@pytest.mark.django_db(transaction=True)
def test_day_can_be_typed(browser, site):
    page = open_page(browser, site, 1440)
    log_in(page, site)
    page.goto(f"{site}/")
    page.locator("input[name=as_of]").press_sequentially("12312022")
    page.wait_for_url("**as_of=2022-12-31*")
    assert page.faults == []
