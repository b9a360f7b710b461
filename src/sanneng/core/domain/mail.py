"""E-mail: one message with what somebody is to be told, tried again for a while, then given up."""

from __future__ import annotations

import datetime as dt
import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.in_charge import still_there
from sanneng.core.models import Notice, User
from sanneng.core.tasks import send_mail_of

log = structlog.get_logger(__name__)
# How long after each failure it is tried again; after the last, the notice stays in the app only.
RETRIES = (dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))


def send_due_mail(*, user: int, attempt: int = 1) -> bool:
    """Send ``user`` what is due by e-mail in one message; whether one went out.

    Nothing goes to those who have left. What could not be sent is tried again (``RETRIES``).
    """
    person = User.objects.filter(pk=user).first()
    due = Notice.objects.filter(user=user, mail_due=True, mailed_at__isnull=True)
    if person is None or not person.email or not still_there(person):
        due.update(mail_due=False)
        return False
    # Taken before it is sent: a worker that dies in between sends too little, never twice.
    stamp = timezone.now()
    if not due.update(mailed_at=stamp):
        return False
    taken = Notice.objects.filter(user=user, mailed_at=stamp)
    try:
        _message(person, taken).send()
    except (smtplib.SMTPException, OSError) as error:
        _later(person, taken, attempt, error)
        return False
    return True


def _message(person: User, notices: QuerySet[Notice]) -> EmailMessage:
    notices = notices.order_by("pk")
    lines = []
    for notice in notices:
        lines.append(notice.text)
        if settings.SITE_URL and notice.link:
            lines.append(f"{settings.SITE_URL}{notice.link}")
        lines.append("")
    lines.append(_("不想再收到这类邮件：登录后在“消息 → 接收设置”里关闭。"))
    first = notices[0].text.splitlines()[0]
    subject = first if len(notices) == 1 else _("{number} 条消息").format(number=len(notices))
    return EmailMessage(
        subject=_("三能：{subject}").format(subject=subject[:80]),
        body="\n".join(lines),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _later(person: User, taken: QuerySet[Notice], attempt: int, error: Exception) -> None:
    log.warning("mail not sent", user=person.pk, attempt=attempt, error=type(error).__name__)
    if attempt > len(RETRIES):
        taken.update(mail_due=False)
        return
    taken.update(mailed_at=None)
    when = timezone.now() + RETRIES[attempt - 1]
    send_mail_of.using(run_after=when).enqueue(person.pk, attempt + 1)
