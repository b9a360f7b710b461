"""A real browser, the site with the sample school, and accounts for every role."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from sanneng.core.enums import Role
from sanneng.core.models import Membership, User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "long-enough-for-a-walk"
DAY = "as_of=2023-06-30"
AXE = Path(__file__).resolve().parent.parent.parent / "node_modules/axe-core/axe.min.js"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="NOT TESTED: no Chromium here"))


@pytest.fixture
def site(live_server, tmp_path):
    """The address of the site, with the sample school in it."""
    from sanneng.core.spreadsheets.importing import import_workbook
    from sanneng.sample.build import sample_school, write_sample

    workbook = tmp_path / "sample.xlsx"
    write_sample(workbook)
    school = sample_school()
    assert import_workbook(workbook, school=school, by=None).is_clean
    account(school, "office", Role.OFFICE)
    return live_server.url


def account(school, name: str, *roles: Role) -> User:
    """A user who logs in as ``name``."""
    user = User.objects.create_user(name, password=PASSWORD, display_name=name)
    for role in roles:
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1)
        )
    return user


@pytest.fixture
def browser(monkeypatch):
    # Playwright runs an event loop in this thread, and Django would refuse the database in it.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser, live_server):
    """Open a page of its own session; what goes wrong in it is gathered in ``faults``."""

    def opened(width: int = 1440, **more):
        return new_page(browser, live_server.url, width, **more)

    return opened


def new_page(browser, site: str, width: int, **more):
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="zh-CN", **more)
    page.faults = []
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((site, "data:")) else
            page.faults.append(f"left the site: {r.url}"))  # fmt: skip
    return page


@pytest.fixture
def log_in(site):
    def logged_in(page, name: str = "office") -> None:
        page.goto(f"{site}/?{DAY}")
        page.fill("#id_username", name)
        page.fill("#id_password", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_selector("h1:has-text('工作台')")

    return logged_in


def fits(page) -> bool:
    """Whether nothing of the page reaches beyond the screen's side."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def barriers(page) -> list[str]:
    """Serious and critical barriers that axe finds in the page, by rule and place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
