"""The ways through the product that people take, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import fits


@pytest.mark.django_db(transaction=True)
def test_from_log_in_down_to_the_evidence_and_through_the_check(
    open_page, log_in, site, seed_speech
):
    page = open_page()
    log_in(page)
    page.goto(f"{site}/figures/?as_of=2023-06-30")
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
def test_pages_fit_a_phone(open_page, log_in, site):
    page = open_page(390)
    log_in(page)
    paths = ("/", "/figures/", "/enter/", "/enter/teaching.listening/", "/imports/", "/records/", "/records/research.project/", "/check/", "/reports/",
             "/indicators/teaching.online_training.coverage/")  # fmt: skip
    wide = []
    for path in paths:
        page.goto(f"{site}{path}?as_of=2023-06-30")
        if not fits(page):
            wide.append(path)
    assert (wide, page.faults) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_list_narrows_while_one_types(open_page, log_in, site):
    from playwright.sync_api import expect

    page = open_page()
    log_in(page)
    page.goto(f"{site}/records/people.staff/")
    name = page.locator("#rows tbody td >> nth=2").inner_text()
    page.locator(".list-search input[type=search]").press_sequentially(name)
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert "q=" in page.url


@pytest.mark.django_db(transaction=True)
def test_searching_a_list_keeps_its_filters_and_its_export(open_page, log_in, site):
    page = open_page()
    log_in(page)
    page.goto(f"{site}/records/research.project/?state=approved&year=2022")
    page.locator(".list-search input[type=search]").press_sequentially("治理")
    page.wait_for_url("**q=*")
    page.wait_for_selector("#exports a[href*='q=']")
    link = page.locator("#exports a >> nth=0").get_attribute("href")
    assert page.locator(".chip-on").all_inner_texts() == ["已通过", "2022"]
    assert ("state=approved" in link, "year=2022" in link) == (True, True)
    assert page.faults == []


@pytest.mark.django_db(transaction=True)
def test_enter_in_the_reason_returns_and_never_approves(open_page, log_in, site):
    from sanneng.research.models import Project

    project = Project.objects.filter(state="draft").first()
    Project.objects.filter(pk=project.pk).update(state="submitted")
    page = open_page()
    log_in(page)
    page.goto(f"{site}/records/research.project/{project.pk}/")
    page.click("button:has-text('退回…')")
    page.fill("[name=reason]", "材料不全")
    page.press("[name=reason]", "Enter")
    page.wait_for_selector("text=材料不全")
    project.refresh_from_db()
    assert (project.state, page.faults) == ("returned", [])


@pytest.mark.django_db(transaction=True)
def test_day_can_be_typed(open_page, log_in, site):
    page = open_page()
    log_in(page)
    page.goto(f"{site}/")
    page.locator("input[name=as_of]").press_sequentially("12312022")
    page.wait_for_url("**as_of=2022-12-31*")
    assert page.faults == []
