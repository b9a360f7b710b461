"""Write what was planned, and remember it so that it can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.audit import Event
from sanneng.core.domain.changes import as_kept
from sanneng.core.domain.corrections import Proposal, propose_all
from sanneng.core.domain.endings import end_with
from sanneng.core.domain.refusals import explain
from sanneng.core.enums import AuditAction, RecordState
from sanneng.core.models import ImportBatch, ImportedRow, Record
from sanneng.core.spelling import spelling_of
from sanneng.core.spreadsheets.attachments import add_evidence
from sanneng.core.spreadsheets.bulk import CHUNK, write_all
from sanneng.core.spreadsheets.columns import EVIDENCE, Kind
from sanneng.core.spreadsheets.noting import Raw, fetch_names, noted_changes
from sanneng.core.spreadsheets.plan import DECIDED, Change, ImportContext, SheetPlan
from sanneng.core.spreadsheets.reading import ParsedRow

ENDING = (RecordState.RETURNED, RecordState.VOIDED)


def apply_plan(plan: SheetPlan, context: ImportContext, batch: ImportBatch) -> None:
    """Write one sheet. Rows that the database refuses go to ``context.report``."""
    _SheetWriter(plan, context, batch).write()


def stamps(state: str, batch: ImportBatch, now: dt.datetime) -> dict[str, Any]:
    """Who handed in or decided, for a record that the importing office puts into ``state``.

    The office enters decisions made on paper: it is the one who decided, and nobody in the
    system has handed the record in.
    """
    if state in DECIDED:
        return {"decided_at": now, "decided_by_id": batch.imported_by_id}
    if state == RecordState.SUBMITTED:
        return {"submitted_at": now, "submitted_by_id": batch.imported_by_id}
    return {}


class _SheetWriter:
    def __init__(self, plan: SheetPlan, context: ImportContext, batch: ImportBatch) -> None:
        self.plan, self.context, self.batch = plan, context, batch
        self.model = plan.model
        self.content_type = ContentType.objects.get_for_model(self.model)
        self.now = timezone.now()
        self.columns = {column.name: column for column in plan.found.columns}
        self.pks = context.pks.setdefault(self.model, {})

    def write(self) -> None:
        # Changes come first: an old post is ended before the new one begins.
        self._write_changes(self.plan.changes)
        for start in range(0, len(self.plan.creates), CHUNK):
            self._write_creates(self.plan.creates[start : start + CHUNK])
            step = _("写入{sheet}").format(sheet=self.plan.sheet.title)
            done = min(start + CHUNK, len(self.plan.creates))
            self.context.progress(step, done, len(self.plan.creates))
        self._remember_created()
        if self.plan.proposals:
            self._propose(self.plan.proposals)

    def _write_creates(self, rows: Sequence[ParsedRow]) -> None:
        made = [(row, record) for row in rows if (record := self._new(row)) is not None]
        refused = write_all(
            made,
            together=lambda pairs: self.model._base_manager.bulk_create(
                [record for _row, record in pairs]
            ),
            alone=lambda pair: _insert(pair[1]),
        )
        self._refuse((row.number, error) for (row, _record), error in refused)
        lost = {row.number for (row, _record), _error in refused}
        written = [(row, record) for row, record in made if row.number not in lost]
        self.pks.update((record.key, record.pk) for _row, record in written)
        self._attach([(row.number, record.pk) for row, record in written])

    def _new(self, row: ParsedRow) -> Record | None:
        """A new record; None where a record that it belongs to was itself refused."""
        values: dict[str, Any] = {}
        for column, value in zip(self.plan.found.columns, row.values, strict=True):
            if column.kind is Kind.REFERENCE and value is not None and column.target:
                pk = self.context.pks[column.target].get(value)
                if pk is None:
                    return None
                values[f"{column.name}_id"] = pk
            elif value is not None and column.name != EVIDENCE:
                values[column.name] = value
        values["key"] = row.key
        values.update(stamps(values.get("state", RecordState.DRAFT), self.batch, self.now))
        return self.model(
            school_id=self.context.school.pk,
            created_by_id=self.batch.imported_by_id,
            import_batch_id=self.batch.pk,
            **values,
        )

    def _write_changes(self, changes: Sequence[Change]) -> None:
        before = {change.number: self._alter(change) for change in changes}
        fields = sorted({name for values in before.values() for name in values})
        refused = write_all(
            changes,
            together=lambda some: self.model._base_manager.bulk_update(
                [change.record for change in some], fields, batch_size=100
            ),
            alone=lambda change: change.record.save(update_fields=fields),
        )
        self._refuse((change.number, error) for change, error in refused)
        ImportedRow.objects.bulk_create(
            ImportedRow(
                batch=self.batch,
                content_type=self.content_type,
                object_id=change.record.pk,
                before=_plain(before[change.number]),
                after_version=change.record.version,
            )
            for change in changes
        )
        self._attach([(change.number, change.record.pk) for change in changes])
        ending = [one.record.pk for one in changes if one.values.get("state") in ENDING]
        ended = end_with(self.model, ending, by=self.context.by)
        if not self.context.report.dry_run:
            self._note_changes(changes, before, ended)

    def _note_changes(
        self,
        changes: Sequence[Change],
        before: Mapping[int, Mapping[str, Any]],
        ended: Mapping[int, Mapping[str, Any]],
    ) -> None:
        records = [change.record for change in changes]
        fetch_names(self.model, records)
        noted = noted_changes(self.model, [_raw(one, before[one.number]) for one in changes])
        for change, said in zip(changes, noted, strict=True):
            record = change.record
            added = self.plan.attachments.get(change.number, [])
            details = {
                "import_batch": self.batch.pk,
                "version": record.version,
                "evidence": [item.title for item in added],
            }
            details |= ended.get(record.pk, {})
            self.context.events.append(
                Event(AuditAction.EDIT, self.context.school, self.context.by, record, said, details)
            )

    def _propose(self, proposals: Sequence[Change]) -> None:
        """Ask the database whether it would take the new values, and let them wait for consent."""
        before = {one.number: self._alter(one) for one in proposals}
        fields = sorted({name for values in before.values() for name in values})
        with transaction.atomic():
            refused = write_all(
                proposals,
                together=lambda some: self.model._base_manager.bulk_update(
                    [one.record for one in some], fields, batch_size=100
                ),
                alone=lambda one: one.record.save(update_fields=fields),
            )
            transaction.set_rollback(True)
        self._refuse((one.number, error) for one, error in refused)
        raw = [_raw(one, before[one.number]) for one in proposals]
        for one in proposals:
            for name, value in before[one.number].items():
                setattr(one.record, _attname(self.model, name), value)
        self._refuse_drafts(proposals, raw)
        by = self.context.by
        if by is None or not self.context.report.is_clean:
            return
        fetch_names(self.model, [one.record for one in proposals])
        noted = noted_changes(self.model, raw)
        wanted = [
            Proposal(
                one.record,
                {name: as_kept(after) for name, (_before, after) in values.items()},
                said,
            )
            for one, values, said in zip(proposals, raw, noted, strict=True)
        ]
        self.context.events += propose_all(wanted, batch=self.batch, by=by)

    def _refuse_drafts(self, proposals: Sequence[Change], raw: Sequence[Raw]) -> None:
        """What waits for consent refers to nothing that may be deleted meanwhile."""
        for name, column in self.columns.items():
            if column.kind is not Kind.REFERENCE or column.target is None:
                continue
            wanted = {values[name][1] for values in raw if name in values} - {None}
            drafts = column.target._base_manager.filter(pk__in=wanted, state=RecordState.DRAFT)
            found = set(drafts.values_list("pk", flat=True)) if wanted else set()
            for one, values in zip(proposals, raw, strict=True):
                if name in values and values[name][1] in found:
                    self.context.report.refuse(
                        self.plan.sheet.title,
                        one.number,
                        column.heading,
                        _("引用的记录还是草稿"),
                        _("请先提交审核，或另填一个编号。"),
                    )

    def _alter(self, change: Change) -> dict[str, Any]:
        """Put the new values into the record; returns the old ones by field name."""
        values: dict[str, Any] = {"version": change.record.version + 1}
        for name, value in change.values.items():
            column = self.columns[name]
            if column.kind is Kind.REFERENCE and column.target:
                values[f"{name}_id"] = self.context.pks[column.target].get(value)
            else:
                values[name] = value
        if "state" in change.values:
            values |= stamps(change.values["state"], self.batch, self.now)
        before = {}
        for name, value in values.items():
            before[name.removesuffix("_id")] = getattr(change.record, name)
            setattr(change.record, name, value)
        before["spelling"] = change.record.spelling
        change.record.spelling = spelling_of(change.record)
        return before

    def _remember_created(self) -> None:
        """One statement for all: a long file would spend half its time here otherwise."""
        quote = connection.ops.quote_name
        row, record = (quote(model._meta.db_table) for model in (ImportedRow, self.model))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {row} (batch_id, content_type_id, object_id, after_version) "  # noqa: S608
                f"SELECT %s, %s, id, version FROM {record} WHERE import_batch_id = %s",
                [self.batch.pk, self.content_type.pk, self.batch.pk],
            )

    def _attach(self, rows: Iterable[tuple[int, int]]) -> None:
        attachments = self.plan.attachments
        additions = [(pk, attachments[number]) for number, pk in rows if number in attachments]
        if additions:
            add_evidence(self.model, additions, self.context.folder, self.batch)

    def _refuse(self, refused: Iterable[tuple[int, DatabaseError]]) -> None:
        headings = {column.name: column.heading for column in self.plan.sheet.columns}
        for number, error in refused:
            refusal = explain(model=self.model, error=error)
            named = "、".join(headings[name] for name in refusal.fields if name in headings)
            problem, _comma, advice = refusal.message.rstrip("。").partition("，")
            self.context.report.refuse(
                self.plan.sheet.title,
                number,
                named,
                problem,
                f"{advice or _('请核对这一行以及相关的记录')}。",
            )


def _insert(record: Record) -> None:
    # The chunk that was rolled back may have given it a key already.
    record.pk = None
    record.save(force_insert=True)


def _attname(model: type[Record], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.attname)


def _raw(change: Change, before: Mapping[str, Any]) -> Raw:
    """The new values of ``change``, which its record holds, beside the old ones."""
    model = type(change.record)
    return {
        name: (before[name], getattr(change.record, _attname(model, name)))
        for name in change.values
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as JSON holds them."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
    }
