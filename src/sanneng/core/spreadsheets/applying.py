"""Write what was planned, and remember it so that it can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.refusals import explain
from sanneng.core.enums import RecordState
from sanneng.core.models import ImportBatch, ImportedRow, Record
from sanneng.core.spelling import spelling_of
from sanneng.core.spreadsheets.attachments import add_evidence
from sanneng.core.spreadsheets.bulk import CHUNK, write_all
from sanneng.core.spreadsheets.columns import EVIDENCE, Kind
from sanneng.core.spreadsheets.plan import Change, ImportContext, SheetPlan
from sanneng.core.spreadsheets.reading import ParsedRow

DECIDED = (RecordState.APPROVED, RecordState.RETURNED, RecordState.VOIDED)


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


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as JSON holds them."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
    }
