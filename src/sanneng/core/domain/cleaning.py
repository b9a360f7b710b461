"""What is kept for a while only: files made and uploaded for jobs, old jobs, tasks and notices,
and sessions that have ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from sanneng.core.domain import live
from sanneng.core.domain.jobs import Work
from sanneng.core.models import Job, Notice, PeriodicRun

FILES_KEPT = dt.timedelta(days=7)
JOBS_KEPT = dt.timedelta(days=90)
TASKS_KEPT = dt.timedelta(days=14)
NOTICES_KEPT = dt.timedelta(days=365)


def clean(work: Work, day: str) -> dict[str, Any]:
    """Remove what has expired; what belongs to a job that waits or runs stays."""
    now = timezone.now()
    work.progress(_("清理过期文件"))
    expired = Job.objects.exclude(file="").filter(finished_at__lt=now - FILES_KEPT)
    removed = 0
    for job in expired:
        if job.path is not None:
            job.path.unlink()
            removed += 1
        Job.objects.filter(pk=job.pk).update(file="")
    in_use = _in_use()
    for path in _older_than(now - FILES_KEPT):
        if path.name not in in_use:
            path.unlink(missing_ok=True)
            removed += 1
    old_jobs = Job.objects.filter(finished_at__lt=now - JOBS_KEPT)
    for pk in old_jobs.values_list("pk", flat=True):
        live.forget(pk)
    old_jobs.delete()
    PeriodicRun.objects.filter(started_at__lt=now - JOBS_KEPT).delete()
    DBTaskResult.objects.filter(enqueued_at__lt=now - TASKS_KEPT).exclude(status="READY").delete()
    Notice.objects.filter(created_at__lt=now - NOTICES_KEPT).delete()
    _forget_sessions(now)
    return {"removed": removed}


def _forget_sessions(now: dt.datetime) -> None:
    """Sessions that have expired open nothing any more, and go from people's lists of devices."""
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _in_use() -> set[str]:
    """Files that are given out still, and those that a job waits for or works with."""
    active = Job.objects.active()
    names = set(Job.objects.exclude(file="").values_list("file", flat=True))
    names |= {f"{pk}.live" for pk in active.values_list("pk", flat=True)}
    uploads = {one.get("digest", "") for one in active.values_list("arguments", flat=True)}
    return names | {f"{digest}.xlsx" for digest in uploads}


def _older_than(when: dt.datetime) -> Iterator[Path]:
    """Files of jobs and uploads last written before ``when``."""
    for root in (Path(settings.JOBS_ROOT), Path(settings.UPLOADS_ROOT)):
        if not root.is_dir():
            continue
        for path in list(root.iterdir()):
            if path.is_file() and path.stat().st_mtime < when.timestamp():
                yield path
