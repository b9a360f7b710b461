"""Single sign-on opens known and invited accounts, by an address that the provider verified."""

from __future__ import annotations

import datetime as dt

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from sanneng.core.domain.invitations import Person, invite
from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry, User
from tests.web.accounts.conftest import PASSWORD, is_in
from tests.web.accounts.provider import CLIENT, SECRET, running

pytestmark = pytest.mark.django_db
LOG_IN = "/login/sso/oidc/login/"


@pytest.fixture(scope="module")
def server():
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server, settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    app = {
        "provider_id": "oidc", "name": "统一身份认证", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": server.url},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    return server


def come(provider, client=None, **claims):
    """Walk the whole way as a browser would; gives the client, and the last answer on it."""
    provider.person = {"sub": "u-1", **claims}
    client = client or Client()
    there = client.post(LOG_IN).url
    assert there.startswith(f"{provider.url}/authorize?")
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    client.answer = client.get(back.removeprefix("http://testserver"))
    return client


def test_it_is_off_until_it_is_set(client):
    assert "统一身份认证" not in client.get("/login/").content.decode()
    assert client.post(LOG_IN).status_code == 404


def test_the_page_offers_it_by_a_form(provider, client):
    page = client.get("/login/").content.decode()
    assert ("统一身份认证" in page, f'action="{LOG_IN}' in page) == (True, True)


def test_a_known_verified_address_opens_its_account(provider, person):
    user = person("wang", Role.OFFICE, email="wang@example.cn")
    assert is_in(come(provider, email="Wang@example.cn", email_verified=True))
    assert AuditEntry.objects.get(action=AuditAction.LOG_IN).actor == user
    assert is_in(come(provider, email="changed@example.cn", email_verified=False))
    assert SocialAccount.objects.get().user == user


def test_an_address_that_was_not_verified_opens_nothing(provider, person):
    person("wang", Role.OFFICE, email="wang@example.cn")
    for verified in (False, None, "true"):
        client = come(provider, email="wang@example.cn", email_verified=verified)
        assert (client.answer.status_code, is_in(client)) == (403, False)
    assert SocialAccount.objects.count() == 0


def test_an_unknown_person_gets_no_account(provider, person):
    person("wang", Role.OFFICE, email="wang@example.cn")
    client = come(provider, email="stranger@example.cn", email_verified=True)
    assert "没有对应的账号" in client.answer.content.decode()
    assert (User.objects.count(), is_in(client)) == (1, False)
    failed = AuditEntry.objects.get(action=AuditAction.LOG_IN_FAILED)
    assert failed.details == {"why": "sso:unknown"}


def test_somebody_invited_by_address_gets_the_invited_roles(provider, security, school):
    invite(
        people=[Person("张三", "zhang@example.cn")],
        school=school,
        roles=[Role.TEACHER],
        by=security,
    )
    client = come(provider, email="zhang@example.cn", email_verified=True)
    user = User.objects.get(username="zhang")
    assert is_in(client)
    assert [m.role for m in user.memberships.all()] == ["teacher"]
    assert not user.has_usable_password()


def test_a_second_factor_is_asked_for_here_too(provider, person):
    TOTP.activate(person("wang", Role.OFFICE, email="wang@example.cn"), generate_totp_secret())
    client = come(provider, email="wang@example.cn", email_verified=True)
    assert client.answer.url == "/account/second-factor/authenticate/"
    assert not is_in(client)


def test_a_stopped_account_stays_stopped(provider, person):
    person("wang", Role.OFFICE, email="wang@example.cn", is_active=False)
    client = come(provider, email="wang@example.cn", email_verified=True)
    assert not is_in(client)


def test_an_answer_that_was_not_asked_for_is_refused(provider, person):
    person("wang", Role.OFFICE, email="wang@example.cn")
    client = Client()
    answer = client.get(f"{LOG_IN}callback/?code=x&state=y")
    assert ("没有完成" in answer.content.decode(), is_in(client)) == (True, False)


def test_who_has_no_password_sets_up_a_second_factor_and_a_password(
    provider, security, school, settings, log_in
):
    settings.SECOND_FACTOR = "all"
    invite(
        people=[Person("张三", "zhang@example.cn")],
        school=school,
        roles=[Role.TEACHER],
        by=security,
    )
    client = come(provider, email="zhang@example.cn", email_verified=True)
    assert client.get("/records/").url == "/account/second-factor/"
    assert client.get("/account/second-factor/totp/activate/").status_code == 200
    settings.SECOND_FACTOR = "off"
    assert client.get("/account/password/").url == "/account/password/set/"
    client.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert is_in(log_in("zhang"))


def test_an_aged_password_stops_nobody_who_came_without_it(provider, person, settings):
    settings.PASSWORD_POLICY = "mlps"
    user = person("wang", Role.OFFICE, email="wang@example.cn")
    User.objects.filter(pk=user.pk).update(
        password_changed_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    )
    client = come(provider, email="wang@example.cn", email_verified=True)
    assert client.get("/records/").status_code == 200


def test_single_sign_on_is_taken_off_an_account_that_has_a_password(provider, person):
    user = person("wang", Role.OFFICE, email="wang@example.cn")
    client = come(provider, email="wang@example.cn", email_verified=True)
    assert "单点登录" in client.get("/account/").content.decode()
    User.objects.filter(pk=user.pk).update(email="")
    client.post("/account/sso/untie/")
    assert not is_in(come(provider, email="other@example.cn", email_verified=True))


def test_it_stays_where_nothing_else_opens_the_account(provider, security, school):
    people = [Person("张三", "zhang@example.cn")]
    invite(people=people, school=school, roles=[Role.TEACHER], by=security)
    client = come(provider, email="zhang@example.cn", email_verified=True)
    page = client.post("/account/sso/untie/", follow=True).content.decode()
    assert ("请先设置密码" in page, SocialAccount.objects.count()) == (True, 1)
