"""The members page: roles, accounts, the people behind them, standing in."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.accounts import make_reset_link, open_link
from sanneng.core.domain.api_tokens import make_token
from sanneng.core.domain.feeds import renew_feed
from sanneng.core.domain.members import add_membership, end_membership
from sanneng.core.domain.stand_ins import name_deputy
from sanneng.core.enums import AuditAction, LinkPurpose, Role
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import AccountLink, AuditEntry, Membership, StandIn, User
from sanneng.core.permissions import Permission
from sanneng.people.models import Staff
from tests.web.accounts.conftest import is_in

pytestmark = pytest.mark.django_db
EAST = {"school": "east"}


@pytest.fixture
def guard(security, client):
    client.force_login(security)
    return client


def test_the_list_shows_roles_second_factor_and_idleness(guard, person, other_school, school):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    now = dt.datetime.now(dt.UTC)
    wang = person("wang", Role.OFFICE, Role.TEACHER, last_login=now)
    person("idle", Role.TEACHER, last_login=now - dt.timedelta(days=91))
    person("foreign", Role.OFFICE, at=other_school)
    TOTP.activate(wang, generate_totp_secret())
    page = guard.get("/members/").content.decode()
    row = page[page.index("WANG") :].split("</tr>")[0]
    assert ("股室人员" in row and "教师" in row, 'bg-green-lt">两步验证' in row) == (True, True)
    assert page.count("90 天未用") == 1
    assert "FOREIGN" not in page


def test_the_list_takes_the_same_queries_for_many(guard, person, django_assert_max_num_queries):
    for number in range(30):
        person(f"p{number}", Role.TEACHER)
    guard.get("/members/")
    with django_assert_max_num_queries(16):
        guard.get("/members/")


def test_a_role_is_given_ended_and_noted(guard, person, security, school):
    user = person("wang", Role.TEACHER)
    values = {**EAST, "role": "office", "valid_from": today().isoformat(), "valid_to": ""}
    guard.post(f"/members/{user.pk}/roles/", values)
    membership = user.memberships.get(role="office")
    assert membership.valid_from == today()
    old = user.memberships.get(role="teacher")
    guard.post(f"/members/roles/{old.pk}/end/", EAST)
    old.refresh_from_db()
    assert old.valid_to == today() - dt.timedelta(days=1)
    assert Rights(user).roles(school) == {Role.OFFICE}
    noted = AuditEntry.objects.filter(action=AuditAction.MEMBERSHIP).order_by("id")
    assert [(e.actor, e.object_id, e.details["role"]) for e in noted] == [
        (security, user.pk, "office"), (security, user.pk, "teacher"),
    ]  # fmt: skip


def test_a_form_that_cannot_be_taken_comes_back(guard, person):
    user = person("wang", Role.TEACHER)
    values = {**EAST, "role": "office", "valid_from": "2026-05-01", "valid_to": "2026-04-01"}
    answer = guard.post(f"/members/{user.pk}/roles/", values)
    page = answer.content.decode()
    assert (answer.status_code, "失效日期不能早于生效日期" in page) == (400, True)
    assert 'value="2026-05-01"' in page


def test_nobody_gives_oneself_a_role(guard, security):
    values = {**EAST, "role": "office", "valid_from": today().isoformat()}
    page = guard.post(f"/members/{security.pk}/roles/", values).content.decode()
    assert "不能给自己增加角色" in page
    assert [m.role for m in security.memberships.all()] == [Role.SECURITY]


def test_keepers_stay_apart(security, person, school):
    user = person("wang", Role.AUDITOR)
    for role in (Role.SECURITY, Role.ADMINISTRATOR):
        with pytest.raises(SannengError, match="必须由不同的人担任"):
            add_membership(user=user, school=school, role=role, by=security)


def test_the_last_security_administrator_stays(guard, security, person, school):
    membership = security.memberships.get()
    with pytest.raises(SannengError, match="最后一位"):
        end_membership(membership=membership, by=security)
    second = person("second", Role.SECURITY)
    end_membership(membership=membership, by=second)
    assert not Rights(security).may(Permission.MANAGE_MEMBERS, school)
    with pytest.raises(SannengError, match="最后一位"):
        end_membership(membership=second.memberships.get(), by=second)


def test_a_keeper_whose_time_ends_does_not_count_as_another(security, person, school):
    second = person("second", Role.SECURITY)
    Membership.objects.filter(user=second).update(valid_to=today() - dt.timedelta(days=1))
    with pytest.raises(SannengError, match="最后一位"):
        end_membership(membership=security.memberships.get(), by=security)


def test_a_stopped_account_is_out_at_once_and_can_come_back(guard, person, log_in):
    user = person("wang", Role.OFFICE)
    live = log_in("wang")
    assert is_in(live)
    guard.post(f"/members/{user.pk}/disable/", EAST)
    assert not is_in(live)
    assert not is_in(log_in("wang"))
    guard.post(f"/members/{user.pk}/enable/", EAST)
    assert not is_in(live)
    assert is_in(log_in("wang"))
    whats = AuditEntry.objects.filter(action=AuditAction.ACCOUNT).order_by("id")
    assert [entry.details["what"] for entry in whats] == ["disable", "enable"]


def test_an_account_of_two_schools_is_not_one_school_s_to_take(guard, person, other_school, log_in):
    user = person("wang", Role.TEACHER)
    Membership.objects.create(
        user=user, school=other_school, role=Role.SECURITY, valid_from=dt.date(2020, 1, 1)
    )
    for step in ("disable", "reset", "reset-all", "end-sessions"):
        guard.post(f"/members/{user.pk}/{step}/", EAST)
    user.refresh_from_db()
    assert (user.is_active, AccountLink.objects.count()) == (True, 0)


def test_members_of_another_school_are_not_found(guard, person, other_school):
    user = person("foreign", Role.OFFICE, at=other_school)
    membership = user.memberships.get()
    assert guard.get(f"/members/{user.pk}/").status_code == 404
    for path in (f"{user.pk}/disable/", f"{user.pk}/reset/", f"{user.pk}/roles/",
                 f"roles/{membership.pk}/end/"):  # fmt: skip
        assert guard.post(f"/members/{path}", EAST).status_code == 404
    user.refresh_from_db()
    assert (user.is_active, user.memberships.get().valid_to) == (True, None)


def test_an_account_is_tied_to_a_staff_member_once(guard, person, school, other_school):
    wang, li = person("wang", Role.TEACHER), person("li", Role.TEACHER)
    born = dt.date(1990, 1, 1)
    one = Staff.objects.create(school=school, key="S1", name="王", birth_date=born)
    two = Staff.objects.create(school=school, key="S2", name="李", birth_date=born)
    foreign = Staff.objects.create(school=other_school, key="S1", name="外", birth_date=born)
    tie = lambda user, record: guard.post(  # noqa: E731
        f"/members/{user.pk}/person/", {**EAST, "kind": "staff", "record": record}
    )
    tie(wang, one.pk), tie(wang, two.pk), tie(li, one.pk)
    assert tie(li, foreign.pk).status_code == 404
    one.refresh_from_db(), two.refresh_from_db(), foreign.refresh_from_db()
    assert (one.user, two.user, foreign.user) == (wang, None, None)
    tie(wang, "")
    one.refresh_from_db()
    assert one.user is None


def test_a_member_names_a_deputy_who_has_the_roles_for_those_days(person, school, client):
    leader, wang = person("leader", Role.LEADER), person("wang", Role.TEACHER)
    client.force_login(leader)
    with time_machine.travel(dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC), tick=False) as clock:
        client.force_login(leader)
        values = {"school": school.pk, "deputy": wang.pk}
        client.post(
            "/account/stand-ins/", values | {"valid_from": "2026-03-03", "valid_to": "2026-03-04"}
        )
        found = []
        for _day in range(4):
            found.append(Role.LEADER in Rights(wang).roles(school))
            clock.shift(dt.timedelta(days=1))
    assert found == [False, True, True, False]
    entry = AuditEntry.objects.get(action=AuditAction.MEMBERSHIP)
    assert (entry.actor, entry.object_id, entry.details["deputy"]) == (leader, leader.pk, "WANG")


def days(number=3):
    return {"valid_from": today(), "valid_to": today() + dt.timedelta(days=number)}


def test_only_oneself_and_security_name_a_deputy(person, school, security):
    leader, wang = person("leader", Role.LEADER), person("wang", Role.TEACHER)
    with pytest.raises(NotAllowed):
        name_deputy(school=school, absent=leader, deputy=wang, by=wang, **days())
    with pytest.raises(NotAllowed, match="不能让自己"):
        name_deputy(school=school, absent=leader, deputy=security, by=security, **days())
    name_deputy(school=school, absent=leader, deputy=wang, by=security, **days())
    assert Rights(wang).may(Permission.FREEZE_REPORT, school)


def test_a_stand_in_joins_no_two_keepers_work(person, school, security):
    auditor = person("auditor", Role.AUDITOR)
    with pytest.raises(SannengError, match="必须由不同的人担任"):
        name_deputy(school=school, absent=auditor, deputy=security, by=auditor, **days())


def test_a_deputy_is_a_member(person, school, other_school):
    leader = person("leader", Role.LEADER)
    foreign = person("foreign", Role.TEACHER, at=other_school)
    with pytest.raises(SannengError, match="本校现在的成员"):
        name_deputy(school=school, absent=leader, deputy=foreign, by=leader, **days())
    with pytest.raises(SannengError, match="最长三个月"):
        name_deputy(school=school, absent=leader, deputy=foreign, by=leader, **days(100))


def test_a_stand_in_is_ended_by_those_concerned(person, school, client):
    leader, wang = person("leader", Role.LEADER), person("wang", Role.TEACHER)
    li = person("li", Role.TEACHER)
    stand_in = name_deputy(school=school, absent=leader, deputy=wang, by=leader, **days())
    client.force_login(li)
    assert client.post(f"/account/stand-ins/{stand_in.pk}/end/").status_code == 404
    client.force_login(wang)
    client.post(f"/account/stand-ins/{stand_in.pk}/end/")
    assert StandIn.objects.count() == 0
    assert Role.LEADER not in Rights(User.objects.get(pk=wang.pk)).roles(school)


def test_own_page_shows_roles_and_who_stands_in(person, school, client):
    leader, wang = person("leader", Role.LEADER), person("wang", Role.TEACHER)
    name_deputy(school=school, absent=leader, deputy=wang, by=leader, **days())
    client.force_login(wang)
    page = client.get("/account/").content.decode()
    assert ("我代办 LEADER 的工作" in page, "教师" in page) == (True, True)


def test_a_change_of_roles_is_in_force_at_the_next_click(guard, person, log_in, school):
    user = person("wang", Role.OFFICE)
    live = log_in("wang")
    assert live.get("/records/").status_code == 200
    guard.post(f"/members/roles/{user.memberships.get().pk}/end/", EAST)
    assert live.get("/records/").status_code == 404


def test_name_and_address_are_corrected_and_stay_one_person_s(guard, person, school):
    user, other = person("wang", Role.TEACHER), person("li", Role.TEACHER, email="li@example.cn")
    path = f"/members/{user.pk}/account/"
    guard.post(path, {**EAST, "display_name": "王一", "email": "Wang@Example.cn"})
    user.refresh_from_db()
    assert (user.display_name, user.email) == ("王一", "wang@example.cn")
    answer = guard.post(path, {**EAST, "display_name": "王一", "email": "LI@example.cn"})
    assert (answer.status_code, "已有账号使用" in answer.content.decode()) == (400, True)
    entry = AuditEntry.objects.get(action=AuditAction.ACCOUNT)
    assert entry.details == {"what": "edit", "fields": ["display_name", "email"]}
    assert other.email == "li@example.cn"


def test_a_role_given_during_a_stand_in_joins_no_two_keepers_work(person, school, security):
    auditor, wang = person("auditor", Role.AUDITOR), person("wang", Role.TEACHER)
    name_deputy(school=school, absent=auditor, deputy=wang, by=auditor, **days())
    for user, role in ((wang, Role.ADMINISTRATOR), (auditor, Role.SECURITY)):
        with pytest.raises(SannengError, match="必须由不同的人担任"):
            add_membership(user=user, school=school, role=role, by=security)
    add_membership(user=wang, school=school, role=Role.OFFICE, by=security)


@pytest.mark.parametrize(("apart", "refused"), [(0, True), (3, True), (4, False)])
def test_two_stand_ins_join_no_two_keepers_work_on_one_day(person, school, apart, refused):
    auditor, keeper = person("auditor", Role.AUDITOR), person("keeper", Role.SECURITY)
    wang, first = person("wang", Role.TEACHER), today()
    name_deputy(school=school, absent=auditor, deputy=wang, by=auditor, **days())
    begins = first + dt.timedelta(days=apart)

    def second():
        name_deputy(
            school=school, absent=keeper, deputy=wang, by=keeper, valid_from=begins,
            valid_to=begins,
        )  # fmt: skip

    if refused:
        with pytest.raises(SannengError, match="必须由不同的人担任"):
            second()
        assert StandIn.objects.count() == 1
    else:
        second()
        with time_machine.travel(dt.datetime.combine(begins, dt.time(4), dt.UTC)):
            assert Rights(wang).roles(school) == {Role.TEACHER, Role.SECURITY}


def test_a_role_given_to_one_of_two_absent_joins_no_two_keepers_work(person, school, security):
    auditor, li = person("auditor", Role.AUDITOR), person("li", Role.TEACHER)
    wang = person("wang", Role.TEACHER)
    for absent in (auditor, li):
        name_deputy(school=school, absent=absent, deputy=wang, by=absent, **days())
    with pytest.raises(SannengError, match="必须由不同的人担任"):
        add_membership(user=li, school=school, role=Role.ADMINISTRATOR, by=security)
    assert Rights(wang).roles(school) == {Role.AUDITOR, Role.TEACHER}
    later = today() + dt.timedelta(days=4)
    add_membership(user=li, school=school, role=Role.ADMINISTRATOR, by=security, valid_from=later)


@pytest.fixture
def keys(person):
    """A colleague with a token and a calendar address; whether they still open anything."""
    user = person("wang", Role.OFFICE)
    _token, key = make_token(user=user, by=user, name="门户", scopes=["records:read"], days=90)
    address = f"/calendar/{renew_feed(user=user)}.ics"
    client = Client()

    def working():
        return (
            client.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code == 200,
            client.get(address).status_code == 200,
        )

    assert working() == (True, True)
    return user, working


@pytest.mark.parametrize("step", ["disable", "end-sessions", "reset"])
def test_keys_of_programs_end_with_the_sessions(guard, security, keys, step):
    user, working = keys
    page = guard.post(f"/members/{user.pk}/{step}/", EAST)
    if step == "reset":
        assert working() == (True, True)
        link = re.search(r'value="http://testserver(/reset/[^"]+)"', page.content.decode())[1]
        assert "接口令牌和日历订阅地址也会失效" in Client().get(link).content.decode()
        new = "彻底不同的 password 55"
        Client().post(link, {"password1": new, "password2": new})
    if step == "disable":
        guard.post(f"/members/{user.pk}/enable/", EAST)
    assert working() == (False, False)
    by = user if step == "reset" else security
    noted = AuditEntry.objects.filter(details__kind="token_revoked")
    assert [entry.actor for entry in noted] == [by]


def test_links_of_the_operator_end_too(guard, person, school):
    user = person("wang", Role.TEACHER)
    for step in ("reset", "disable"):
        token = make_reset_link(user=user, school=None, by=None)
        guard.post(f"/members/{user.pk}/{step}/", EAST)
        assert open_link(token=token, purpose=LinkPurpose.RESET) is None
