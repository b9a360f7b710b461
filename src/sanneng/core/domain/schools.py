"""What a school says of itself, and which parts of the product it uses."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sanneng.core.domain.access import may
from sanneng.core.domain.audit import note
from sanneng.core.enums import AuditAction, Mechanism
from sanneng.core.errors import NotAllowed, SannengError
from sanneng.core.models import School, User
from sanneng.core.permissions import Permission
from sanneng.core.transactions import one_transaction


@one_transaction()
def create_school(*, code: str, name: str, level: str, parent: School | None) -> School:
    """Set a school up, without anybody in it. For the operator at the command line.

    Raises SannengError for a code or a name that cannot be one, and for a code that is taken.
    """
    name = " ".join(name.split())
    school = School(code=code, name=name, level=level, parent=parent)
    try:
        school.full_clean()
    except ValidationError as error:
        raise SannengError(" ".join(error.messages), code="school_invalid") from error
    school.save()
    note(
        AuditAction.CREATE, school=school, by=None, of=school,
        changes={"name": (None, name), "level": (None, level), "parent": (None, parent)},
    )  # fmt: skip
    return school


@one_transaction()
def change_school(*, school: School, name: str, switched_off: Iterable[str], by: User) -> None:
    """Set the name and the parts that the school does not use. What was recorded in a part
    that is switched off stays, and is there again when it is switched on.

    Raises NotAllowed, or SannengError for an empty name or a part that there is not.
    """
    if not may(user=by, permission=Permission.MANAGE_SCHOOL, school=school):
        raise NotAllowed(_("只有系统管理员可以修改学校设置。"))
    name, off = " ".join(name.split()), sorted(set(switched_off))
    if not name or len(name) > 100:
        raise SannengError(_("请填写学校名称，不超过 100 个字。"), code="name_missing")
    if not set(off) <= set(Mechanism.values):
        raise SannengError(_("没有这个功能，请刷新页面再选。"), code="no_such_part")
    changes = {
        field: (getattr(school, field), value)
        for field, value in (("name", name), ("switched_off", off))
        if getattr(school, field) != value
    }
    if not changes:
        return
    school.name, school.switched_off = name, off
    school.save(update_fields=["name", "switched_off"])
    note(AuditAction.SETTINGS, school=school, by=by, of=school, changes=changes)
