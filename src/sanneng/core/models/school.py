from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sanneng.core.enums import SchoolLevel


class School(models.Model):
    """A school in the tree 中央 / 省 / 市 / 区县; records belong to exactly one."""

    code = models.SlugField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    level = models.CharField(_("层级"), max_length=16, choices=SchoolLevel.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级学校"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    # Parts of the product that the school does not use, by mechanism; they disappear for all.
    switched_off = models.JSONField(_("停用的功能"), default=list, blank=True)

    class Meta:
        verbose_name = _("学校")
        verbose_name_plural = _("学校")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="core_school_not_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                violation_error_message=_("学校不能是自己的上级。"),
            ),
        )

    def __str__(self) -> str:
        return self.name
