"""Making and changing records before they are approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import history, note
from sanneng.core.domain.changes import (
    Changes,
    as_noted,
    changes_of,
    check_values,
    lost_with,
    own_fields,
    refused,
    save_changes,
)
from sanneng.core.domain.endings import end_with
from sanneng.core.domain.evidence import forget_unused
from sanneng.core.domain.records import overtaken
from sanneng.core.enums import AuditAction, RecordState
from sanneng.core.errors import InvalidValues, NotAllowed, Outdated, SannengError, WrongState
from sanneng.core.models import Record, School, User
from sanneng.core.spreadsheets.keys import own_key
from sanneng.core.transactions import one_transaction

EDITABLE = (RecordState.DRAFT, RecordState.RETURNED)
Kind = TypeVar("Kind", bound=Record)


@one_transaction()
def create_record(
    model: type[Kind], *, school: School, values: Mapping[str, Any], by: User
) -> Kind:
    """Make a draft of ``school`` from ``values`` by field name; 编号 is given where it lacks.

    Raises NotAllowed, or InvalidValues with what to do for each field.
    """
    if not Rights(by).may_enter(model, school):
        raise NotAllowed(_("您不能登记本校的这类记录，请联系分管股室。"))
    record = model(school=school, created_by=by, **values)
    check_values(record, values)
    if not record.key:
        record.key = _free_key(record)
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except (IntegrityError, DataError) as error:
        raise refused(model, error) from error
    made: Changes = {
        name: (None, value) for name, value in values.items() if value not in (None, "")
    }
    note(AuditAction.CREATE, school=school, by=by, of=record, changes=as_noted(model, made))
    return record


@one_transaction()
def edit_record(*, record: Record, values: Mapping[str, Any], by: User, version: int) -> Changes:
    """Change a draft or a returned record that is still in ``version``; returns what changed.

    Raises NotAllowed, WrongState (an approved record is corrected, not edited), Outdated when
    somebody else was faster, or InvalidValues.
    """
    if not Rights(by).may_edit(record):
        raise NotAllowed(_("您不能修改这条记录，请由登记人或分管股室修改。"))
    if record.state not in EDITABLE:
        raise WrongState(
            _("“{state}”的记录不能直接修改：待审核的先撤回，已通过的请申请更正。").format(
                state=record.get_state_display()
            )
        )
    changes = changes_of(record, values)
    if not changes:
        return changes
    for name, (_before, value) in changes.items():
        setattr(record, name, value)
    check_values(record, values)
    written = {name: value for name, (_before, value) in changes.items()}
    if not save_changes(
        record,
        written | {"version": version + 1},
        version=version,
        state__in=EDITABLE,
    ):
        raise Outdated(outdated_text(record))
    record.version = version + 1
    note(
        AuditAction.EDIT,
        school=record.school,
        by=by,
        of=record,
        changes=as_noted(type(record), changes),
        version=record.version,
    )
    return changes


def _free_key(record: Record) -> str:
    """The 编号 that follows from what tells such records apart. Raises InvalidValues where a
    record in force has it already: most likely the same thing is being entered twice."""
    key = own_key(record)
    # Asked once: between two questions somebody else may enter the same thing.
    same = list(type(record)._base_manager.filter(school=record.school, key__startswith=key))
    found = next((one for one in same if one.state != RecordState.VOIDED), None)
    if found is not None:
        raise InvalidValues(
            {
                "": [
                    _(
                        "已有一条相同的记录“{record}”（{state}）。若确是另一件事，请另填一个编号。"
                    ).format(record=found, state=found.get_state_display())
                ]
            }
        )
    return f"{key}-{len(same) + 1}" if same else key


def outdated_text(record: Record) -> str:
    """Who changed it meanwhile, in words."""
    last = history(record).first()
    who = last.actor_name if last and last.actor_name else _("别人")
    return _("您编辑期间，{who}已经改过这条记录。您填的内容还在下面，请对照后再保存。").format(
        who=who
    )


@one_transaction()
def delete_draft(*, record: Record, by: User) -> None:
    """Delete a draft that was never handed in, with its evidence; anything later is voided.

    Raises NotAllowed, WrongState, or SannengError where other records refer to it.
    """
    if not Rights(by).may_edit(record):
        raise NotAllowed(_("您不能删除这条记录。"))
    # Somebody may be handing it in, or deleting it too, at this moment.
    now = type(record)._base_manager.select_for_update().filter(pk=record.pk).first()
    if now is None:
        raise overtaken(record)
    if now.state != RecordState.DRAFT:
        raise WrongState(_("只有草稿可以删除；已通过的记录请用作废，原记录会保留。"))
    school, label, pk = record.school, str(record), record.pk
    lost = lost_with(record)
    digests = list(record.evidence.values_list("digest", flat=True))
    ended = end_with(type(record), [pk], by=by)
    try:
        with transaction.atomic():
            record.delete()
    except ProtectedError as error:
        raise SannengError(
            _("别的记录用到了“{record}”，不能删除。").format(record=label), code="in_use"
        ) from error
    record.pk = pk
    note(AuditAction.DELETE, school=school, by=by, of=record, changes=lost, **ended.get(pk, {}))
    transaction.on_commit(lambda: forget_unused(digests))


def copied_values(record: Record) -> dict[str, Any]:
    """What a copy of ``record`` starts with: its own fields, without 编号 and life cycle."""
    return {field.name: getattr(record, field.name) for field in own_fields(type(record))}
