"""Work by the clock: once, at eight in the school's zone, and only to those who owe."""

import datetime as dt
import threading

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone

from sanneng.core.clock import today
from sanneng.core.domain import live
from sanneng.core.domain.deadlines import extend_deadline, set_deadline
from sanneng.core.domain.jobs import Work
from sanneng.core.domain.mail import send_due_mail
from sanneng.core.domain.notices import choose_notices
from sanneng.core.domain.periodic import Periodic, start_due
from sanneng.core.domain.reminders import remind, send_digests
from sanneng.core.enums import NoticeKind, Role
from sanneng.core.models import Job, Membership, Notice, PeriodicRun

pytestmark = pytest.mark.django_db
ZONE = dt.timezone(dt.timedelta(hours=8))
MONDAY = dt.datetime(2026, 3, 2, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.JOBS_ROOT = tmp_path / "jobs"


@pytest.fixture
def teacher(member):
    user = member(Role.TEACHER)
    user.email = "teacher@example.cn"
    user.save()
    return user


def at(moment):
    return time_machine.travel(moment, tick=False)


def by_the_clock(function):
    with live.grip(1) as pen:
        return function(Work(Job(pk=1), pen), day=today().isoformat())


def test_due_work_starts_once_a_day_and_the_digest_on_mondays(db):
    with at(MONDAY.replace(hour=2, minute=59)):
        assert start_due() == []
    with at(MONDAY.replace(hour=7, minute=59, second=59)):
        assert start_due() == ["cleaning"]
    with at(MONDAY.replace(hour=8)):
        assert start_due() == ["reminders", "digest"]
        assert start_due() == []
    with at(MONDAY.replace(hour=6)):
        assert start_due() == []  # The clock was set back.
    with at(MONDAY + dt.timedelta(days=1, hours=9)):
        assert start_due() == ["cleaning", "reminders"]
    assert Job.objects.filter(user=None, state="queued").count() == 5


def test_on_the_29th_of_february_and_at_the_turn_of_the_year(db):
    weekly = Periodic("digest", 8, weekday=0)
    leap = dt.datetime(2028, 2, 29, 9, tzinfo=ZONE)
    assert weekly.due_day(leap) == dt.date(2028, 2, 28)
    assert weekly.due_day(dt.datetime(2027, 1, 1, 9, tzinfo=ZONE)) == dt.date(2026, 12, 28)


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="the tests' database in memory locks by table; tests/cli/test_worker.py has real ones",
)
@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_starts_it():
    started, gate = [], threading.Barrier(6)

    def worker():
        gate.wait()
        try:
            started.extend(start_due())
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == len(set(started)) == PeriodicRun.objects.count()
    assert Job.objects.count() == len(started)


def test_a_deadline_is_reminded_of_seven_days_before_one_day_before_and_after(
    school, teacher, office
):
    with at(MONDAY.replace(hour=9)):
        deadline = set_deadline(
            school=school, code="x", title="中期检查", owner=teacher,
            due_on=dt.date(2026, 3, 20), by=office,
        )  # fmt: skip
    told = {}
    for number in range(1, 31):
        with at(MONDAY.replace(day=number, hour=8)):
            by_the_clock(remind)
            by_the_clock(remind)  # Cut short and done again: no second effect.
            now = Notice.objects.filter(user=teacher).count()
            if now != sum(told.values()):
                told[number] = now - sum(told.values())
    assert told == {13: 1, 19: 1, 21: 1}
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["soon", "soon", "overdue"]
    assert Notice.objects.exclude(user=teacher).count() == 0
    with at(MONDAY.replace(day=30, hour=9)):
        extend_deadline(deadline=deadline, to=dt.date(2026, 4, 3), reason="外出", by=office)
        by_the_clock(remind)
    assert Notice.objects.filter(kind=NoticeKind.DEADLINE_SOON).count() == 3


def test_who_has_left_is_reminded_of_nothing(school, teacher, office):
    set_deadline(school=school, code="x", title="事", owner=teacher, due_on=today(), by=office)
    Membership.objects.filter(user=teacher).update(valid_to=dt.date(2020, 12, 31))
    by_the_clock(remind)
    assert Notice.objects.count() == 0


def test_the_digest_goes_to_those_who_owe_and_want_it_as_one_mail(
    school, teacher, office, member, settings
):
    settings.EMAIL_HOST = "mail.example.cn"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    owes_nothing, opted_out = member(Role.TEACHER, "free"), member(Role.TEACHER, "quiet")
    for user in (office, owes_nothing, opted_out):
        user.email = f"{user.username}@example.cn"
        user.save()
    late = timezone.localdate() - dt.timedelta(days=2)
    for owner in (teacher, opted_out):
        for code in "ab":
            set_deadline(
                school=school, code=code, title=f"事{code}", owner=owner, due_on=late, by=office
            )
    choose_notices(user=opted_out, in_app=list(NoticeKind), by_mail=[])
    assert by_the_clock(send_digests) == {"sent": 1}
    assert by_the_clock(send_digests) == {"sent": 0}
    for user in (teacher, office, owes_nothing, opted_out):
        send_due_mail(user=user.pk)
    (message,) = mail.outbox
    assert message.to == ["teacher@example.cn"]
    assert message.body.startswith("您有 2 项待办，其中 2 项逾期：\n- 事a（已逾期")
    # In the app, the to-dos themselves are there: no notice repeats them.
    assert not Notice.objects.filter(is_shown=True).exists()
