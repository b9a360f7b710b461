"""The pages on which people make keys for programs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client

from sanneng.core.domain.api_tokens import make_service_account, make_token, token_of
from sanneng.core.enums import ApiScope, Role, SchoolLevel
from sanneng.core.errors import InvalidValues, NotAllowed
from sanneng.core.models import ApiToken, AuditEntry, Membership, School, User

pytestmark = pytest.mark.django_db
FORM = {
    "name": "门户同步",
    "scopes": ["records:read", "figures:read"],
    "days": "90",
    "for_school": "",
}


@pytest.fixture
def school():
    return School.objects.create(code="east", name="东区党校", level=SchoolLevel.DISTRICT)


@pytest.fixture
def other():
    return School.objects.create(code="west", name="西区党校", level=SchoolLevel.DISTRICT)


def member(school, role, name=""):
    user = User.objects.create(username=name or f"{school.code}-{role}")
    Membership.objects.create(user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1))
    return user


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def key_in(page) -> str:
    return re.search(r'value="(snt_[\w-]+)"', page.content.decode())[1]


def test_key_is_shown_once_and_kept_as_a_digest_only(school):
    user = member(school, Role.TEACHER)
    browser = browser_of(user)
    page = browser.post("/account/tokens/make/", FORM)
    key = key_in(page)
    assert page["Cache-Control"] == "no-store"
    assert len(key) >= 40
    token = ApiToken.objects.get()
    assert key not in str(vars(token))
    assert token_of(key) == token
    assert (token.scopes, token.school) == (["figures:read", "records:read"], None)
    later = browser.get("/account/tokens/").content.decode()
    assert ("门户同步" in later, key in later, token.digest in later) == (True, False, False)
    entry = AuditEntry.objects.get(action="account")
    assert (entry.details["kind"], key in str(entry.details)) == ("token_made", False)
    used = browser.get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).json()
    assert used["token"]["name"] == "门户同步"


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"days": "366"},
        {"days": "0"},
        {"days": "x"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(school, change):
    page = browser_of(member(school, Role.TEACHER)).post("/account/tokens/make/", FORM | change)
    assert page.status_code == 422
    assert "alert-danger" in page.content.decode()
    assert not ApiToken.objects.exists()


def test_revoked_token_is_no_good_at_once(school):
    user = member(school, Role.TEACHER)
    browser = browser_of(user)
    key = key_in(browser.post("/account/tokens/make/", FORM))
    browser.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert (
        Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).status_code == 401
    )
    assert AuditEntry.objects.filter(action="account").count() == 2


def test_expired_token_and_leaver_are_no_good(school):
    user = member(school, Role.TEACHER)
    _token, key = make_token(user=user, by=user, name="x", scopes=["check"], days=30)
    assert token_of(key) is not None
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=31)):
        assert token_of(key) is None
    user.memberships.update(valid_to=dt.date(2021, 1, 1))
    assert token_of(key) is None


def test_others_tokens_are_neither_seen_nor_revoked(school, other):
    mine, theirs = member(school, Role.TEACHER), member(other, Role.TEACHER)
    token, _key = make_token(user=theirs, by=theirs, name="别人的令牌", scopes=["check"], days=30)
    browser = browser_of(mine)
    assert "别人的令牌" not in browser.get("/account/tokens/").content.decode()
    assert browser.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert browser.post("/account/tokens/make/", FORM | {"user": theirs.pk}).status_code == 404
    with pytest.raises(NotAllowed):
        make_token(user=theirs, by=mine, name="x", scopes=["check"], days=1)


def test_service_account_is_made_by_the_security_administrator_only(school, other):
    security = member(school, Role.SECURITY)
    browser = browser_of(security)
    made = browser.post(
        "/account/tokens/service/", {"name": "一卡通", "role": Role.OFFICE, "school": "east"}
    )
    assert made.status_code == 302
    service = User.objects.get(is_service=True)
    assert (str(service), service.has_usable_password()) == ("一卡通", False)
    key = key_in(browser.post("/account/tokens/make/", FORM | {"user": service.pk}))
    me = Client().get("/api/v1/me/", headers={"authorization": f"Bearer {key}"}).json()
    assert (me["is_service"], me["schools"][0]["roles"]) == (True, ["office"])
    assert not Client().login(username=service.username, password="")
    for role in (Role.TEACHER, Role.ADMINISTRATOR, Role.LEADER):
        refused = browser_of(member(school, role)).post(
            "/account/tokens/service/", {"name": "x", "role": Role.OFFICE, "school": "east"}
        )
        assert refused.status_code == 404
    stranger = browser_of(member(other, Role.SECURITY))
    assert "一卡通" not in stranger.get("/account/tokens/").content.decode()
    assert stranger.post("/account/tokens/make/", FORM | {"user": service.pk}).status_code == 404


def test_service_account_cannot_keep_the_installation(school):
    security = member(school, Role.SECURITY)
    for role in (Role.SECURITY, Role.AUDITOR, Role.ADMINISTRATOR, "king"):
        with pytest.raises(InvalidValues):
            make_service_account(school=school, name="x", role=role, by=security)


def test_get_to_an_address_that_acts_makes_nothing(school):
    browser = browser_of(member(school, Role.TEACHER))
    assert browser.get("/account/tokens/make/").url == "/account/tokens/"
    assert not ApiToken.objects.exists()


def test_page_on_the_api_lists_types_and_scopes_and_asks_no_other_host(school):
    assert Client().get("/api/").status_code == 302
    page = browser_of(member(school, Role.TEACHER)).get("/api/").content.decode()
    assert page.count("/api/v1/records/") > 30
    assert all(code in page for code in ApiScope.values)
    assert "/api/v1/openapi.json" in page
    assert not re.findall(r'(?:src|href)="https?://', page)
