from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models.school import School


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def open(self) -> DeadlineQuerySet:
        return self.filter(done_at__isnull=True)

    def overdue(self, day: dt.date) -> DeadlineQuerySet:
        """Open ones whose last day is before ``day``."""
        return self.open().filter(due_on__lt=day)


class Deadline(models.Model):
    """Something that somebody owes by the end of a day in the school's time zone.

    ``due_on`` is never computed anew: it moves only by an extension, which is kept. ``code``
    says what kind of duty it is; with the record it is what closes it (``settle``).
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    title = models.CharField(_("事项"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("责任人"), on_delete=models.PROTECT,
        related_name="deadlines",
    )  # fmt: skip
    content_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField(null=True, blank=True)
    record = GenericForeignKey()
    link = models.CharField(max_length=255, blank=True)
    due_on = models.DateField(_("期限"))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("期限")
        verbose_name_plural = _("期限")
        ordering = ("due_on", "id")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_deadline_open_once",
                fields=("code", "owner", "content_type", "object_id"),
                condition=Q(done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="core_deadline_whole_reference",
                condition=Q(content_type__isnull=True, object_id__isnull=True)
                | Q(content_type__isnull=False, object_id__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                name="core_deadline_owed",
                fields=("owner", "due_on"),
                condition=Q(done_at__isnull=True),
            ),
            models.Index(
                name="core_deadline_school",
                fields=("school", "due_on"),
                condition=Q(done_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DeadlineExtension(models.Model):
    """A deadline moved: from when to when, why and by whom."""

    school_through: ClassVar[str] = "deadline"

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="extensions")
    before = models.DateField(_("原期限"))
    after = models.DateField(_("新期限"))
    reason = models.CharField(_("延期原因"), max_length=255)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("延期")
        verbose_name_plural = _("延期")
        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="core_deadlineextension_later", condition=Q(after__gt=models.F("before"))
            ),
            models.CheckConstraint(name="core_deadlineextension_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
