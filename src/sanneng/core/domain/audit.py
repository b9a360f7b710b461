"""The audit log: one entry for each thing done, in the same transaction, chained by digests.

Each entry's digest covers its content and the digest of the entry before, so that an entry
that is changed, taken out or moved breaks the chain at its place. The head of each chain is
kept beside it, printed in reports and written into backups, so that a chain cut short is
noticed too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.enums import AuditAction
from sanneng.core.models import AuditEntry, AuditHead, School, User
from sanneng.core.row_security import all_schools

INSTALLATION = ""
ALGORITHMS = ("sha256", "sm3")
# What a digest covers, in this order.
COVERED = (
    "chain", "number", "at", "school_id", "actor_id", "actor_name", "action", "object_type",
    "object_id", "object_label", "details", "source", "address", "algorithm", "previous",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Where an action came from: ``web``, ``api``, ``cli`` or ``task``, and the address."""

    source: str = "cli"
    address: str = ""


COMMAND_LINE = Origin()
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=COMMAND_LINE)


@contextmanager
def acting_from(source: str, address: str = "") -> Iterator[None]:
    """Everything noted inside came by ``source`` from ``address``."""
    token = _origin.set(Origin(source, address[:45]))
    try:
        yield
    finally:
        _origin.reset(token)


def origin() -> Origin:
    """Where what is being done now came from."""
    return _origin.get()


@dataclass(frozen=True)
class Event:
    """One thing done, to be noted: ``of`` is what it was done to, ``changes`` the values by
    field name before and after."""

    action: AuditAction
    school: School | None
    by: User | None
    of: models.Model | None = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    details: Mapping[str, Any] | None = None


def note(
    action: AuditAction,
    *,
    school: School | None,
    by: User | None,
    of: models.Model | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    **details: Any,
) -> AuditEntry:
    """Note that ``by`` did ``action`` to ``of``; ``by`` None is the operator or the system."""
    (entry,) = note_all([Event(action, school, by, of, changes, details)])
    return entry


@transaction.atomic
def note_all(events: Iterable[Event]) -> list[AuditEntry]:
    """Note several events. Call it last in a transaction: it holds the chain until the end."""
    by_chain: dict[str, list[Event]] = {}
    for event in events:
        by_chain.setdefault(event.school.code if event.school else INSTALLATION, []).append(event)
    entries = []
    for chain in sorted(by_chain):
        AuditHead.objects.get_or_create(chain=chain)
        head = AuditHead.objects.select_for_update().get(chain=chain)
        made = []
        for event in by_chain[chain]:
            entry = _entry(event, chain, head)
            head.number, head.digest = entry.number, entry.digest
            made.append(entry)
        # The log takes what happens anywhere: a log-in, or a refusal at another school's door.
        with all_schools():
            entries += AuditEntry.objects.bulk_create(made, batch_size=500)
        head.save(update_fields=["number", "digest"])
    return entries


def _entry(event: Event, chain: str, head: AuditHead) -> AuditEntry:
    origin = _origin.get()
    details = {name: value for name, value in (event.details or {}).items() if value}
    if event.changes:
        details["changes"] = {name: list(pair) for name, pair in event.changes.items()}
    entry = AuditEntry(
        chain=chain,
        number=head.number + 1,
        at=timezone.now(),
        school=event.school,
        actor=event.by,
        actor_name=str(event.by)[:100] if event.by else "",
        action=event.action,
        object_type=event.of._meta.label_lower if event.of is not None else "",
        object_id=event.of.pk if event.of is not None else None,
        object_label=str(event.of)[:255] if event.of is not None else "",
        details=json.loads(json.dumps(details, default=_as_json)),
        source=origin.source,
        address=origin.address,
        algorithm=settings.AUDIT_DIGEST,
        previous=head.digest,
    )
    entry.digest = digest_of(entry)
    return entry


def _as_json(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value)
    return str(value)


def digest_of(entry: AuditEntry) -> str:
    """The digest that ``entry`` ought to have, by its own algorithm (``sha256`` or ``sm3``)."""
    values = {name: getattr(entry, name) for name in COVERED}
    values["at"] = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.new(entry.algorithm, text.encode()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """The first place where a chain is broken, and how it shows."""

    chain: str
    number: int
    problem: str

    def __str__(self) -> str:
        name = self.chain or _("系统")
        return _("{chain} 的第 {number} 条：{problem}").format(
            chain=name, number=self.number, problem=self.problem
        )


def verify(known_heads: Iterable[tuple[str, int, str]] = ()) -> list[Fault]:
    """Walk every chain and return the first fault of each; none when all is whole.

    ``known_heads`` are (chain, number, digest) kept elsewhere, as in reports and backups: an
    entry that is no longer there, or is another, shows that the chain was cut or rewritten.
    """
    witnesses: dict[str, list[tuple[int, str]]] = {}
    for chain, number, digest in known_heads:
        # Number 0 is the head of a chain that had not begun: it says nothing.
        if number:
            witnesses.setdefault(chain, []).append((number, digest))
    # An entry that whoever asks may not see is not one that is missing.
    with all_schools():
        chains = set(AuditEntry.objects.order_by().values_list("chain", flat=True).distinct())
        heads = {head.chain: head for head in AuditHead.objects.all()}
        faults = (
            _first_fault(chain, heads.get(chain), witnesses.get(chain, []))
            for chain in sorted(chains | set(heads) | set(witnesses))
        )
        return [fault for fault in faults if fault is not None]


def _first_fault(
    chain: str, head: AuditHead | None, witnesses: list[tuple[int, str]]
) -> Fault | None:
    number, previous = 0, ""
    wanted: dict[int, set[str]] = {}
    for place, digest in witnesses:
        wanted.setdefault(place, set()).add(digest)
    for entry in AuditEntry.objects.filter(chain=chain).order_by("number").iterator(2000):
        number += 1
        if entry.number != number:
            return Fault(chain, number, _("这一条不见了。"))
        if entry.previous != previous:
            return Fault(chain, number, _("与上一条接不上，上一条被改过或顺序被换过。"))
        if entry.algorithm not in ALGORITHMS or entry.digest != digest_of(entry):
            return Fault(chain, number, _("内容与摘要不符，这一条被改过。"))
        if wanted.get(number, {entry.digest}) != {entry.digest}:
            return Fault(chain, number, _("与报告或备份中留存的摘要不符。"))
        previous = entry.digest
    if max(wanted, default=0) > number:
        return Fault(chain, number + 1, _("末尾被截去：留存的摘要指向更后面的一条。"))
    if head is None or (head.number, head.digest) != (number, previous):
        return Fault(chain, number + 1, _("末尾被截去，或链头被改过。"))
    return None


def heads() -> list[tuple[str, int, str]]:
    """The head of every chain: (chain, number, digest)."""
    return list(AuditHead.objects.order_by("chain").values_list("chain", "number", "digest"))


def head_of(school: School) -> tuple[int, str]:
    """Number and digest of the last entry of the school's chain; (0, "") before the first."""
    found = AuditHead.objects.filter(chain=school.code).values_list("number", "digest").first()
    return found or (0, "")


def history(record: models.Model) -> models.QuerySet[AuditEntry]:
    """What was done to ``record``, the latest first."""
    return AuditEntry.objects.filter(
        object_type=record._meta.label_lower, object_id=record.pk
    ).select_related("actor")
