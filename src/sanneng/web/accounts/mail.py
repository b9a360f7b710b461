"""Invitations by e-mail, where the installation has a mail server; nothing needs one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from sanneng.core.models import School

logger = logging.getLogger(__name__)


def mail_works() -> bool:
    """Whether a mail server is set."""
    return bool(settings.EMAIL_HOST)


def mail_links(*, school: School, rows: Sequence[tuple[str, str, str]]) -> int:
    """Send each (name, e-mail address, link) that has an address; returns how many went out.

    A server that does not answer stops nothing: the links are on the page.
    """
    mails = [
        EmailMessage(
            subject=_("{school}邀请您使用三能").format(school=school),
            body=_(
                "{name}：\n\n请打开下面的链接，设置用户名和密码。链接七天内有效，只能用一次，请勿转发。\n\n{link}\n"
            ).format(name=name, link=link),
            to=[mail],
        )
        for name, mail, link in rows
        if mail
    ]
    if not mails or not mail_works():
        return 0
    try:
        with get_connection() as connection:
            return connection.send_messages(mails) or 0
    except (OSError, SMTPException) as error:
        logger.warning("invitations could not be mailed: %s", type(error).__name__)
        return 0
