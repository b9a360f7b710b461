"""The life cycle of a record: draft -> submitted -> approved | returned; approved -> voided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import Event, note_all
from sanneng.core.domain.endings import end_with
from sanneng.core.domain.notices import tell_about
from sanneng.core.enums import AuditAction, RecordState
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.models import Record, User
from sanneng.core.transactions import one_transaction

REASON_LENGTH = 255
# How long an approval can be taken back by the one who gave it.
SECOND_THOUGHTS = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Transition:
    """A step of the life cycle: from where, to where, and whether it needs a reason."""

    action: AuditAction
    sources: tuple[RecordState, ...]
    target: RecordState
    is_decision: bool
    needs_reason: bool = False


SUBMIT = Transition(
    AuditAction.SUBMIT, (RecordState.DRAFT, RecordState.RETURNED), RecordState.SUBMITTED, False
)
TAKE_BACK = Transition(AuditAction.WITHDRAW, (RecordState.SUBMITTED,), RecordState.DRAFT, False)
APPROVE = Transition(AuditAction.APPROVE, (RecordState.SUBMITTED,), RecordState.APPROVED, True)
RETURN = Transition(
    AuditAction.RETURN, (RecordState.SUBMITTED,), RecordState.RETURNED, True, needs_reason=True
)
VOID = Transition(
    AuditAction.VOID, (RecordState.APPROVED,), RecordState.VOIDED, True, needs_reason=True
)
REOPEN = Transition(AuditAction.REOPEN, (RecordState.APPROVED,), RecordState.SUBMITTED, True)

FORWARD = (SUBMIT, APPROVE, RETURN, VOID)
# What waits for the record, or shows it outside, ends with these.
BACKWARD = (TAKE_BACK, RETURN, VOID, REOPEN)
TRANSITIONS = (*FORWARD, TAKE_BACK, REOPEN)


def reachable_states(state: str) -> frozenset[str]:
    """The states to which the forward steps lead from ``state``, itself included."""
    found = {state}
    while further := {step.target.value for step in FORWARD if found & set(step.sources)} - found:
        found |= further
    return frozenset(found)


def submit_record(*, record: Record, by: User) -> None:
    """Hand ``record`` in for approval."""
    take_step(SUBMIT, record=record, by=by)


def take_back_record(*, record: Record, by: User) -> None:
    """Take back what was handed in by oneself and not yet decided, to go on with it."""
    take_step(TAKE_BACK, record=record, by=by)


def approve_record(*, record: Record, by: User) -> None:
    """Approve ``record``, so that it counts. Nobody approves what they handed in."""
    take_step(APPROVE, record=record, by=by)


def return_record(*, record: Record, by: User, reason: str) -> None:
    """Send ``record`` back to whoever handed it in."""
    take_step(RETURN, record=record, by=by, reason=reason)


def void_record(*, record: Record, by: User, reason: str) -> None:
    """Take an approved ``record`` out of every count, and keep it."""
    take_step(VOID, record=record, by=by, reason=reason)


def reopen_record(*, record: Record, by: User) -> None:
    """Take one's own approval of ``record`` back, within ``SECOND_THOUGHTS``."""
    take_step(REOPEN, record=record, by=by)


def take_step(step: Transition, *, record: Record, by: User, reason: str = "") -> None:
    """Move ``record`` along ``step``. Raises NotAllowed, WrongState, or SannengError where a
    reason is missing."""
    with one_transaction():
        event = move(step, record, by, Rights(by), reason)
        tell_about([event])
        note_all([event])
    record.refresh_from_db()


def refusal(step: Transition, record: Record, by: User, rights: Rights) -> SannengError | None:
    """Why ``by`` cannot take ``record`` along ``step`` as it stands; None where it can."""
    if record.state not in step.sources:
        return _in_wrong_state(record)
    if step.is_decision and not rights.may_decide(type(record), record.school_id):
        return NotAllowed(_("您没有审核本校这类记录的权限，请联系分管股室。"))
    if step is SUBMIT and not rights.may_edit(record):
        return NotAllowed(_("您不能提交这条记录，请由登记人或分管股室提交。"))
    if step is TAKE_BACK and record.submitted_by_id != by.pk:
        return NotAllowed(_("只有提交人可以撤回，请联系提交人或请审核人退回。"))
    if step is APPROVE and record.submitted_by_id in {by.pk, *_principals(record, rights)}:
        return NotAllowed(_("不能审核自己提交的记录，请由其他人审核。"))
    if step is REOPEN and not _is_fresh(record, by):
        return NotAllowed(_("只能在半小时内撤销自己作出的审核；过后请用作废或更正。"))
    return None


def overtaken(record: Record) -> WrongState:
    """What to tell somebody whose ``record`` another has changed, moved on or deleted."""
    try:
        record.refresh_from_db()
    except ObjectDoesNotExist:
        return WrongState(_("这条记录已经被删除了，请回到列表刷新后再看。"))
    return _in_wrong_state(record)


def _in_wrong_state(record: Record) -> WrongState:
    return WrongState(
        _("记录现在是“{state}”，不能执行这一步，请刷新后再看。").format(
            state=record.get_state_display()
        )
    )


def _principals(record: Record, rights: Rights) -> set[int]:
    """Nobody approves for the one who handed in: a deputy is not a second pair of eyes."""
    return rights.stands_in_for(record.school_id) if record.submitted_by_id else set()


def _is_fresh(record: Record, by: User) -> bool:
    decided = record.decided_at
    return (
        record.decided_by_id == by.pk
        and record.submitted_at is not None
        and decided is not None
        and timezone.now() - decided <= SECOND_THOUGHTS
    )


def move(step: Transition, record: Record, by: User, rights: Rights, reason: str = "") -> Event:
    """The step itself, by a conditional update: of two who decide at once, the second is told.

    Belongs into a transaction at whose end the returned event is noted.
    """
    reason = reason.strip()
    if (refused := refusal(step, record, by, rights)) is not None:
        raise refused
    if step.needs_reason and not reason:
        raise SannengError(_("请写明原因。"), code="reason_missing")
    if len(reason) > REASON_LENGTH:
        raise SannengError(
            _("原因太长，请缩短到 {limit} 个字以内。").format(limit=REASON_LENGTH),
            code="reason_too_long",
        )
    stamp = "decided" if step.is_decision else "submitted"
    changes = {
        "state": step.target,
        "reason": reason,
        "version": record.version + 1,
        f"{stamp}_at": timezone.now(),
        f"{stamp}_by": by,
    }
    if step in (TAKE_BACK, REOPEN):
        changes |= {f"{stamp}_at": None, f"{stamp}_by": None}
    moved = type(record)._base_manager.filter(
        pk=record.pk, state__in=step.sources, version=record.version
    )
    if not moved.update(**changes):
        raise overtaken(record)
    ended = end_with(type(record), [record.pk], by=by) if step in BACKWARD else {}
    return Event(
        step.action,
        record.school,
        by,
        record,
        {"state": (record.get_state_display(), str(step.target.label))},
        {"reason": reason, "version": record.version + 1, "evidence": _digests(step, record)}
        | ended.get(record.pk, {}),
    )


def _digests(step: Transition, record: Record) -> list[str]:
    """What was there to see when it was decided: an approval is bound to its evidence."""
    if step not in (SUBMIT, APPROVE):
        return []
    return sorted(filter(None, record.evidence.values_list("digest", flat=True)))


def steps_open_to(record: Record, by: User, rights: Rights) -> list[Transition]:
    """The steps that ``by`` can take ``record`` along now."""
    return [step for step in TRANSITIONS if refusal(step, record, by, rights) is None]


def decidable(records: Iterable[Record], by: User, rights: Rights) -> list[Record]:
    """Those of ``records`` that ``by`` could approve now."""
    return [record for record in records if refusal(APPROVE, record, by, rights) is None]
