"""Take a workbook in: all of it, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from sanneng.core.domain.access import may
from sanneng.core.domain.audit import Event, note_all
from sanneng.core.domain.corrections import tell_about_proposals
from sanneng.core.domain.evidence import forget_unused
from sanneng.core.enums import AuditAction
from sanneng.core.errors import Busy, NotAllowed
from sanneng.core.models import ImportBatch, School, User
from sanneng.core.permissions import Permission
from sanneng.core.spreadsheets.applying import apply_plan
from sanneng.core.spreadsheets.attachments import FOLDER_SUFFIX, EvidenceFolder
from sanneng.core.spreadsheets.batches import rows_digest
from sanneng.core.spreadsheets.checking import plan_import
from sanneng.core.spreadsheets.columns import sheets
from sanneng.core.spreadsheets.doubts import ask_about_file
from sanneng.core.spreadsheets.opening import open_workbook
from sanneng.core.spreadsheets.plan import ImportContext, SheetPlan
from sanneng.core.spreadsheets.reading import Progress, SheetRows, read_workbook
from sanneng.core.spreadsheets.report import ImportReport, SheetCounts
from sanneng.core.transactions import one_transaction, take_turns


def import_workbook(
    path: Path | str,
    *,
    school: School,
    by: User | None,
    evidence_dir: Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    file_name: str = "",
    doubts_settled: bool | str = True,
    may_decide: bool = True,
) -> ImportReport:
    """Create and change records of ``school`` from the workbook at ``path``.

    Every row is checked before anything is written, and either the whole file is taken in or
    nothing of it. Rows are matched by 编号 within the school; blank cells change nothing;
    taking the same file in again changes nothing. A dry run goes all the way, so that the
    database's own rules are asked too, and then takes everything back.

    What a user's file would change in an approved record becomes a correction that waits for
    somebody else's consent. ``by`` None is the operator of the command line, for whom it is
    changed directly. ``evidence_dir`` defaults to the folder
    beside the file named like it with ``_佐证``; ``file_name`` is what people called an
    uploaded file. Where ``doubts_settled`` is false, nothing is written while the report has
    doubts: whoever imports is asked first; a report's ``doubts_digest`` settles just those.
    Where ``may_decide`` is false, a file that approves, returns or voids is not taken. Raises
    UnacceptableFile for what is no usable workbook, and NotAllowed.
    """
    if by is not None and not may(user=by, permission=Permission.IMPORT, school=school):
        raise NotAllowed(_("只有本校股室人员和校领导可以导入，请联系管理员。"))
    path = Path(path)
    workbook = open_workbook(path)
    report = ImportReport(file_name or path.name, dry_run=dry_run)
    folder = EvidenceFolder(evidence_dir or path.with_name(path.stem + FOLDER_SUFFIX))
    context = ImportContext(school, by, report, folder, progress or _silent)
    ask_about_file(path, context)
    found = read_workbook(workbook, report, context.progress)
    workbook.close()
    try:
        _write(found, context, path, doubts_settled, may_decide)
    except (IntegrityError, DataError):
        report.batch = None
        report.refuse(
            "",
            0,
            "",
            _("数据库不接受这个文件，说不清是哪一行"),
            _("请把文件拆小后分别试导入，找出有问题的部分。"),
        )
    except Busy:
        report.batch = None
        raise
    finally:
        if report.batch is None:
            forget_unused(folder.newly_kept)
    _sort_errors(report)
    return report


def _write(
    found: list[SheetRows],
    context: ImportContext,
    path: Path,
    doubts_settled: bool | str,
    may_decide: bool,
) -> None:
    """Plan and write in one transaction, which stays only if all is well."""
    report = context.report
    with one_transaction():
        take_turns(context.school)
        plans = plan_import(found, context)
        if not may_decide and any(plan.decides for plan in plans):
            raise NotAllowed(
                _(
                    "文件里有已通过、已退回或已作废的记录，这个令牌没有“records:decide”"
                    "（审核记录）范围。请换一个令牌，或把状态改成待审核。"
                ),
                code="scope_missing",
            )
        if report.is_clean:
            _apply(plans, context, path)
        if report.is_clean and report.batch is not None and not report.dry_run:
            report.unsettled = doubts_settled not in (True, report.doubts_digest)
            report.unsettled &= bool(report.doubts)
        if report.dry_run or report.unsettled or not report.is_clean:
            transaction.set_rollback(True)
            report.batch = None
        elif report.batch is not None:
            _conclude(report.batch, context)


def _silent(step: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _apply(plans: list[SheetPlan], context: ImportContext, path: Path) -> None:
    for plan in plans:
        context.report.counts[plan.sheet.title] = SheetCounts(
            len(plan.creates), len(plan.changes), plan.unchanged, len(plan.proposals)
        )
    report = context.report
    if report.new + report.changed + report.proposed == 0:
        return
    report.batch = ImportBatch.objects.create(
        school=context.school,
        file_name=report.file_name[:255],
        digest=_digest(path),
        created_count=report.new,
        updated_count=report.changed,
        unchanged_count=report.unchanged,
        proposed_count=report.proposed,
        imported_by=context.by,
    )
    for plan in plans:
        apply_plan(plan, context, report.batch)


def _conclude(batch: ImportBatch, context: ImportContext) -> None:
    """Tell and note what stays; a refused or tried import leaves no trace.

    What was created is noted by the batch alone, whose digest covers every row.
    """
    if context.by is not None:
        tell_about_proposals(batch, by=context.by)
    details = {
        "workbook": batch.digest,
        "created": batch.created_count,
        "changed": batch.updated_count,
        "proposed": batch.proposed_count,
        "unchanged": batch.unchanged_count,
        "rows": rows_digest(batch),
    }
    whole = Event(AuditAction.IMPORT, context.school, context.by, batch, details=details)
    note_all([*context.events, whole])


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sort_errors(report: ImportReport) -> None:
    """By sheet as in the template, then by row."""
    order = {sheet.title: index for index, sheet in enumerate(sheets())}
    report.errors.sort(key=lambda error: (order.get(error.sheet, -1), error.row))
