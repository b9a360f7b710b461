"""The life cycle of a record: draft -> submitted -> approved | returned; approved -> voided."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.access import may_decide, may_enter
from sanneng.core.enums import RecordState
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.models import Record, User


@dataclass(frozen=True)
class Transition:
    """A step of the life cycle: from where, to where, and whether it needs a reason."""

    sources: tuple[RecordState, ...]
    target: RecordState
    is_decision: bool
    needs_reason: bool = False


SUBMIT = Transition((RecordState.DRAFT, RecordState.RETURNED), RecordState.SUBMITTED, False)
APPROVE = Transition((RecordState.SUBMITTED,), RecordState.APPROVED, True)
RETURN = Transition((RecordState.SUBMITTED,), RecordState.RETURNED, True, needs_reason=True)
VOID = Transition((RecordState.APPROVED,), RecordState.VOIDED, True, needs_reason=True)

TRANSITIONS = (SUBMIT, APPROVE, RETURN, VOID)


def reachable_states(state: str) -> frozenset[str]:
    """The states to which declared transitions lead from ``state``, itself included."""
    found = {state}
    while (
        further := {step.target.value for step in TRANSITIONS if found & set(step.sources)} - found
    ):
        found |= further
    return frozenset(found)


def submit_record(*, record: Record, by: User) -> None:
    """Hand ``record`` in for approval."""
    _take(SUBMIT, record, by)


def approve_record(*, record: Record, by: User) -> None:
    """Approve ``record``, so that it counts. Nobody approves what they handed in."""
    if record.submitted_by_id == by.pk:
        raise NotAllowed(_("不能审核自己提交的记录，请由其他人审核。"))
    _take(APPROVE, record, by)


def return_record(*, record: Record, by: User, reason: str) -> None:
    """Send ``record`` back to whoever handed it in."""
    _take(RETURN, record, by, reason)


def void_record(*, record: Record, by: User, reason: str) -> None:
    """Take an approved ``record`` out of every count, and keep it."""
    _take(VOID, record, by, reason)


@transaction.atomic
def _take(transition: Transition, record: Record, by: User, reason: str = "") -> None:
    """Move ``record`` along ``transition`` by a conditional update: of two people who decide
    at once, the second is told. Raises NotAllowed, WrongState, or SannengError without a reason.
    """
    if transition.is_decision and not may_decide(user=by, school=record.school):
        raise NotAllowed(_("您没有审核本校记录的权限，请联系管理员。"))
    if not transition.is_decision and not may_enter(user=by, school=record.school):
        raise NotAllowed(_("您不是本校成员，不能提交本校的记录。"))
    if transition.needs_reason and not reason.strip():
        raise SannengError(_("请写明原因。"), code="reason_missing")
    stamp = "decided" if transition.is_decision else "submitted"
    changes = {
        "state": transition.target,
        "reason": reason.strip(),
        "version": record.version + 1,
        f"{stamp}_at": timezone.now(),
        f"{stamp}_by": by,
    }
    moved = type(record).objects.filter(
        pk=record.pk, state__in=transition.sources, version=record.version
    )
    if not moved.update(**changes):
        record.refresh_from_db()
        raise WrongState(
            _("记录现在是“{state}”，不能执行这一步，请刷新后再看。").format(
                state=record.get_state_display()
            )
        )
    record.refresh_from_db()
