"""Making a token in a real browser, on a desktop and on a phone."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from django.test import Client

from sanneng.core.enums import Role, SchoolLevel
from sanneng.core.models import Membership, School, User
from tests.browser.conftest import PASSWORD, new_page


@pytest.fixture
def school_site(live_server):
    school = School.objects.create(code="east", name="东区党校", level=SchoolLevel.DISTRICT)
    for role in (Role.TEACHER, Role.SECURITY):
        user = User.objects.create_user(role, password=PASSWORD)
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1)
        )
    return live_server.url


def log_in(page, site: str, name: str) -> None:
    page.goto(f"{site}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")


@pytest.mark.parametrize("width", [1280, 390])
def test_token_is_made_shown_once_and_revoked(browser, school_site, width):
    page = new_page(browser, school_site, width)
    log_in(page, school_site, "teacher")
    page.goto(f"{school_site}/account/tokens/")
    page.fill("#token-name", "门户同步")
    page.check("[value='records:read']")
    page.click("text=生成令牌 >> nth=-1")
    key = page.input_value("#new-key")
    picture(page, f"token-{width}")
    asked = Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"})
    assert asked.json()["token"]["scopes"] == ["records:read"]
    page.goto(f"{school_site}/account/tokens/")
    assert key not in page.content()
    page.click("text=作废")
    assert page.locator("text=令牌已作废").count() == 1
    assert (
        Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).status_code == 401
    )
    page.goto(f"{school_site}/api/")
    picture(page, f"api-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []


def test_service_account_gets_its_token(browser, school_site):
    page = new_page(browser, school_site, 1280)
    log_in(page, school_site, "security")
    page.goto(f"{school_site}/account/tokens/")
    page.fill("#service-name", "一卡通")
    page.select_option("#service-role", "office")
    page.click("text=建立 >> nth=-1")
    page.select_option("#token-user", label="一卡通（服务账号）")
    page.fill("#token-name", "夜间同步")
    page.check("[value='import']")
    picture(page, "service")
    page.click("form[action='/account/tokens/make/'] [type=submit]")
    key = page.input_value("#new-key")
    me = Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).json()
    assert (me["name"], me["is_service"]) == ("一卡通", True)
    assert page.faults == []


def picture(page, name: str) -> None:
    """Kept only where somebody wants to look."""
    folder = os.environ.get("SANNENG_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
