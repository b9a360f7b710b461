"""Correcting an approved record: proposed with a reason, consented to by somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import Event, note
from sanneng.core.domain.changes import (
    Changes,
    as_kept,
    as_noted,
    changes_of,
    check_values,
    from_kept,
    save_changes,
)
from sanneng.core.domain.editing import outdated_text
from sanneng.core.domain.in_charge import deciders
from sanneng.core.domain.notices import notify, tell_about_correction
from sanneng.core.domain.records import overtaken
from sanneng.core.enums import AuditAction, CorrectionState, NoticeKind, RecordState
from sanneng.core.errors import InvalidValues, NotAllowed, Outdated, SannengError, WrongState
from sanneng.core.models import Correction, ImportBatch, Record, User
from sanneng.core.transactions import one_transaction


@one_transaction()
def propose_correction(
    *, record: Record, values: Mapping[str, Any], by: User, reason: str, version: int
) -> Correction:
    """Ask for ``values`` in an approved record, which stays as it is until somebody consents.
    ``version`` is the one that whoever asks has seen.

    Raises NotAllowed, WrongState, Outdated when the record has moved on, InvalidValues, or
    SannengError without a reason, without a change, or while another correction waits.
    """
    trial = _locked(record)
    if not Rights(by).may_edit(trial):
        raise NotAllowed(_("您不能申请更正这条记录，请联系登记人或分管股室。"))
    if trial.state != RecordState.APPROVED:
        raise WrongState(_("只有已通过的记录需要更正；草稿和退回的记录可以直接修改。"))
    if trial.version != version:
        raise Outdated(outdated_text(trial))
    if not reason.strip():
        raise SannengError(_("请写明更正的原因。"), code="reason_missing")
    changes = changes_of(trial, values)
    if not changes:
        raise SannengError(_("内容没有改动，不需要更正。"), code="nothing_changed")
    for name, (_before, value) in changes.items():
        setattr(trial, name, value)
    _refuse_drafts(changes)
    check_values(trial, values)
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                school=record.school,
                content_type=ContentType.objects.get_for_model(record),
                object_id=record.pk,
                values={name: as_kept(after) for name, (_before, after) in changes.items()},
                base_version=version,
                reason=reason.strip()[:255],
                proposed_by=by,
            )
    except IntegrityError as error:
        raise SannengError(
            _("这条记录已有一份更正在等待审核，请先处理那一份。"), code="correction_pending"
        ) from error
    _note(AuditAction.PROPOSE, correction, record, by, changes, reason=correction.reason)
    return correction


class Proposal(NamedTuple):
    """A locked, approved record without a pending correction, the new values as they are kept,
    and what changes as it is noted."""

    record: Record
    values: dict[str, Any]
    noted: Changes


def propose_all(proposals: Sequence[Proposal], *, batch: ImportBatch, by: User) -> list[Event]:
    """Propose what an import would change in approved records. The import has checked rights and
    values, and notes the returned events."""
    reason = _("导入“{name}”").format(name=batch.file_name)[:255]
    made = Correction.objects.bulk_create(
        [
            Correction(
                school=batch.school,
                content_type=ContentType.objects.get_for_model(one.record),
                object_id=one.record.pk,
                values=one.values,
                base_version=one.record.version,
                reason=reason,
                proposed_by=by,
                import_batch=batch,
            )
            for one in proposals
        ],
        batch_size=500,
    )
    return [
        Event(
            AuditAction.PROPOSE,
            batch.school,
            by,
            one.record,
            one.noted,
            {"correction": correction.pk, "reason": reason, "import_batch": batch.pk},
        )
        for one, correction in zip(proposals, made, strict=True)
    ]


def tell_about_proposals(batch: ImportBatch, *, by: User) -> None:
    """One notice for all that an import asks to correct in one type of record."""
    found = Correction.objects.filter(import_batch=batch).select_related("content_type")
    numbers = Counter(one.content_type for one in found.only("content_type"))
    for kind, number in numbers.items():
        model: Any = kind.model_class()
        notify(
            deciders(model, school=batch.school).exclude(pk=by.pk),
            NoticeKind.CORRECTION_PROPOSED,
            _("{who}导入“{file}”，申请更正 {number} 条{type}，请审核。").format(
                who=by, file=batch.file_name, number=number, type=model._meta.verbose_name
            ),
            school=batch.school,
            link="/todo/",
        )


def _locked(record: Record) -> Record:
    """``record`` as it is now, until the end of the transaction. Always before its correction is
    touched, so that no two who do both wait for each other. Raises WrongState where it is gone."""
    found = type(record)._base_manager.select_for_update().filter(pk=record.pk).first()
    if found is None:
        raise overtaken(record)
    return found


def _refuse_drafts(changes: Changes) -> None:
    """A draft may be deleted while the correction waits."""
    text = _("“{record}”还是草稿，请先提交审核，或另选一条。")
    faults = {
        name: [text.format(record=value)]
        for name, (_before, value) in changes.items()
        if isinstance(value, Record) and value.state == RecordState.DRAFT
    }
    if faults:
        raise InvalidValues(faults)


@one_transaction()
def apply_correction(*, correction: Correction, by: User) -> None:
    """Consent: the record gets the new values, in a new version. Raises NotAllowed, WrongState,
    Outdated where the record has changed since, or InvalidValues."""
    record = _decide(correction, by, CorrectionState.APPLIED)
    values, gone = _wanted(correction, type(record))
    if gone:
        text = _("更正里引用的记录已不存在。请退回这份更正，重新申请。")
        raise InvalidValues({name: [text] for name in gone})
    changes = changes_of(record, values)
    for name, value in values.items():
        setattr(record, name, value)
    check_values(record, values)
    written = save_changes(
        record,
        values | {"version": correction.base_version + 1},
        version=correction.base_version,
        state=RecordState.APPROVED,
    )
    if not written:
        raise Outdated(_("申请更正以后，记录又变过了。请退回这份更正，重新申请。"))
    record.refresh_from_db()
    _note(
        AuditAction.CORRECT,
        correction,
        record,
        by,
        changes,
        reason=correction.reason,
        proposed_by=str(correction.proposed_by),
        version=record.version,
    )


@one_transaction()
def refuse_correction(*, correction: Correction, by: User, reason: str) -> None:
    """Leave the record as it is, and say why. Raises NotAllowed, WrongState or SannengError."""
    if not reason.strip():
        raise SannengError(_("请写明原因。"), code="reason_missing")
    record = _decide(correction, by, CorrectionState.REFUSED, refusal=reason.strip()[:255])
    _note(AuditAction.REFUSE, correction, record, by, {}, reason=correction.refusal)


@one_transaction()
def withdraw_correction(*, correction: Correction, by: User) -> None:
    """Take back one's own proposal. Raises NotAllowed or WrongState."""
    if correction.proposed_by_id != by.pk:
        raise NotAllowed(_("只有申请人可以撤回更正。"))
    _settle(correction, by, CorrectionState.WITHDRAWN)
    _note(AuditAction.WITHDRAW, correction, record_of(correction), by, {})


def _decide(correction: Correction, by: User, state: CorrectionState, **more: Any) -> Record:
    record = _locked(record_of(correction))
    rights = Rights(by)
    if not rights.may_decide(type(record), record.school_id):
        raise NotAllowed(_("您没有审核本校这类记录的权限，请联系分管股室。"))
    if correction.proposed_by_id in {by.pk, *rights.stands_in_for(record.school_id)}:
        raise NotAllowed(_("不能审核自己申请的更正，请由其他人审核。"))
    _settle(correction, by, state, **more)
    return record


def _settle(correction: Correction, by: User, state: CorrectionState, **more: Any) -> None:
    """Of two who decide at once, the second is told."""
    found = Correction.objects.filter(pk=correction.pk, state=CorrectionState.PENDING)
    if not found.update(state=state, decided_by=by, decided_at=timezone.now(), **more):
        raise WrongState(_("这份更正已经处理过了，请刷新后再看。"))
    correction.refresh_from_db()


def _note(
    action: AuditAction,
    correction: Correction,
    record: Record,
    by: User,
    changes: Changes,
    **details: Any,
) -> None:
    tell_about_correction(correction)
    note(
        action,
        school=record.school,
        by=by,
        of=record,
        changes=as_noted(type(record), changes),
        correction=correction.pk,
        **details,
    )


def record_of(correction: Correction) -> Record:
    """The record that ``correction`` would change. Raises WrongState where it is no more."""
    record = correction.record
    if not isinstance(record, Record):
        raise WrongState(_("要更正的记录已被删除，这份更正不再有效。"))
    return record


def pending_correction(record: Record) -> Correction | None:
    """The correction of ``record`` that waits for consent."""
    return corrections_of(record).filter(state=CorrectionState.PENDING).first()


def corrections_of(record: Record) -> models.QuerySet[Correction]:
    """All corrections of ``record``, the latest first."""
    return Correction.objects.filter(
        content_type=ContentType.objects.get_for_model(record), object_id=record.pk
    ).select_related("proposed_by", "decided_by")


def proposed_changes(correction: Correction) -> Changes:
    """What the correction changes, against the record as it is now; a record that it names and
    that is no more is said to be gone."""
    record = record_of(correction)
    values, gone = _wanted(correction, type(record))
    return changes_of(record, values | dict.fromkeys(gone, _("（已不存在）")))


def _wanted(correction: Correction, model: type[Record]) -> tuple[dict[str, Any], list[str]]:
    """The new values by field name, and the fields whose reference leads nowhere any more."""
    values: dict[str, Any] = {}
    gone = []
    for name, kept in correction.values.items():
        try:
            values |= from_kept(model, {name: kept})
        except ObjectDoesNotExist:
            gone.append(name)
    return values, gone
