"""Standing in (代办): somebody has a colleague's roles in a school for some days."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note
from sanneng.core.domain.keepers import check_work_apart
from sanneng.core.enums import AuditAction
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import Membership, School, StandIn, User
from sanneng.core.permissions import Permission

LONGEST = dt.timedelta(days=92)


@transaction.atomic
def name_deputy(
    *,
    school: School,
    absent: User,
    deputy: User,
    valid_from: dt.date,
    valid_to: dt.date,
    by: User,
) -> StandIn:
    """Let ``deputy`` do the work of ``absent`` in the school from one day to another.

    A member names a deputy for its own work; the security administrator for anybody's, but
    never itself. Raises NotAllowed or SannengError.
    """
    if by.pk != absent.pk:
        if not Rights(by).may(Permission.MANAGE_MEMBERS, school):
            raise NotAllowed(_("只能为自己确定代办人；为别人确定，请找安全管理员。"))
        if deputy.pk == by.pk:
            raise NotAllowed(_("不能让自己代办别人的工作，请由另一位安全管理员办理。"))
    if absent.pk == deputy.pk:
        raise SannengError(_("代办人不能是本人。"), code="same_person")
    if valid_to < valid_from:
        raise SannengError(_("结束日期不能早于开始日期。"), code="dates")
    if valid_to < today():
        raise SannengError(_("结束日期已经过去。"), code="past")
    if valid_to - valid_from > LONGEST:
        raise SannengError(_("一次代办最长三个月，到期可以再定。"), code="too_long")
    _check_members(school, absent, deputy)
    # One at a time: two stand-ins that each are in order may not be so together.
    School.objects.select_for_update().get(pk=school.pk)
    stand_in = StandIn.objects.create(
        school=school, absent=absent, deputy=deputy,
        valid_from=valid_from, valid_to=valid_to, created_by=by,
    )  # fmt: skip
    check_work_apart(user=deputy, school=school)
    note(
        AuditAction.MEMBERSHIP, school=school, by=by, of=absent,
        what="stand_in", deputy=deputy, began=valid_from, ends=valid_to,
    )  # fmt: skip
    return stand_in


def _check_members(school: School, absent: User, deputy: User) -> None:
    valid = Membership.objects.valid_on(today()).filter(school=school, user__is_active=True)
    members = set(valid.filter(user__in=[absent, deputy]).values_list("user_id", flat=True))
    if {absent.pk, deputy.pk} - members:
        raise SannengError(_("代办人和被代办人都要是本校现在的成员。"), code="no_member")


@transaction.atomic
def end_stand_in(*, stand_in: StandIn, by: User) -> None:
    """End it now; one that has not begun goes away. Raises NotAllowed."""
    if by.pk not in (stand_in.absent_id, stand_in.deputy_id) and not Rights(by).may(
        Permission.MANAGE_MEMBERS, stand_in.school
    ):
        raise NotAllowed(_("只有本人、代办人和安全管理员可以结束代办。"))
    note(
        AuditAction.MEMBERSHIP, school=stand_in.school, by=by, of=stand_in.absent,
        what="end_stand_in", deputy=stand_in.deputy,
    )  # fmt: skip
    yesterday = today() - dt.timedelta(days=1)
    if stand_in.valid_from > yesterday:
        stand_in.delete()
    else:
        stand_in.valid_to = min(stand_in.valid_to, yesterday)
        stand_in.save(update_fields=["valid_to"])
