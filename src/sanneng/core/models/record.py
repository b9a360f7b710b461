from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import RecordState
from sanneng.core.models.evidence import Evidence
from sanneng.core.models.imports import ImportBatch
from sanneng.core.models.school import School
from sanneng.core.spelling import SpellingField


def wholes_of(model: type[Record]) -> Iterator[tuple[str, bool]]:
    """The paths to everything that records of ``model`` are a part of, wholes of wholes too,
    and whether a record may lack it: what is part of nothing counts on its own."""
    for name in model.part_of:
        field: Any = model._meta.get_field(name)
        yield name, field.null
        for path, may_lack in wholes_of(field.related_model):
            yield f"{name}__{path}", may_lack or field.null


class RecordQuerySet(models.QuerySet[Any]):
    def counted(self) -> Self:
        """Records that count in indicators: approved, and part of wholes that count."""
        counts = Q(state=RecordState.APPROVED)
        for path, may_lack in wholes_of(self.model):
            whole = Q(**{f"{path}__state": RecordState.APPROVED})
            counts &= whole | Q(**{f"{path}__isnull": True}) if may_lack else whole
        return self.filter(counts)

    def visible_to(self, user: Any) -> Self:
        """Records that ``user`` may read; nothing for an anonymous user."""
        from sanneng.core.domain.access import Rights  # domain imports models

        return self.filter(Rights(user).reads(self.model))


class Record(models.Model):
    """A business record: one school's, with a life cycle, a stable key and evidence.

    Only approved records count (``RecordQuerySet.counted`` and, in compiled indicators,
    ``indicators.tables``). A record that is a part of others, such as a member of a project,
    names those foreign keys in ``part_of``, the main one first, and counts only with its
    wholes. What is about a person is a part of that person's record.
    """

    part_of: ClassVar[tuple[str, ...]] = ()

    school = models.ForeignKey(
        School, verbose_name=_("学校"), on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(_("编号"), max_length=64, blank=True)
    state = models.CharField(
        _("状态"), max_length=16, choices=RecordState.choices, default=RecordState.DRAFT
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    reason = models.CharField(_("退回或作废原因"), max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    import_batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    evidence = GenericRelation(Evidence)
    spelling = SpellingField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_key",
                fields=("school", "key"),
                violation_error_message=_("这个编号已经用过，请换一个或修改原记录。"),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state",
                condition=Q(state__in=RecordState.values),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_reason",
                condition=~Q(state__in=(RecordState.RETURNED, RecordState.VOIDED)) | ~Q(reason=""),
                violation_error_message=_("退回或作废必须写明原因。"),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(name="%(class)s_ss", fields=("school", "state")),
        ]


def dates_in_order(start: str, end: str) -> models.CheckConstraint:
    """A constraint that refuses an ``end`` date before the ``start`` date."""
    return models.CheckConstraint(
        name=f"%(app_label)s_%(class)s_{end}_order",
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        violation_error_message=_("结束日期不能早于开始日期。"),
    )


class DatedRecord(Record):
    """A fact that holds from a date until a date, both included; open while ``end_on`` is empty."""

    start_on = models.DateField(_("开始日期"))
    end_on = models.DateField(_("结束日期"), null=True, blank=True)

    class Meta(Record.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            dates_in_order("start_on", "end_on"),
        ]

    def holds_on(self, day: dt.date) -> bool:
        return self.start_on <= day and (self.end_on is None or self.end_on >= day)
