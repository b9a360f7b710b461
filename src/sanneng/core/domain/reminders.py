"""What people are told by the clock: deadlines near and past, and once a week what they owe."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.chat import send_standings
from sanneng.core.domain.in_charge import still_there
from sanneng.core.domain.jobs import Work
from sanneng.core.domain.notices import mail_is_on, notify
from sanneng.core.enums import NoticeKind
from sanneng.core.models import Deadline, Membership, School, User
from sanneng.core.todos import Todo, todos_of

AHEAD = (1, 7)  # days
DIGEST_LINES = 15


def remind(work: Work, day: str) -> dict[str, Any]:
    """Tell those who owe, once for each stage of each deadline, and the schools' robots."""
    now = today()
    near = Deadline.objects.open().filter(due_on__lte=now + dt.timedelta(days=max(AHEAD)))
    deadlines = list(near.select_related("owner", "school"))
    there = {user.pk: still_there(user) for user in {one.owner for one in deadlines}}
    told = 0
    for number, deadline in enumerate(deadlines, start=1):
        work.progress(_("提醒期限"), number, len(deadlines))
        if there[deadline.owner_id]:
            told += _tell(deadline, (deadline.due_on - now).days)
    work.progress(_("群消息"))
    return {"told": told, "chats": send_standings()}


def _tell(deadline: Deadline, left: int) -> int:
    """Each stage is told once; a deadline that was extended goes through them anew."""
    if left < 0:
        kind, stage = NoticeKind.DEADLINE_OVERDUE, "late"
        text = _("“{title}”已过期限（{day}），请尽快完成，或请分管股室延期。")
    else:
        kind, stage = NoticeKind.DEADLINE_SOON, str(min(days for days in AHEAD if left <= days))
        text = _("“{title}”还剩 {left} 天，期限 {day}。") if left else _("“{title}”今天到期。")
    return len(
        notify(
            [deadline.owner],
            kind,
            text.format(title=deadline.title, day=deadline.due_on.isoformat(), left=left),
            school=deadline.school,
            link=deadline.link or "/todo/",
            key=f"deadline:{deadline.pk}:{deadline.due_on}:{stage}",
        )
    )


def send_digests(work: Work, day: str) -> dict[str, Any]:
    """One e-mail a week to each who owes something and wants it; nothing to all others."""
    if not mail_is_on():
        return {"sent": 0}
    members = Membership.objects.valid_on(today()).values("user")
    people = list(User.objects.filter(pk__in=members, is_active=True).exclude(email=""))
    sent = 0
    for number, user in enumerate(people, start=1):
        work.progress(_("每周汇总"), number, len(people))
        sent += _digest(user, day)
    return {"sent": sent}


def _digest(user: User, day: str) -> int:
    rights = Rights(user)
    owed: list[tuple[School, list[Todo]]] = []
    for school in rights.schools():
        if todos := todos_of(user, rights, school):
            owed.append((school, todos))
    if not owed:
        return 0
    everything = [todo for _school, todos in owed for todo in todos]
    late = sum(todo.overdue for todo in everything)
    lines = [_("您有 {number} 项待办，其中 {late} 项逾期：").format(
        number=len(everything), late=late
    )]  # fmt: skip
    lines += [f"- {_line(todo)}" for todo in everything[:DIGEST_LINES]]
    if len(everything) > DIGEST_LINES:
        lines.append(
            _("其余 {number} 项请登录查看。").format(number=len(everything) - DIGEST_LINES)
        )
    made = notify(
        [user],
        NoticeKind.DIGEST,
        "\n".join(lines),
        school=owed[0][0],
        link="/todo/",
        key=f"digest:{day}",
    )
    return len(made)


def _line(todo: Todo) -> str:
    if todo.due is None:
        return todo.title
    when = _("已逾期") if todo.overdue else _("期限")
    return f"{todo.title}（{when} {todo.due.isoformat()}）"
