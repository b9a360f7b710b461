"""Deadlines: set once, closed by what was owed, moved only by an extension that says why."""

from __future__ import annotations

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.in_charge import is_in_charge
from sanneng.core.enums import AuditAction
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.models import Deadline, DeadlineExtension, School, User


@transaction.atomic
def set_deadline(
    *,
    school: School,
    code: str,
    title: str,
    owner: User,
    due_on: dt.date,
    by: User | None,
    record: models.Model | None = None,
    link: str = "",
) -> Deadline:
    """Let ``owner`` owe something until the end of ``due_on``.

    What is owed already for the same record stays as it is, with the date it has: a deadline
    is not computed anew. ``by`` None is the system. Raises NotAllowed.
    """
    kind = ContentType.objects.get_for_model(record) if record is not None else None
    pk = record.pk if record is not None else None
    deadline = Deadline(
        school=school, code=code, title=title[:200], owner=owner, due_on=due_on, created_by=by,
        content_type=kind, object_id=pk, link=link[:255],
    )  # fmt: skip
    if by is not None and not is_in_charge(deadline, Rights(by)):
        raise NotAllowed(_("只有分管股室和校领导可以设定期限。"))
    if record is not None:
        same = Deadline.objects.open().filter(
            code=code, owner=owner, content_type=kind, object_id=pk
        )
        if (found := same.first()) is not None:
            return found
        try:
            with transaction.atomic():
                deadline.save()
        except IntegrityError:
            return same.get()
    else:
        deadline.save()
    note(
        AuditAction.CREATE, school=school, by=by, of=deadline,
        changes={"due_on": (None, due_on), "owner": (None, owner)},
    )  # fmt: skip
    return deadline


@transaction.atomic
def settle(*, code: str, record: models.Model, by: User | None) -> int:
    """What was owed for ``record`` under ``code`` is done; how many deadlines that closed."""
    found = Deadline.objects.open().filter(
        code=code,
        content_type=ContentType.objects.get_for_model(record),
        object_id=record.pk,
    )
    return sum(_close(deadline, by) for deadline in found.select_related("school"))


def close_deadline(*, deadline: Deadline, by: User) -> None:
    """Close by hand what no record closes. Raises NotAllowed or WrongState."""
    if not is_in_charge(deadline, Rights(by)):
        raise NotAllowed(_("只有分管股室和校领导可以办结，请联系他们确认。"))
    with transaction.atomic():
        if not _close(deadline, by):
            raise WrongState(_("这件事已经办结，请刷新后再看。"))


def _close(deadline: Deadline, by: User | None) -> int:
    now = timezone.now()
    closed = Deadline.objects.open().filter(pk=deadline.pk).update(done_at=now)
    if closed:
        note(
            AuditAction.EDIT, school=deadline.school, by=by, of=deadline,
            changes={"done_at": (None, now)},
        )  # fmt: skip
    return closed


@transaction.atomic
def extend_deadline(*, deadline: Deadline, to: dt.date, reason: str, by: User) -> DeadlineExtension:
    """Move ``deadline`` to a later day. Raises NotAllowed, WrongState or SannengError.

    Whoever owes does not extend for themselves, nor does who stands in for them.
    """
    rights = Rights(by)
    if not is_in_charge(deadline, rights):
        raise NotAllowed(_("只有分管股室和校领导可以延期，请向他们说明情况。"))
    if deadline.owner_id in {by.pk, *rights.stands_in_for(deadline.school_id)}:
        raise NotAllowed(_("不能给自己或所代办的人延期，请由其他负责人办理。"))
    reason = reason.strip()[:255]
    if not reason:
        raise SannengError(_("请写明延期的原因。"), code="reason_missing")
    if to <= deadline.due_on or to < today():
        raise SannengError(_("新期限要晚于原期限，也不能早于今天。"), code="not_later")
    moved = Deadline.objects.open().filter(pk=deadline.pk, due_on=deadline.due_on)
    if not moved.update(due_on=to):
        raise WrongState(_("这件事已经办结或已经延过期，请刷新后再看。"))
    extension = DeadlineExtension.objects.create(
        deadline=deadline, before=deadline.due_on, after=to, reason=reason, by=by
    )
    deadline.due_on = to
    note(
        AuditAction.EXTEND, school=deadline.school, by=by, of=deadline,
        changes={"due_on": (extension.before, to)}, reason=reason,
    )  # fmt: skip
    return extension


def owed_by(user: User, school: School | None = None) -> models.QuerySet[Deadline]:
    """What ``user`` still owes, the first due first."""
    own = Deadline.objects.open().filter(owner=user)
    own = own.filter(school=school) if school is not None else own
    return own.select_related("school", "content_type").order_by("due_on", "pk")


def overdue_under(rights: Rights, school: School) -> list[Deadline]:
    """What others owe and is late, as far as one with these rights looks after it."""
    late = Deadline.objects.overdue(today()).filter(school=school).exclude(owner=rights.user)
    found = late.select_related("owner", "school", "content_type").order_by("due_on", "pk")
    return [one for one in found if is_in_charge(one, rights)]
