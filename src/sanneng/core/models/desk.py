from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.models.school import School


class EntryDraft(models.Model):
    """What somebody has typed into a form and not yet saved, so that nothing is lost.

    ``values`` are the form's fields as typed. There is one for each person, kind of record and
    record (0 for a new one); it goes when the form is saved.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    type_code = models.CharField(max_length=64)
    object_id = models.BigIntegerField(default=0)
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_entrydraft_once", fields=("user", "school", "type_code", "object_id")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.type_code}"


class SavedView(models.Model):
    """A list as somebody wants to see it again: filters, sort and columns by its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    type_code = models.CharField(max_length=64)
    name = models.CharField(_("视图名称"), max_length=30)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(_("全校可见"), default=False)

    class Meta:
        ordering = ("name",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="core_savedview_once", fields=("user", "school", "type_code", "name")
            ),
        ]

    def __str__(self) -> str:
        return self.name
