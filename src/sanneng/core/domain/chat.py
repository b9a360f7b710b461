"""A school's group robots: setting them up, and sending what concerns all and names nobody."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import may
from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction, ChatKind
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import ChatRobot, Deadline, School, User
from sanneng.core.outbound import destination_of, send_message
from sanneng.core.permissions import Permission
from sanneng.core.sealing import seal, unseal

PURPOSE = "chat robot"


@transaction.atomic
def set_robot(
    *, school: School, kind: ChatKind, address: str, secret: str, is_on: bool, by: User
) -> ChatRobot:
    """Keep a robot of ``school``; an empty address or secret leaves the one there is.

    Raises NotAllowed, or SannengError for an address that nothing may be sent to.
    """
    _check_may(school, by)
    robot = ChatRobot.objects.filter(school=school, kind=kind).first()
    robot = robot or ChatRobot(school=school, kind=kind)
    if address.strip():
        destination_of(address)
        robot.address = seal(address.strip(), purpose=PURPOSE)
    if secret.strip():
        robot.secret = seal(secret.strip(), purpose=PURPOSE)
    if is_on and not robot.address:
        raise SannengError(_("先填机器人地址，再启用。"), code="address_missing")
    robot.is_on, robot.last_error = is_on, ""
    robot.save()
    note(
        AuditAction.SETTINGS, school=school, by=by, of=robot,
        is_on=str(is_on), new_address=bool(address.strip()), new_secret=bool(secret.strip()),
    )  # fmt: skip
    return robot


@transaction.atomic
def remove_robot(*, robot: ChatRobot, by: User) -> None:
    """Forget a robot with its address and secret. Raises NotAllowed."""
    _check_may(robot.school, by)
    pk = robot.pk
    robot.delete()
    robot.pk = pk
    note(AuditAction.SETTINGS, school=robot.school, by=by, of=robot, removed=True)


def try_robot(*, robot: ChatRobot, by: User) -> None:
    """Send a message for a trial, whether the robot is on or not. Raises NotAllowed, NotSent."""
    _check_may(robot.school, by)
    _send(robot, _("三能：群机器人已经接通。"))


def _check_may(school: School, by: User) -> None:
    if not may(user=by, permission=Permission.MANAGE_SCHOOL, school=school):
        raise NotAllowed(_("只有本校系统管理员可以设置群机器人。"))


def _send(robot: ChatRobot, text: str) -> None:
    """Raises NotSent, and keeps why for the settings page."""
    try:
        send_message(
            ChatKind(robot.kind),
            address=unseal(robot.address, purpose=PURPOSE),
            secret=unseal(robot.secret, purpose=PURPOSE) if robot.secret else "",
            text=text,
        )
    except SannengError as error:
        ChatRobot.objects.filter(pk=robot.pk).update(last_error=str(error)[:300])
        raise
    ChatRobot.objects.filter(pk=robot.pk).update(last_error="", last_sent_at=timezone.now())


@dataclass(frozen=True)
class Standing:
    """How many things of a school are late, and how many are due within a week."""

    overdue: int
    soon: int

    @property
    def text(self) -> str:
        """For a group chat: numbers only, no names and no titles."""
        return _(
            "三能提醒：本校有 {overdue} 项工作逾期，{soon} 项 7 天内到期，请登录系统查看待办。"
        ).format(overdue=self.overdue, soon=self.soon)


def standing_of(school: School) -> Standing:
    day = today()
    dues = list(Deadline.objects.open().filter(school=school).values_list("due_on", flat=True))
    late = sum(due < day for due in dues)
    return Standing(late, sum(0 <= (due - day).days <= 7 for due in dues))


def send_standings() -> int:
    """Tell each school's robots, at most once a day and only where something is due."""
    sent = 0
    for robot in ChatRobot.objects.filter(is_on=True).select_related("school"):
        standing = standing_of(robot.school)
        last = robot.last_sent_at
        told_today = last is not None and timezone.localdate(last) == today()
        if told_today or not (standing.overdue or standing.soon):
            continue
        try:
            _send(robot, standing.text)
        except SannengError:
            continue  # Kept with the robot, where the administrator looks.
        sent += 1
    return sent
