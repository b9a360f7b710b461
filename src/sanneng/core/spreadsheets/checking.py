"""Check every row of a file as a whole, and plan what to write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from sanneng.core.domain.access import Rights
from sanneng.core.domain.records import reachable_states
from sanneng.core.enums import CorrectionState, RecordState
from sanneng.core.models import Correction, Record
from sanneng.core.spreadsheets.attachments import missing, present_evidence
from sanneng.core.spreadsheets.cells import CellRefused, normal_text
from sanneng.core.spreadsheets.columns import EVIDENCE, Column, Kind
from sanneng.core.spreadsheets.conditions import RowCheck, checks_of
from sanneng.core.spreadsheets.doubts import ask_about_rows
from sanneng.core.spreadsheets.identities import settle_keys
from sanneng.core.spreadsheets.plan import DECIDED, Change, ImportContext, SheetPlan
from sanneng.core.spreadsheets.reading import ParsedRow, SheetRows
from sanneng.core.spreadsheets.references import check_references
from sanneng.core.spreadsheets.safe_text import writable

CHUNK = 500


def plan_import(found: list[SheetRows], context: ImportContext) -> list[SheetPlan]:
    """What to write for ``found`` (parents first). Faults go to ``context.report``."""
    plans = []
    rights = Rights(context.by) if context.by is not None else None
    if rights:
        context.selves = {rights.user.pk, *rights.stands_in_for(context.school)}
    for rows in found:
        if rights and not rights.may_decide(rows.sheet.model, context.school):
            context.report.refuse(
                rows.title,
                0,
                "",
                _("您没有导入这种记录的权限"),
                _("请删去这张工作表，或请分管股室导入。"),
            )
            # Its rows are compared with nothing: that would tell of records not to be seen.
            faulty = (aside.row.key for aside in rows.set_aside)
            context.brought[rows.sheet.model] = {
                key for key in (*(row.key for row in rows.rows), *faulty) if key
            }
            continue
        settle_keys(rows, context)
        check_references(rows, context)
        plan = _SheetChecker(rows, context).plan()
        ask_about_rows(plan, context)
        plans.append(plan)
    return plans


def chunked(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


class _SheetChecker:
    """Compares the rows of one sheet with the records that are there."""

    def __init__(self, rows: SheetRows, context: ImportContext) -> None:
        self.rows, self.context, self.report = rows, context, context.report
        self.sheet, self.model = rows.sheet, rows.sheet.model
        self.columns = rows.columns
        self.headings = {column.name: column.heading for column in self.sheet.columns}
        self.checks = checks_of(self.model)
        self.defaults = {
            column.name: cast(Any, self.model._meta.get_field(column.name)).get_default()
            for column in self.sheet.read_columns
            if column.name != EVIDENCE
        }
        self.links = {column.name for column in self.columns if column.kind is Kind.REFERENCE}
        self.present: dict[int, set[tuple[str, str]]] = {}
        self.waiting: set[int] = set()
        self.difference: dict[str, Any] = {}
        self.result = SheetPlan(rows)

    def plan(self) -> SheetPlan:
        total = len(self.rows.rows)
        done = 0
        for chunk in chunked(self.rows.rows):
            existing = self._existing(chunk)
            for row in chunk:
                self._check_row(row, existing.get(row.key or ""))
            done += len(chunk)
            step = _("核对{sheet}").format(sheet=self.sheet.title)
            self.context.progress(step, done, total)
        self._check_set_aside()
        return self.result

    def _check_set_aside(self) -> None:
        """What else is wrong with rows that cannot be taken anyway."""
        for chunk in chunked(self.rows.set_aside):
            found = self.model._base_manager.filter(
                school=self.context.school, key__in=[faulty.row.key or "" for faulty in chunk]
            )
            existing = set(found.values_list("key", flat=True))
            for row, unread in chunk:
                if row.key not in existing:
                    given = zip(self.columns, row.values, strict=True)
                    named = {column.name for column, value in given if value is not None}
                    self._check_required(row, named | unread)

    def _existing(self, chunk: list[ParsedRow]) -> dict[str, Record]:
        """The records of ``chunk``, locked until the import ends."""
        # In one order, so that nobody who locks several records waits for us in a circle.
        found = (
            self.model._base_manager.select_for_update()
            .filter(school=self.context.school, key__in=[row.key for row in chunk])
            .order_by("pk")
        )
        existing = {record.key: record for record in found}
        self.waiting = self._with_correction(existing.values())
        self.present = {}
        names = [column.name for column in self.columns]
        if EVIDENCE in names and existing:
            at = names.index(EVIDENCE)
            pks = [existing[row.key].pk for row in chunk if row.values[at] and row.key in existing]
            self.present = present_evidence(self.model, pks)
        return existing

    def _with_correction(self, records: Iterable[Record]) -> set[int]:
        """Those of ``records`` of which a correction waits, as far as that matters."""
        pks = [record.pk for record in records if self._needs_consent(record)]
        if not pks:
            return set()
        found = Correction.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            object_id__in=pks,
            state=CorrectionState.PENDING,
        )
        return set(found.values_list("object_id", flat=True))

    def _needs_consent(self, record: Record) -> bool:
        """Nobody alone changes what has been approved, but for the operator of the system."""
        return self.context.by is not None and record.state == RecordState.APPROVED

    def _check_row(self, row: ParsedRow, record: Record | None) -> None:
        given = {
            column.name: value
            for column, value in zip(self.columns, row.values, strict=True)
            if value is not None
        }
        titles = given.pop(EVIDENCE, ())
        self.difference = {}
        before = self.report.error_count
        if record is None:
            self._check_create(row, given)
        else:
            self._check_change(row, given, record)
        attachments = self._attachments(row, titles, record) if titles else []
        if self.report.error_count > before:
            return
        if attachments:
            self.result.attachments[row.number] = attachments
        if record is None:
            self.result.creates.append(row)
            self.result.decides |= given.get("state") in DECIDED
        elif attachments or self.difference:
            self._plan_change(row, record, bool(attachments))
        else:
            self.result.unchanged += 1

    def _plan_change(self, row: ParsedRow, record: Record, has_attachments: bool) -> None:
        difference = self.difference
        self.result.decides |= difference.get("state") in DECIDED
        if difference and "state" not in difference and self._needs_consent(record):
            self.result.proposals.append(Change(row.number, record, difference))
            difference = {}
        if difference or has_attachments:
            self.result.changes.append(Change(row.number, record, difference))

    def _check_create(self, row: ParsedRow, given: dict[str, Any]) -> None:
        self._check_required(row, given)
        self._check_constraints(row, {**self.defaults, **given}, given)

    def _check_required(self, row: ParsedRow, given: Collection[str]) -> None:
        for column in self.columns:
            if column.required and column.name not in given:
                self._refuse(row, column.heading, _("必填，不能空着"), self._how_to_fill(column))

    def _check_change(self, row: ParsedRow, given: dict[str, Any], record: Record) -> None:
        self.difference = {
            column.name: given[column.name]
            for column in self.columns
            if column.name in given and self._differs(column, record, given[column.name])
        }
        if not self.difference:
            return
        if "state" in self.difference:
            self._check_step(row, record, given["state"])
        if self._needs_consent(record):
            self._check_approved(row, record, given)
        own = {name: getattr(record, name) for name in self.defaults if name not in self.links}
        self._check_constraints(row, {**own, **given}, self.difference)

    def _differs(self, column: Column, record: Record, value: Any) -> bool:
        if column.kind is Kind.REFERENCE and column.target is not None:
            pk = self.context.pks[column.target].get(value)
            return bool(pk != getattr(record, f"{column.name}_id"))
        present = getattr(record, column.name)
        if isinstance(present, str):
            present = normal_text(writable(present))
        return bool(present != value)

    def _check_step(self, row: ParsedRow, record: Record, state: str) -> None:
        """A state changes only along the declared life cycle, by somebody else's hand."""
        labels = dict(RecordState.choices)
        if state not in reachable_states(record.state):
            self._refuse(
                row,
                self.headings["state"],
                _("“{old}”的记录不能改成“{new}”").format(
                    old=labels[record.state], new=labels[state]
                ),
                _("请把这一格清空，或另立一条记录。"),
            )
        authors = {record.created_by_id, record.submitted_by_id}
        if state == RecordState.APPROVED and authors & self.context.selves:
            self._refuse(
                row,
                self.headings["state"],
                _("不能审核自己登记或提交的记录"),
                _("请由其他人审核或导入。"),
            )

    def _check_approved(self, row: ParsedRow, record: Record, given: Mapping[str, Any]) -> None:
        """An approved record is voided with a reason, or its content is proposed anew."""
        content = self.difference.keys() - {"state", "reason"}
        state, reason = self.headings["state"], self.headings["reason"]
        if self.difference.get("state") == RecordState.VOIDED:
            # Without any, the rule of the record itself speaks.
            if "reason" not in given and record.reason:
                self._refuse(row, reason, _("作废必须写明原因"), _("请在这一格写明原因。"))
            if content:
                self._refuse(
                    row, state, _("作废的同时不能更改内容"), _("请只改状态和原因，其他格保持原样。")
                )
        elif "state" not in self.difference and "reason" in self.difference:
            self._refuse(
                row,
                reason,
                _("已通过的记录不能填退回或作废的原因"),
                _("请把这一格清空；要作废，请把状态也改成“已作废”。"),
            )
        elif content and record.pk in self.waiting:
            self._refuse(
                row,
                "、".join(self.headings[c.name] for c in self.columns if c.name in content),
                _("这条记录已有一份更正在等待审核"),
                _("请先处理那一份，再导入。"),
            )

    def _check_constraints(
        self, row: ParsedRow, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        for check in self.checks:
            if check.refuses(values):
                self._refuse_check(row, check, given)

    def _refuse_check(self, row: ParsedRow, check: RowCheck, given: Mapping[str, Any]) -> None:
        names = [name for name in check.fields if name in self.headings]
        concerned = [self.headings[name] for name in names if name in given] or [
            self.headings[name] for name in names
        ]
        self._refuse(
            row,
            "、".join(concerned),
            str(check.constraint.violation_error_message).rstrip("。"),
            _("请核对这一行的{headings}。").format(
                headings="、".join(self.headings[name] for name in names)
            ),
        )

    def _attachments(self, row: ParsedRow, titles: Any, record: Record | None) -> list[Any]:
        try:
            named = self.context.folder.attachments(titles)
        except CellRefused as refused:
            self._refuse(row, self.headings[EVIDENCE], refused.problem, refused.advice)
            return []
        if record is None:
            return named
        return missing(named, self.present.get(record.pk, set()))

    def _how_to_fill(self, column: Column) -> str:
        if column.kind is Kind.CHOICE:
            return _("可填：{options}。").format(options="、".join(column.labels.values()))
        return _("请填上{heading}。").format(heading=column.heading)

    def _refuse(self, row: ParsedRow, column: str, problem: str, advice: str) -> None:
        self.report.refuse(self.sheet.title, row.number, column, problem, advice)
