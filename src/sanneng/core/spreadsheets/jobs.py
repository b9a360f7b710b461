"""Imports in the background: a dry run or a real one of an uploaded workbook."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

from django.utils.translation import gettext as _

from sanneng.core.domain.access import may
from sanneng.core.domain.jobs import Work, start_job
from sanneng.core.domain.uploads import keep_upload, upload_with
from sanneng.core.enums import JobState
from sanneng.core.errors import NotAllowed, UnacceptableFile, WrongState
from sanneng.core.models import ImportBatch, Job, School, User
from sanneng.core.permissions import Permission
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.marking import mark_errors
from sanneng.core.spreadsheets.report import ImportReport

KIND = "import"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# More than these are in the marked workbook, and nobody reads so many on a page.
ERRORS_SHOWN = 200


def start_import(
    *, upload: IO[bytes], school: School, by: User, dry_run: bool, name: str = "", key: str = ""
) -> Job:
    """Keep an uploaded workbook and have it imported, or checked only.

    ``name`` is what people call it, by default the name of the upload. While the same file
    waits or is being imported by the same user, that job is the answer. Raises NotAllowed,
    UnacceptableFile, or SannengError where too much waits already.
    """
    if not may(user=by, permission=Permission.IMPORT, school=school):
        raise NotAllowed(_("只有本校股室人员和校领导可以导入，请联系管理员。"))
    digest, title = keep_upload(source=upload, name=name or str(getattr(upload, "name", "")))
    return _start(digest, title, school, by, dry_run, key)


def confirm_import(*, job: Job, by: User, doubts_settled: bool = False) -> Job:
    """After a dry run without errors, or an import that asked anew, import the same file.

    Raises NotAllowed or WrongState, also where it asked about something and ``doubts_settled``
    is false. What is settled is what it asked about: the import asks again about anything else.
    """
    result = job.result
    if job.user_id != by.pk or job.kind != KIND or job.school is None:
        raise NotAllowed(_("只能导入自己试导入过的文件。"))
    asks = result.get("is_clean") and (result.get("dry_run") or result.get("unsettled"))
    if not (job.state == JobState.DONE and asks):
        raise WrongState(_("先试导入，没有错误以后才能正式导入。"))
    if result.get("doubt_count") and not doubts_settled:
        raise WrongState(_("试导入有几处要核对。请核对后勾选“已核对”，再正式导入。"))
    settled = result.get("doubts_digest", "")
    return _start(
        job.arguments["digest"], job.arguments["name"], job.school, by, False, settled=settled
    )


def _start(
    digest: str,
    name: str,
    school: School,
    by: User,
    dry_run: bool,
    key: str = "",
    settled: str = "",
) -> Job:
    what = _("试导入“{name}”") if dry_run else _("导入“{name}”")
    return start_job(
        kind=KIND,
        school=school,
        by=by,
        arguments={"digest": digest, "name": name, "dry_run": dry_run, "settled": settled},
        title=what.format(name=name),
        key=key,
    )


def run_import(
    work: Work, *, digest: str, name: str, dry_run: bool, settled: str = ""
) -> dict[str, Any]:
    """The result: ``counts`` by sheet, ``errors`` as the import reports them, ``batch``; the
    workbook with its faults marked is the job's file. ``settled`` is the digest of the doubts
    that somebody has looked at; with others, nothing is written and ``unsettled`` says so."""
    assert work.school is not None
    if work.is_again and not dry_run and (batch := _batch_of(work, digest)) is not None:
        # It was cut short after the records were in, and before it could say so.
        return _result_of(batch, dry_run)
    path = upload_with(digest)
    report = import_workbook(
        path,
        school=work.school,
        by=work.user,
        dry_run=dry_run,
        progress=work.progress,
        file_name=name,
        doubts_settled=settled or False,
    )
    marked = "" if report.is_clean else _mark(work, report, digest, name)
    return {
        "dry_run": dry_run,
        "digest": digest,
        "name": name,
        "is_clean": report.is_clean,
        "counts": {title: asdict(counts) for title, counts in report.counts.items()},
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "proposed": report.proposed,
        "error_count": report.error_count,
        "errors": [asdict(error) for error in report.errors[:ERRORS_SHOWN]],
        "doubt_count": report.doubt_count,
        "doubts_digest": report.doubts_digest,
        "unsettled": report.unsettled,
        "doubts": [asdict(doubt) for doubt in report.doubts[:ERRORS_SHOWN]],
        "marked_refused": marked,
        "batch": report.batch.pk if report.batch else None,
    }


def _batch_of(work: Work, digest: str) -> ImportBatch | None:
    return ImportBatch.objects.filter(
        school=work.school,
        imported_by=work.user,
        digest=digest,
        imported_at__gte=work.job.created_at,
    ).first()


def _result_of(batch: ImportBatch, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "digest": batch.digest,
        "name": batch.file_name,
        "is_clean": True,
        "counts": {},
        "new": batch.created_count,
        "changed": batch.updated_count,
        "unchanged": batch.unchanged_count,
        "proposed": batch.proposed_count,
        "error_count": 0,
        "errors": [],
        "marked_refused": "",
        "batch": batch.pk,
    }


def _mark(work: Work, report: ImportReport, digest: str, name: str) -> str:
    """Make the marked copy the job's file; returns why there is none where there is none."""
    work.progress(_("标出错处"))
    try:
        target = work.new_file(_("标注-{name}").format(name=name), MEDIA_TYPE)
        with target.open("wb") as stream:
            mark_errors(upload_with(digest), stream, report)
    except UnacceptableFile as error:
        work.drop_file()
        return str(error)
    return ""
