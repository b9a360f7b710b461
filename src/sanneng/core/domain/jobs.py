"""Background work: asking for it, doing it, and picking up what was cut short."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain import live
from sanneng.core.domain.access import Rights
from sanneng.core.domain.audit import acting_from
from sanneng.core.domain.notices import notify
from sanneng.core.enums import JobState, NoticeKind
from sanneng.core.errors import NotAllowed, SannengError, WrongState
from sanneng.core.jobs import JobKind, kind_named
from sanneng.core.models import Job, School, User
from sanneng.core.tasks import run_job

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 3
# What one person may have waiting, so that nobody keeps the worker from all others.
MAX_WAITING = 20
# A worker that took a task begins at once; one that has not by now is dead.
BEGINS_WITHIN = dt.timedelta(minutes=1)


class Work:
    """What the function of a job works with."""

    def __init__(self, job: Job, pen: live.Grip) -> None:
        self.job, self.school, self.user = job, job.school, job.user
        self.pen = pen
        self.is_again = job.attempts > 1

    def progress(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is."""
        self.pen.write(live.Progress(step[:100], done, total))

    def new_file(self, name: str, media_type: str) -> Path:
        """Where to write the file that the job gives out under ``name``; only its owner gets it."""
        folder = Path(settings.JOBS_ROOT)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{self.job.pk}-{secrets.token_hex(8)}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self.job.file, self.job.file_name, self.job.media_type = path.name, name[:255], media_type
        return path

    def drop_file(self) -> None:
        """Give no file out after all."""
        if self.job.path is not None:
            self.job.path.unlink()
        self.job.file = self.job.file_name = self.job.media_type = ""


def start_job(
    *,
    kind: str,
    school: School | None,
    by: User | None,
    arguments: Mapping[str, Any],
    title: str = "",
    key: str = "",
) -> Job:
    """Ask for background work; ``by`` None is the system itself.

    While the same work waits or runs, that job is the answer; with a ``key``, the same request
    is never done twice, whatever became of it. Raises NotAllowed, or SannengError where too much
    waits already.
    """
    declared = kind_named(kind)
    _check_may(declared, school, by)
    content = _content(school, arguments)
    for _turn in range(2):
        same = Job.objects.filter(kind=kind, user=by)
        found = same.filter(key=key).first() if key else None
        found = found or same.active().filter(content=content).first()
        if found is not None:
            return found
        if by is not None and Job.objects.active().filter(user=by).count() >= MAX_WAITING:
            raise SannengError(
                _("您已有 {number} 个任务在排队，请等它们完成后再提交。").format(
                    number=MAX_WAITING
                ),
                code="too_many_jobs",
            )
        job = Job(
            kind=kind, school=school, user=by, arguments=dict(arguments), content=content,
            key=key, title=(title or str(declared.label))[:200],
        )  # fmt: skip
        try:
            with transaction.atomic():
                job.save()
                _queue(job)
        except IntegrityError:
            continue  # Somebody asked for the same a moment ago: look again.
        job.refresh_from_db()
        return job
    raise SannengError(_("系统正忙，请稍后再试。"), code="busy")


def retry_job(*, job: Job, by: User) -> None:
    """Do a failed job once more. Raises NotAllowed or WrongState."""
    if job.user_id != by.pk:
        raise NotAllowed(_("只能重做自己的任务。"))
    _check_may(kind_named(job.kind), job.school, by)
    try:
        with transaction.atomic():
            failed = Job.objects.filter(pk=job.pk, state=JobState.FAILED)
            if not failed.update(state=JobState.QUEUED, error="", attempts=0, finished_at=None):
                raise WrongState(_("这个任务已经在重做或已完成，请刷新后再看。"))
            job.refresh_from_db()
            _queue(job)
    except IntegrityError as error:
        raise WrongState(_("同样的任务已经在排队，请到“后台任务”里查看。")) from error
    job.refresh_from_db()


def _queue(job: Job) -> None:
    """With the job in one transaction, so that there is never one without the other."""
    result = run_job.enqueue(job.pk)
    Job.objects.filter(pk=job.pk).update(task=str(result.id))


def _content(school: School | None, arguments: Mapping[str, Any]) -> str:
    said = [school.pk if school else None, arguments]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _check_may(kind: JobKind, school: School | None, by: User | None) -> None:
    if by is None and kind.permission is None:
        return
    if by is not None and kind.permission is not None and school is not None:
        rights = Rights(by)
        if rights.may(kind.permission, school):
            return
    raise NotAllowed(_("您没有在本校做这件事的权限，请联系管理员。"))


def run(pk: int) -> None:
    """Do the work of a job that waits, in this process; whatever happens, the job says so."""
    # Of a job done again at once, the one who failed may still be letting go.
    with live.grip(pk, wait=2) as pen:
        if pen is None:
            return
        waiting = Job.objects.filter(pk=pk, state=JobState.QUEUED)
        begun = {"state": JobState.RUNNING, "started_at": timezone.now()}
        if not waiting.update(**begun, attempts=F("attempts") + 1):
            return
        job = Job.objects.select_related("school", "user").get(pk=pk)
        pen.write(live.Progress(_("开始")))
        with acting_from("task"):
            _work(job, pen)


def _work(job: Job, pen: live.Grip) -> None:
    work = Work(job, pen)
    try:
        kind = kind_named(job.kind)
        _check_may(kind, job.school, job.user)
        result = kind.function(work, **job.arguments)
        job.state, job.result, job.error = JobState.DONE, result, ""
    except SannengError as error:
        job.state, job.error = JobState.FAILED, str(error)[:500]
    except Exception:
        log.exception("job failed", job=job.pk, kind=job.kind)
        job.state = JobState.FAILED
        job.error = _("系统出错，任务没有完成。请重做一次；再出错请联系管理员。")
    _end(work)


def _end(work: Work) -> None:
    """Write down how a job ended, and tell its owner where it failed."""
    job, last = work.job, work.pen.last
    if job.state == JobState.FAILED:
        work.drop_file()
    job.step, job.done, job.total = last.step, last.done, last.total
    job.finished_at = timezone.now()
    names = (
        "state", "result", "error", "file", "file_name", "media_type", "step", "done", "total",
        "finished_at",
    )  # fmt: skip
    with transaction.atomic():
        running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if running.update(**{name: getattr(job, name) for name in names}):
            _tell_if_failed(job)


def _tell_if_failed(job: Job) -> None:
    if job.state == JobState.FAILED and job.user is not None and job.school is not None:
        notify(
            [job.user],
            NoticeKind.JOB_FAILED,
            _("“{title}”没有完成：{error}").format(title=job.title, error=job.error),
            link=f"/jobs/{job.pk}/",
            school=job.school,
        )


def pick_up_lost() -> int:
    """Queue again the jobs whose worker died; after ``MAX_ATTEMPTS`` they fail. How many."""
    found = 0
    for job in Job.objects.active().order_by("pk"):
        if job.state == JobState.QUEUED:
            found += _queue_again_if_lost(job)
            continue
        with live.grip(job.pk) as pen:
            if pen is not None:
                found += _give_back(job)
    return found


def _give_back(job: Job) -> int:
    """Nobody holds ``job`` although it runs: its worker is dead."""
    with transaction.atomic():
        lost = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if job.attempts < MAX_ATTEMPTS:
            given_back = lost.update(state=JobState.QUEUED)
            if given_back:
                _queue(job)
            return given_back
        job.state = JobState.FAILED
        job.error = _("工作进程几次中断，任务没有完成。请重做一次；再出错请联系管理员。")
        job.finished_at = timezone.now()
        failed = lost.update(state=job.state, error=job.error, finished_at=job.finished_at)
        if failed:
            _tell_if_failed(job)
        return failed


def _queue_again_if_lost(job: Job) -> int:
    """A job can wait without a task where a worker died between taking the one and the other."""
    from django_tasks_db.models import DBTaskResult  # absent where tasks run at once

    task = DBTaskResult.objects.filter(pk=job.task).first() if job.task else None
    if task is not None and task.status == "READY":
        return 0
    since = (task.started_at if task is not None else None) or job.created_at
    if timezone.now() - since < BEGINS_WITHIN:
        return 0
    with transaction.atomic():
        _queue(job)
    return 1
