"""One step for many records at once, all of them or none, and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import note_all
from sanneng.core.domain.notices import tell_about
from sanneng.core.domain.records import REOPEN, TAKE_BACK, Transition, move, refusal
from sanneng.core.errors import SannengError
from sanneng.core.models import Record, User
from sanneng.core.transactions import one_transaction

LIMIT = 500
# What takes a step back, where it can be taken back at all.
REVERSE = {"approve": REOPEN, "submit": TAKE_BACK}


@dataclass(frozen=True)
class Outlook:
    """What a bulk step would do to one record: nothing stands against it, or ``refusal`` does."""

    record: Record
    refusal: str


def preview(step: Transition, *, records: Sequence[Record], by: User) -> list[Outlook]:
    """For each record, whether ``by`` can take it along ``step``. Changes nothing."""
    rights = Rights(by)
    return [Outlook(record, str(refusal(step, record, by, rights) or "")) for record in records]


@one_transaction()
def take_steps(step: Transition, *, records: Sequence[Record], by: User, reason: str = "") -> int:
    """Move all ``records`` along ``step``; returns how many. Raises what a single step raises,
    naming the record, and then nothing has changed."""
    if len(records) > LIMIT:
        raise SannengError(
            _("一次最多处理 {limit} 条，请分几次。").format(limit=LIMIT), code="too_many"
        )
    rights = Rights(by)
    events = []
    for record in sorted(records, key=lambda one: one.pk):
        try:
            events.append(move(step, record, by, rights, reason))
        except SannengError as error:
            raise type(error)(f"{record}：{error}", code=error.code) from error
    tell_about(events)
    note_all(events)
    return len(events)
