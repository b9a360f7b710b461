"""Log-in by passkey and by authenticator app, and the pages about accounts, in a real browser."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from sanneng.core.domain.item_links import make_item_link
from sanneng.core.enums import Role
from sanneng.core.models import Membership, School, User
from sanneng.research.models import Project
from tests.browser.conftest import CHROMIUM, FLAGS, fits, new_page
from tests.web.accounts.provider import CLIENT, SECRET, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no Chromium here"),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "long-enough-for-a-walk"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@pytest.fixture
def browser(monkeypatch):
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def site(live_server, settings):
    settings.SECOND_FACTOR = "admins"
    school = School.objects.create(code="east", name="东山区委党校", level="district")
    for name, role in (("guard", Role.SECURITY), ("office", Role.OFFICE)):
        user = User.objects.create_user(name, password=PASSWORD, display_name=name.upper())
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1)
        )
    return live_server.url


def item_token():
    """The secret of a link by which an outsider may add files to a project."""
    project = Project.objects.create(
        school=School.objects.get(), key="P1", title="乡村治理课题", level="city",
        state="approved", approved_on=dt.date(2021, 1, 1),
    )  # fmt: skip
    _link, token = make_item_link(
        record=project, recipient="省委党校周教授", allows="upload", days=14,
        by=User.objects.get(username="office"),
    )  # fmt: skip
    return token


def log_in(page, site, name):
    page.goto(f"{site}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")


def confirm_password(page):
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")


def give_authenticator(page):
    """A device with a fingerprint reader, as the browser's own tools make one."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page, site, *, passwordless):
    page.goto(f"{site}/account/second-factor/webauthn/add/")
    confirm_password(page)
    page.fill("#id_name", "办公室电脑")
    if passwordless:
        page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_selector("text=每个只能用一次")


def log_out(page, site):
    page.goto(f"{site}/account/")
    button = page.locator(".sidebar-foot button:has-text('退出')")
    if not button.is_visible():
        page.wait_for_load_state("load")
        page.click(".navbar-toggler")
        page.wait_for_selector("#menu.show")
    button.click()
    page.wait_for_selector("#id_username")


def test_a_passkey_logs_in_without_a_password(browser, site):
    page = new_page(browser, site, 1440)
    give_authenticator(page)
    log_in(page, site, "guard")
    page.wait_for_selector("text=您的角色要求两步验证")
    add_passkey(page, site, passwordless=True)
    log_out(page, site)
    page.click("#passkey_login")
    page.wait_for_url("**/members/")
    assert page.locator("tbody tr").count() == 2
    assert page.faults == []


def test_a_passkey_is_the_second_step_after_the_password(browser, site):
    page = new_page(browser, site, 1440)
    give_authenticator(page)
    log_in(page, site, "office")
    add_passkey(page, site, passwordless=False)
    log_out(page, site)
    log_in(page, site, "office")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/account/")
    assert "通行密钥已启用" in page.inner_text("main")
    assert page.faults == []


def test_a_ceremony_that_was_not_finished_is_said_in_words(browser, site):
    page = new_page(browser, site, 1440)
    page.goto(f"{site}/login/")
    page.route("**/webauthn/login/", lambda route: route.abort())
    page.click("#passkey_login")
    page.wait_for_selector("text=没有完成")


def test_an_authenticator_app_is_set_up_and_asked_for(browser, site):
    page = new_page(browser, site, 390)
    log_in(page, site, "guard")
    page.click("text=设置验证器应用")
    confirm_password(page)
    secret = page.input_value("#authenticator_secret")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 0

    def code(step):
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))

    page.fill("#id_code", code(0))
    page.click("main button.btn-primary")
    page.wait_for_selector("text=每个只能用一次")
    assert page.locator(".codes li").count() == 10
    log_out(page, site)
    log_in(page, site, "guard")
    page.fill("#id_code", code(1))
    page.click("main button.btn-primary")
    page.wait_for_url("**/members/")
    assert (Authenticator.objects.filter(type="totp").count(), page.faults) == (1, [])


def test_single_sign_on_leads_there_and_back(browser, site, settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    User.objects.filter(username="office").update(email="office@example.cn")
    with running() as provider:
        app = {
            "provider_id": "oidc", "name": "统一身份认证", "client_id": CLIENT, "secret": SECRET,
            "settings": {"server_url": provider.url},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        }
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {
            "DIRECTIVES": directives | {"form-action": ["'self'", provider.url]}
        }
        provider.person = {"sub": "1", "email": "office@example.cn", "email_verified": True}
        page = browser.new_page(locale="zh-CN")
        page.goto(f"{site}/login/?next=/account/")
        page.click("text=统一身份认证")
        page.wait_for_url(f"{site}/account/")
        assert "office@example.cn" in page.inner_text("main")


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_about_accounts_fit_and_break_no_rule(browser, site, settings, width):
    settings.SECOND_FACTOR = "off"
    page = new_page(browser, site, width)
    log_in(page, site, "guard")
    page.wait_for_url("**/members/")
    office = User.objects.get(username="office").pk
    wide = []
    for path in (
        "/account/", "/account/password/", "/account/second-factor/", "/members/",
        f"/members/{office}/", "/members/invite/", "/account/second-factor/webauthn/",
    ):  # fmt: skip
        page.goto(site + path)
        if not fits(page):
            wide.append(path)
    page.goto(f"{site}/members/invite/")
    page.fill("#id_names", "张三 zhangsan@example.cn\n李四\n")
    page.check("input[value=teacher]")
    page.click("main button.btn-primary")
    page.wait_for_selector(".copy")
    link = page.input_value("#link-1")
    if not fits(page):
        wide.append("links")
    log_out(page, site)
    page.goto(link)
    if not fits(page):
        wide.append("join")
    page.fill("#id_username", "zhangsan")
    page.fill("#id_password1", "short")
    page.fill("#id_password2", "short")
    page.click("main button.btn-primary")
    page.wait_for_selector(".text-danger")
    page.goto(f"{site}/item/{item_token()}/")
    page.set_input_files("#file", {"name": "评审意见.png", "mimeType": "image/png", "buffer": PNG})
    page.click("main button.btn-primary")
    page.wait_for_selector("text=已收到")
    if not fits(page):
        wide.append("item")
    assert (wide, page.faults) == ([], [])
