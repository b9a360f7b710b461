"""Invitations, links to a new password, and the first administrator."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from click.testing import CliRunner
from django.core import mail
from django.test import Client

from sanneng.core.clock import today
from sanneng.core.enums import AuditAction, LinkPurpose, Role
from sanneng.core.models import AccountLink, AuditEntry, Membership, School, User
from sanneng.people.models import Staff
from tests.web.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
CHOSEN = {"username": "zhangsan", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def guard(security, client):
    client.force_login(security)
    return client


def links_in(page, kind="join"):
    return re.findall(rf'value="http://testserver(/{kind}/[^"]+/)"', page.content.decode())


def invite(client, names="张三", roles=(Role.TEACHER,), **more):
    values = {"names": names, "roles": list(roles), "valid_from": today().isoformat(), **more}
    return client.post("/members/invite/", {"school": "east", **values})


def test_a_link_makes_one_account_with_its_roles(guard, security, school, log_in):
    (link,) = links_in(invite(guard, roles=(Role.TEACHER, Role.OFFICE)))
    visitor = Client()
    assert "东山区委党校" in visitor.get(link).content.decode()
    assert visitor.post(link, CHOSEN).url == "/login/"
    user = User.objects.get(username="zhangsan")
    roles = set(user.memberships.values_list("school__code", "role", "valid_from"))
    assert (user.display_name, roles) == (
        "张三", {("east", "teacher", today()), ("east", "office", today())},
    )  # fmt: skip
    assert is_in(log_in("zhangsan"))
    again = Client().post(link, CHOSEN | {"username": "other"})
    assert (again.status_code, User.objects.filter(username="other").exists()) == (404, False)


def test_only_a_digest_of_the_link_is_kept(guard):
    (link,) = links_in(invite(guard))
    token = link.split("/")[2]
    kept = AccountLink.objects.get()
    assert len(token) >= 43
    assert token not in str(vars(kept))
    assert token not in str(list(AuditEntry.objects.values_list("details", "object_label")))


def test_a_link_ends_after_seven_days(guard):
    with time_machine.travel(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), tick=False) as clock:
        (link,) = links_in(invite(guard, valid_from="2026-03-02"))
        clock.shift(dt.timedelta(days=6, hours=23))
        assert Client().get(link).status_code == 200
        clock.shift(dt.timedelta(hours=1))
        assert Client().get(link).status_code == 404
        assert Client().post(link, CHOSEN).status_code == 404


def test_a_list_is_pasted_and_mailed_where_there_is_a_server(guard, settings):
    settings.EMAIL_HOST = "mail.invalid"
    page = invite(guard, names="张三 zhang@example.cn\n\n李四，li@example.cn\n王五\n")
    assert len(links_in(page)) == 3
    assert [one.to for one in mail.outbox] == [["zhang@example.cn"], ["li@example.cn"]]
    assert links_in(page)[0] in mail.outbox[0].body
    names = list(AccountLink.objects.order_by("id").values_list("name", "email"))
    assert names == [("张三", "zhang@example.cn"), ("李四", "li@example.cn"), ("王五", "")]


def test_without_a_mail_server_nothing_is_sent(guard):
    invite(guard, names="张三 zhang@example.cn")
    assert mail.outbox == []


def test_a_list_with_a_fault_makes_no_link_and_stays_filled(guard, person):
    person("wang", email="wang@example.cn")
    page = invite(guard, names="张三\n李四 wang@example.cn\n某").content.decode()
    assert AccountLink.objects.count() == 0
    assert ("wang@example.cn 已有账号" in page, "“某”不像姓名" in page) == (True, True)
    assert "李四 wang@example.cn" in page


def test_staff_without_an_account_are_chosen_and_tied(guard, school, other_school):
    staff = Staff.objects.create(
        school=school, key="S1", name="赵六", birth_date=dt.date(1990, 1, 1)
    )
    foreign = Staff.objects.create(
        school=other_school, key="S1", name="外校人", birth_date=dt.date(1990, 1, 1)
    )
    assert "外校人" not in guard.get("/members/invite/").content.decode()
    assert links_in(invite(guard, names="", staff=[foreign.pk])) == []
    (link,) = links_in(invite(guard, names="", staff=[staff.pk]))
    Client().post(link, CHOSEN)
    staff.refresh_from_db()
    assert staff.user.username == "zhangsan"


def test_a_bad_choice_keeps_the_link_good(guard, person):
    person("wang")
    (link,) = links_in(invite(guard))
    visitor = Client()
    for values, said in (
        ({"username": "WANG"}, "已有人用"),
        ({"username": "a b@c"}, "不能有空格和 @"),
        ({"password1": "short", "password2": "short"}, "密码"),
        ({"password2": "another one entirely"}, "两次输入的密码不一样"),
    ):
        answer = visitor.post(link, CHOSEN | values)
        assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert visitor.post(link, CHOSEN).status_code == 302


def test_who_has_an_account_joins_with_it(guard, person, other_school, log_in, school):
    person("wang", Role.OFFICE, at=other_school)
    (link,) = links_in(invite(guard))
    wang = log_in("wang")
    wang.post(link)
    assert Membership.objects.filter(user__username="wang", school=school, role="teacher").exists()


def test_nobody_takes_up_an_own_invitation(guard, security):
    (link,) = links_in(invite(guard, roles=[Role.LEADER]))
    page = guard.post(link, follow=True).content.decode()
    assert "不能接受自己发出的邀请" in page
    assert [m.role for m in security.memberships.all()] == [Role.SECURITY]


def test_who_renews_an_invitation_does_not_take_it_up(guard, security, person, school):
    invite(guard, roles=[Role.LEADER])
    path = f"/members/invitations/{AccountLink.objects.get().pk}/renew/"
    second = person("second", Role.SECURITY)
    guard.force_login(second)
    (link,) = links_in(guard.post(path, {"school": "east"}))
    for user in (second, security):
        guard.force_login(user)
        assert "不能接受自己发出的邀请" in guard.post(link, follow=True).content.decode()
        assert [m.role for m in user.memberships.all()] == [Role.SECURITY]


def test_keepers_are_different_people(guard):
    page = invite(guard, roles=[Role.ADMINISTRATOR, Role.AUDITOR]).content.decode()
    assert ("必须由不同的人担任" in page, AccountLink.objects.count()) == (True, 0)


def test_an_invitation_is_renewed_and_withdrawn(guard):
    (old,) = links_in(invite(guard))
    pk = AccountLink.objects.get().pk
    (new,) = links_in(guard.post(f"/members/invitations/{pk}/renew/", {"school": "east"}))
    assert [Client().get(link).status_code for link in (old, new)] == [404, 200]
    guard.post(f"/members/invitations/{pk}/withdraw/", {"school": "east"})
    assert Client().get(new).status_code == 404


def test_others_invite_nobody(person, client, school, other_school):
    client.force_login(person("wang", Role.OFFICE, Role.LEADER))
    assert client.get("/members/").status_code == 404
    assert invite(client).status_code == 404
    client.force_login(person("west-guard", Role.SECURITY, at=other_school))
    assert invite(client).status_code == 404
    assert AccountLink.objects.count() == 0


def test_a_reset_link_changes_the_password_and_ends_sessions(guard, person, log_in):
    user = person("wang", Role.OFFICE)
    old = log_in("wang")
    assert is_in(old)
    page = guard.post(f"/members/{user.pk}/reset/", {"school": "east"})
    (link,) = links_in(page, "reset")
    new = "彻底不同的 password 55"
    assert Client().post(link, {"password1": new, "password2": new}).url == "/login/"
    assert [is_in(old), is_in(log_in("wang")), is_in(log_in("wang", new))] == [False, False, True]
    assert Client().get(link).status_code == 404
    whats = AuditEntry.objects.filter(action=AuditAction.ACCOUNT, object_id=user.pk)
    assert [e.details["what"] for e in whats.order_by("id")] == ["reset_link", "password_reset"]


def test_a_lost_second_factor_is_taken_away_only_where_said(guard, person):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = person("wang", Role.OFFICE)
    TOTP.activate(user, generate_totp_secret())
    new = "彻底不同的 password 55"
    for step, left in (("reset", 1), ("reset-all", 0)):
        page = guard.post(f"/members/{user.pk}/{step}/", {"school": "east"})
        Client().post(links_in(page, "reset")[0], {"password1": new, "password2": new})
        assert user.authenticator_set.count() == left
        new += "x"


def run(*arguments):
    from sanneng.cli import program

    return CliRunner().invoke(program, arguments)


def test_the_first_administrator_comes_by_a_link_of_one_day(db):
    with time_machine.travel(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), tick=False) as clock:
        done = run("first-admin", "--school", "new", "--create", "新建区委党校", "--name", "陈保管")
        link = re.search(r"http://localhost:8000(/join/\S+/)", done.output)[1]
        assert done.output.count("\n") == 2
        assert (School.objects.get().code, User.objects.count()) == ("new", 0)
        clock.shift(dt.timedelta(hours=24))
        assert Client().get(link).status_code == 404
        done = run("first-admin", "--school", "new")
        link = re.search(r"(/join/\S+/)", done.output)[1]
        assert "姓名" in Client().get(link).content.decode()
        assert Client().post(link, CHOSEN).status_code == 200
        assert Client().post(link, CHOSEN | {"name": "陈保管"}).status_code == 302
    roles = list(Membership.objects.values_list("user__display_name", "school__code", "role"))
    assert roles == [("陈保管", "new", "security")]
    made = AuditEntry.objects.filter(action=AuditAction.CREATE)
    assert [(e.school.code, e.actor, e.details["changes"]["name"]) for e in made] == [
        ("new", None, [None, "新建区委党校"])
    ]
    refused = run("first-admin", "--school", "new")
    assert (refused.exit_code != 0, "已有安全管理员" in str(refused.exception)) == (True, True)


def test_a_school_that_cannot_be_is_not_made(db):
    for values in (["--school", "no such code", "--create", "某校"],
                   ["--school", "long", "--create", "长" * 101]):  # fmt: skip
        assert run("first-admin", *values).exit_code != 0
    assert (School.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_second_first_link_ends_the_one_before(db, school):
    links = [
        re.search(r"(/join/\S+/)", run("first-admin", "--school", "east").output)[1] for _ in "ab"
    ]
    assert [Client().get(link).status_code for link in links] == [404, 200]


def test_the_operator_helps_a_keeper_who_cannot_get_in(security):
    output = run("reset-account", "guard", "--second-factor").output
    assert Client().get(re.search(r"(/reset/\S+/)", output)[1]).status_code == 200
    assert AccountLink.objects.get().purpose == LinkPurpose.RESET


def test_a_fresh_installation_has_no_account(db):
    assert User.objects.count() == 0
