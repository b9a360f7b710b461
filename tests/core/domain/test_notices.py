"""Who is told what, in the app and by e-mail."""

import datetime as dt
import smtplib

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sanneng.core.domain.audit import verify
from sanneng.core.domain.bulk import take_steps
from sanneng.core.domain.corrections import (
    apply_correction,
    propose_correction,
    refuse_correction,
    withdraw_correction,
)
from sanneng.core.domain.mail import RETRIES, send_due_mail
from sanneng.core.domain.notices import choose_notices, mark_read, notify, unread
from sanneng.core.domain.records import (
    APPROVE,
    RETURN,
    approve_record,
    return_record,
    submit_record,
    void_record,
)
from sanneng.core.enums import NoticeKind, Role
from sanneng.core.models import Membership, Notice, User
from sanneng.research.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(member):
    user = member(Role.TEACHER)
    user.email = "teacher@example.cn"
    user.save()
    return user


@pytest.fixture
def make(school, teacher):
    def made(key, by=None):
        record = Project.objects.create(
            school=school, key=key, title=f"题{key}", level="city",
            approved_on=dt.date(2022, 1, 1), created_by=by or teacher,
        )  # fmt: skip
        submit_record(record=record, by=by or teacher)
        return record

    return made


@pytest.fixture
def mailing(settings):
    settings.EMAIL_HOST, settings.SITE_URL = "mail.example.cn", "https://sanneng.example.cn"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []


def told(user):
    return [(one.kind, one.text) for one in Notice.objects.filter(user=user).order_by("pk")]


def test_whoever_handed_in_learns_what_became_of_it(make, teacher, office):
    record = make("1")
    return_record(record=record, by=office, reason="缺佐证")
    submit_record(record=record, by=teacher)
    approve_record(record=record, by=office)
    void_record(record=record, by=office, reason="重复")
    assert told(teacher) == [
        ("returned", "您提交的科研课题“题1”被退回：缺佐证"),
        ("approved", "您提交的科研课题“题1”已通过。"),
        ("voided", "您提交的科研课题“题1”被作废：重复"),
    ]
    assert told(office) == []
    assert Notice.objects.first().link == f"/records/research.project/{record.pk}/"
    assert verify() == []


def test_what_is_done_to_many_at_once_is_one_notice(make, teacher, office, member):
    other = member(Role.TEACHER, username="other")
    mine, theirs = [make(key) for key in "123"], make("4", by=other)
    take_steps(APPROVE, records=[*mine, theirs], by=office)
    assert told(teacher) == [("approved", "您提交的 3 条科研课题已通过。")]
    assert told(other) == [("approved", "您提交的科研课题“题4”已通过。")]


def test_who_does_it_themselves_is_not_told(make, office):
    return_record(record=make("1", by=office), by=office, reason="再想想")
    assert told(office) == []


def test_a_bulk_step_that_is_refused_tells_nobody(make, teacher, office, member):
    with pytest.raises(Exception, match="权限"):
        take_steps(RETURN, records=[make("1")], by=member(Role.TEACHER, "x"), reason="不")
    assert Notice.objects.count() == 0


def test_a_correction_is_told_to_those_who_decide_and_then_to_its_proposer(
    make, teacher, office, member, other_school
):
    record = make("1")
    approve_record(record=record, by=office)
    Notice.objects.all().delete()
    leader, clerk = member(Role.LEADER), member(Role.TEACHING_OFFICE)
    stranger = User.objects.create(username="stranger")
    Membership.objects.create(
        user=stranger, school=other_school, role=Role.LEADER, valid_from=dt.date(2020, 1, 1)
    )
    record.refresh_from_db()
    first = propose_correction(
        record=record, values={"title": "新"}, by=teacher, reason="错字", version=record.version
    )
    for reader, kinds in ((office, 1), (leader, 1), (clerk, 0), (stranger, 0), (teacher, 0)):
        assert len(told(reader)) == kinds, reader
    refuse_correction(correction=first, by=office, reason="原文如此")
    second = propose_correction(
        record=record, values={"title": "新"}, by=teacher, reason="错字", version=record.version
    )
    apply_correction(correction=second, by=leader)
    assert told(teacher) == [
        ("decided", "您申请的“题1”的更正：未同意：原文如此"),
        ("decided", "您申请的“新”的更正：已更正。"),
    ]
    record.refresh_from_db()
    third = propose_correction(
        record=record, values={"title": "再"}, by=teacher, reason="错字", version=record.version
    )
    withdraw_correction(correction=third, by=teacher)
    assert len(told(teacher)) == 2


def test_what_was_switched_off_is_not_told(school, teacher):
    choose_notices(user=teacher, in_app=["returned"], by_mail=["approved", "digest"])
    for kind in (NoticeKind.RETURNED, NoticeKind.APPROVED):
        notify([teacher], kind, "字", school=school)
    assert told(teacher) == [("returned", "字")]


def test_with_a_key_nobody_is_told_twice(school, teacher, office):
    notify([teacher], NoticeKind.DEADLINE_SOON, "字", school=school, key="d:1")
    notify([teacher, office], NoticeKind.DEADLINE_SOON, "字", school=school, key="d:1")
    assert (len(told(teacher)), len(told(office))) == (1, 1)


def test_only_ones_own_notices_are_marked_as_read(school, teacher, office):
    notify([teacher, office], NoticeKind.APPROVED, "字", school=school)
    assert mark_read(user=office, notices=[Notice.objects.get(user=teacher).pk]) == 0
    assert mark_read(user=office) == 1
    assert (unread(teacher), unread(office)) == (1, 0)


def test_without_a_mail_host_nothing_is_sent(school, teacher):
    notify([teacher], NoticeKind.RETURNED, "字", school=school)
    assert (DBTaskResult.objects.count(), Notice.objects.get().mail_due) == (0, False)


def test_one_message_carries_all_that_is_due_and_goes_once(school, teacher, mailing):
    for text in ("甲", "乙"):
        notify([teacher], NoticeKind.RETURNED, text, school=school, link="/records/")
    assert send_due_mail(user=teacher.pk)
    assert not send_due_mail(user=teacher.pk)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["teacher@example.cn"], "三能：2 条消息")
    assert "甲\nhttps://sanneng.example.cn/records/\n\n乙" in message.body


def test_kinds_that_are_no_mail_by_default_stay_in_the_app(school, teacher, mailing):
    notify([teacher], NoticeKind.APPROVED, "字", school=school)
    assert not send_due_mail(user=teacher.pk)
    assert (mail.outbox, len(told(teacher))) == ([], 1)


@pytest.mark.parametrize("leaves", ["membership ends", "account closed", "no address"])
def test_who_has_left_gets_no_mail(school, teacher, mailing, leaves):
    notify([teacher], NoticeKind.RETURNED, "字", school=school)
    if leaves == "membership ends":
        Membership.objects.update(valid_to=dt.date(2020, 12, 31))
    User.objects.update(
        is_active=leaves != "account closed",
        email="" if leaves == "no address" else "teacher@example.cn",
    )
    assert not send_due_mail(user=teacher.pk)
    assert (mail.outbox, Notice.objects.get().mail_due) == ([], False)


class Broken:
    """A mail server that is away."""

    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("away")


def test_what_could_not_be_sent_is_tried_again_and_then_given_up(
    school, teacher, mailing, settings
):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    notify([teacher], NoticeKind.RETURNED, "字", school=school)
    DBTaskResult.objects.all().delete()
    for attempt, delay in enumerate(RETRIES, start=1):
        with time_machine.travel(timezone.now(), tick=False):
            assert not send_due_mail(user=teacher.pk, attempt=attempt)
            task = DBTaskResult.objects.latest("enqueued_at")
            assert task.args_kwargs["args"] == [teacher.pk, attempt + 1]
            assert task.run_after == timezone.now() + delay
    count = DBTaskResult.objects.count()
    assert not send_due_mail(user=teacher.pk, attempt=len(RETRIES) + 1)
    assert (DBTaskResult.objects.count(), Notice.objects.get().mail_due) == (count, False)


def test_what_is_tried_again_arrives(school, teacher, mailing, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    notify([teacher], NoticeKind.RETURNED, "字", school=school)
    send_due_mail(user=teacher.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due_mail(user=teacher.pk, attempt=2)
    assert len(mail.outbox) == 1
