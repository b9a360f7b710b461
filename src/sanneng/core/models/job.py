from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import JobState
from sanneng.core.models.school import School

ACTIVE = (JobState.QUEUED, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """One's own jobs only: what a job found is for whoever asked for it."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def active(self) -> JobQuerySet:
        return self.filter(state__in=ACTIVE)


class Job(models.Model):
    """Work done in the background for somebody, or by itself where ``user`` is empty.

    ``arguments`` go to the function of its ``kind`` (``core.jobs``) and ``content`` is their
    digest: the same work is not asked for twice while it waits or runs. ``key``, where given,
    names the request itself and is never used twice. How far it is lies in a file while it
    runs (``core.domain.jobs``), and here once it has ended.
    """

    school = models.ForeignKey(
        School, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("种类"), max_length=32)
    title = models.CharField(_("任务"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=16, choices=JobState.choices, default=JobState.QUEUED
    )
    arguments = models.JSONField(default=dict)
    content = models.CharField(max_length=64)
    key = models.CharField(max_length=100, blank=True)
    # The queued task that does this job (``core.tasks``).
    task = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(_("步骤"), max_length=100, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    # The file made, by its name in JOBS_ROOT and as people get to see it; gone after a week.
    file = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    error = models.CharField(_("原因"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("后台任务")
        verbose_name_plural = _("后台任务")
        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_job_key", fields=("kind", "user", "key"), condition=~Q(key="")
            ),
            models.UniqueConstraint(
                name="core_job_once_at_a_time",
                fields=("kind", "user", "content"),
                condition=Q(state__in=ACTIVE),
            ),
            models.CheckConstraint(
                name="core_job_failed_says_why", condition=~Q(state=JobState.FAILED) | ~Q(error="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(name="core_job_user_state", fields=("user", "state")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def path(self) -> Path | None:
        """Where the file made lies, while it is kept."""
        if not self.file:
            return None
        path = Path(settings.JOBS_ROOT) / self.file
        return path if path.exists() else None


class PeriodicRun(models.Model):
    """Work that is due once a day or a week was started; the row makes sure that only once."""

    kind = models.CharField(max_length=32)
    day = models.DateField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="core_periodicrun_once", fields=("kind", "day")),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
