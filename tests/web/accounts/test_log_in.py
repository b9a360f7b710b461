"""Log-in by name or e-mail address, and log-out."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from sanneng.config.logs import without_secrets
from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry
from tests.web.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
WRONG = "用户名或密码不对"


def test_one_logs_in_by_user_name_or_by_e_mail_address(person, log_in):
    person("wang", Role.OFFICE, email="wang@example.cn")
    assert is_in(log_in("wang"))
    assert is_in(log_in("WANG"))
    assert is_in(log_in("wang@example.cn"))
    assert not is_in(log_in("wang", "something else"))


def test_unknown_and_wrong_get_the_same_answer_and_hash_once(person, log_in, monkeypatch):
    person("wang", Role.OFFICE, email="wang@example.cn")
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *a, **k: hashed.append(1) or encode(*a, **k)
    )
    pages, counts = [], []
    for name in ("wang", "wang@example.cn", "nobody", "nobody@example.cn"):
        hashed.clear()
        page = log_in(name, "wrong password").answer.content.decode()
        pages.append(page.replace(f'value="{name}"', "")[page.index("<h1") :].split("csrf")[0])
        assert WRONG in page
        counts.append(len(hashed))
    assert counts == [1, 1, 1, 1]
    assert len(set(pages)) == 1


def test_nobody_signs_up(person):
    for path in ("/signup/", "/login/signup/", "/account/signup/", "/accounts/signup/"):
        assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)"],
)
def test_next_never_leads_to_another_host(person, log_in, target):
    person("wang", Role.OFFICE)
    assert log_in("wang", next=target).answer.url == "/"


def test_next_leads_to_a_page_of_this_site(person, log_in):
    person("wang", Role.OFFICE)
    assert log_in("wang", next="/records/").answer.url == "/records/"


def test_log_in_leads_to_where_the_work_is(person, security, log_in):
    person("gone")
    assert log_in("guard").answer.url == "/members/"
    assert log_in("gone").answer.url == "/account/"


def test_a_session_fixed_before_log_in_is_dead_after_it(person, log_in):
    person("wang", Role.OFFICE)
    client = Client()
    session = client.session
    session["school"] = "east"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    log_in("wang", client=client)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)


def test_a_cookie_replayed_after_log_out_opens_nothing(person, log_in):
    person("wang", Role.OFFICE)
    client = log_in("wang")
    kept = client.cookies["sessionid"].value
    client.post("/logout/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert not is_in(thief)


def test_a_stopped_account_is_told_so_and_not_let_in(person, log_in):
    person("wang", Role.OFFICE, is_active=False)
    client = log_in("wang")
    assert "账号已停用" in client.get(client.answer.url).content.decode()
    assert not is_in(client)


def entries(action):
    return AuditEntry.objects.filter(action=action).order_by("id")


def test_log_in_failure_and_log_out_are_noted_with_the_address(person, log_in, school):
    user = person("wang", Role.OFFICE)
    log_in("wang", "not this one", address="10.0.0.7")
    log_in("nobody-known", "nor this", address="10.0.0.7")
    client = log_in("wang", address="10.0.0.8")
    client.post("/logout/", REMOTE_ADDR="10.0.0.8")
    known, unknown = entries(AuditAction.LOG_IN_FAILED)
    assert (known.object_id, known.actor, known.address, known.school) == (
        user.pk, None, "10.0.0.7", school,
    )  # fmt: skip
    assert (unknown.object_id, unknown.school) == (None, None)
    (came,), (left,) = entries(AuditAction.LOG_IN), entries(AuditAction.LOG_OUT)
    assert (came.actor, came.address, came.details["ways"]) == (user, "10.0.0.8", ["password"])
    assert (left.actor, left.address) == (user, "10.0.0.8")


def test_a_passkey_that_opens_nothing_is_noted(person, school):
    user = person("wang", Role.OFFICE)
    client = Client(REMOTE_ADDR="10.0.0.7")
    shaped = {
        "id": "AA", "rawId": "AA", "type": "public-key",
        "response": {
            "clientDataJSON": "e30", "authenticatorData": "A" * 50, "signature": "AA",
            "userHandle": "AA",
        },
    }  # fmt: skip
    bad = ({"id": "AA"}, [1], "text", shaped)
    for credential in bad:
        answer = client.post(
            reverse("mfa_login_webauthn"), {"credential": json.dumps(credential)}, follow=True
        )
        assert (answer.status_code, "验证码不对" in answer.content.decode()) == (200, True)
    noted = entries(AuditAction.LOG_IN_FAILED)
    assert {(e.details["why"], e.address, e.actor) for e in noted} == {
        ("passkey", "10.0.0.7", None)
    }
    assert (user.last_login, noted.count()) == (None, len(bad))


def test_the_secret_of_a_link_stands_in_no_log_line():
    written = without_secrets(None, "warning", {"event": "Forbidden (x): /join/_B0XC9ypzx/ [y]"})
    assert written == {"event": "Forbidden (x): /join/…/ [y]"}
    written = without_secrets(None, "warning", {"event": "Not Found: /item/abc/evidence/1/"})
    assert written == {"event": "Not Found: /item/…/evidence/1/"}


def test_what_was_typed_stands_in_no_log(person, log_in, caplog):
    person("wang", Role.OFFICE)
    log_in("wang", "typed-password-1")
    log_in("typed-as-name-2", "typed-password-3")
    log_in("wang")
    noted = str(list(AuditEntry.objects.values_list("details", "object_label", "actor_name")))
    for secret in ("typed-password-1", "typed-as-name-2", "typed-password-3", PASSWORD):
        assert secret not in noted
        assert secret not in caplog.text
