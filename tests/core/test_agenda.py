"""What stands in a calendar, in the app and in the private feed, read by other libraries."""

import datetime as dt

import icalendar
import pytest
import time_machine
from django.urls import reverse

from sanneng.core.agenda import agenda_of
from sanneng.core.domain.access import Rights
from sanneng.core.domain.deadlines import set_deadline, settle
from sanneng.core.domain.feeds import renew_feed, revoke_feed
from sanneng.core.enums import Role
from sanneng.core.models import CalendarFeed, Membership, User
from sanneng.core.workdays import is_known, is_workday, mark_of
from sanneng.people.models import Staff
from sanneng.research.models import ChallengeTopic, Project, ProjectMember
from sanneng.teaching.models import AdvisorTerm, Listening, TrainingClass

pytestmark = pytest.mark.django_db
MARKER = "外校标记甲乙丙"
FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel(dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def teacher(member):
    return member(Role.TEACHER)


def records(school, user, key, name="题"):
    """A class with its advisor, a listening, a project with a member, and a topic."""
    common = {"school": school, "state": "approved"}
    staff = Staff.objects.create(
        key=key, name=name, birth_date=dt.date(1980, 1, 1), user=user, **common
    )
    training = TrainingClass.objects.create(
        key=key, name=f"{name}班", kind="main", start_on=dt.date(2026, 2, 20),
        end_on=dt.date(2026, 3, 5), **common,
    )  # fmt: skip
    AdvisorTerm.objects.create(
        key=key, training_class=training, staff=staff, start_on=training.start_on,
        end_on=training.end_on, **common,
    )  # fmt: skip
    Listening.objects.create(
        key=key, staff=staff, training_class=training, topic=f"{name}课", lecturer="某",
        listened_on=dt.date(2026, 3, 3), **common,
    )  # fmt: skip
    project = Project.objects.create(
        key=key, title=f"{name}课题", level="city", approved_on=dt.date(2025, 1, 1),
        due_on=dt.date(2026, 3, 20), **common,
    )  # fmt: skip
    ProjectMember.objects.create(key=key, project=project, staff=staff, role="member", **common)
    ChallengeTopic.objects.create(
        key=key, title=f"{name}选题", training_class=training, mentor=staff,
        posted_on=dt.date(2026, 3, 2), closes_on=dt.date(2026, 3, 12), **common,
    )  # fmt: skip
    return project


def entries(user, school, first=FIRST, last=LAST):
    return {
        (one.title, one.start, one.end)
        for one in agenda_of(user, Rights(user), school, first, last)
    }


def day(number, month=3):
    return dt.date(2026, month, number)


def test_it_holds_ones_own_duties_and_deadlines_and_no_others(
    school, other_school, teacher, member, office
):
    records(school, teacher, "1", "我")
    records(school, member(Role.TEACHER, "colleague"), "2", "别人")
    records(other_school, teacher, "3", MARKER)
    set_deadline(school=school, code="x", title="交总结", owner=teacher, due_on=day(31), by=office)
    assert entries(teacher, school) == {
        ("班主任任职：我班", day(20, 2), day(5)),
        ("听课：我课", day(3), day(3)),
        ("课题应完成：我课题", day(20), day(20)),
        ("揭榜选题：我选题", day(2), day(2)),
        ("揭榜截止：我选题", day(12), day(12)),
        ("期限：交总结", day(31), day(31)),
    }
    assert entries(teacher, school, day(6), day(11)) == set()


def test_what_is_concluded_or_voided_is_gone(school, teacher):
    records(school, teacher, "1", "我")
    Project.objects.update(concluded_on=day(1))
    Listening.objects.update(state="voided", reason="重复")
    titles = {title for title, _start, _end in entries(teacher, school)}
    assert not {"课题应完成：我课题", "听课：我课"} & titles


@pytest.mark.parametrize(
    ("date", "works", "mark"),
    [
        (dt.date(2026, 2, 17), False, "春节"),
        (dt.date(2026, 2, 14), True, "班"),
        (dt.date(2026, 3, 10), True, ""),
        (dt.date(2026, 3, 14), False, ""),
        (dt.date(2024, 2, 29), True, ""),
        # Nobody knows yet; the week decides.
        (dt.date(2031, 10, 1), True, ""),
        (dt.date(2031, 10, 4), False, ""),
    ],
)
def test_working_days(date, works, mark):
    assert (is_workday(date), mark_of(date)) == (works, mark)


def test_years_that_are_not_announced():
    assert (is_known(2026), is_known(2031), is_known(1990)) == (True, False, False)


def fetch(client, token):
    return client.get(reverse("calendar-ics", args=(token,)))


def events_of(response):
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_a_program_reads_the_feed(client, school, teacher, office):
    project = records(school, teacher, "1", "我")
    set_deadline(
        school=school, code="x", title="交总结；含,逗号", owner=teacher, due_on=day(31), by=office
    )
    events = events_of(fetch(client, renew_feed(user=teacher)))
    due = events[f"research.project-{project.pk}-due@east.sanneng"]
    assert (due["DTSTART"].dt, due["DTEND"].dt) == (day(20), day(21))
    term = next(e for e in events.values() if str(e["SUMMARY"]).startswith("班主任"))
    assert (term["DTSTART"].dt, term["DTEND"].dt) == (day(20, 2), day(6))
    assert "期限：交总结；含,逗号" in {str(event["SUMMARY"]) for event in events.values()}


def test_lines_are_folded_and_ended_as_the_standard_says(client, school, teacher, office):
    """RFC 5545 3.1, read here by hand as a second reader."""
    set_deadline(
        school=school, code="x", title="很长的事项" * 30, owner=teacher, due_on=day(31), by=office
    )
    raw = fetch(client, renew_feed(user=teacher)).content
    lines = raw.split(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    unfolded = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert "SUMMARY:期限：" + "很长的事项" * 30 in unfolded
    assert "DTSTART;VALUE=DATE:20260331" in unfolded
    assert (unfolded[0], unfolded[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")


def test_an_event_keeps_its_name_when_its_day_or_state_changes(client, school, teacher, office):
    project = records(school, teacher, "1", "我")
    set_deadline(
        school=school, code="mid", title="事", owner=teacher, due_on=day(31), by=office,
        record=project,
    )  # fmt: skip
    token = renew_feed(user=teacher)
    before = events_of(fetch(client, token))
    Project.objects.update(due_on=day(25))
    settle(code="mid", record=project, by=teacher)
    after = events_of(fetch(client, token))
    assert set(before) == set(after)
    moved = f"research.project-{project.pk}-due@east.sanneng"
    assert (before[moved]["DTSTART"].dt, after[moved]["DTSTART"].dt) == (day(20), day(25))


def test_rights_are_asked_at_each_fetch(client, school, other_school, teacher):
    records(school, teacher, "1", "我")
    records(other_school, teacher, "2", MARKER)
    token = renew_feed(user=teacher)
    assert MARKER not in fetch(client, token).content.decode()
    assert len(events_of(fetch(client, token))) == 5
    Membership.objects.update(valid_to=day(9))
    response = fetch(client, token)
    assert (response.status_code, "我班" in response.content.decode()) == (404, False)


@pytest.mark.parametrize("gone", ["revoked", "renewed", "account closed", "wrong"])
def test_a_dead_address_is_not_found(client, teacher, gone):
    token = renew_feed(user=teacher)
    assert fetch(client, token).status_code == 200
    if gone == "revoked":
        revoke_feed(user=teacher, by=teacher)
    elif gone == "renewed":
        assert fetch(client, renew_feed(user=teacher)).status_code == 200
    elif gone == "account closed":
        User.objects.update(is_active=False)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert fetch(client, token).status_code == 404


def test_only_the_digest_of_the_token_is_kept(teacher):
    token = renew_feed(user=teacher)
    assert len(token) >= 43  # 32 bytes
    assert token not in str(CalendarFeed.objects.values().get())
