from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanneng.core.models import Record, dates_in_order
from sanneng.people.models import Staff
from sanneng.research.enums import MemberRole, ProjectGrade, ProjectLevel


class Project(Record):
    """A research project (课题); approvals count by ``approved_on``, conclusions by
    ``concluded_on``, and the two are never mixed."""

    title = models.CharField(_("课题名称"), max_length=200)
    level = models.CharField(_("级别"), max_length=16, choices=ProjectLevel.choices)
    issuer = models.CharField(_("立项单位"), max_length=100, blank=True)
    approved_on = models.DateField(_("立项日期"))
    due_on = models.DateField(_("计划完成日期"), null=True, blank=True)
    concluded_on = models.DateField(_("结项日期"), null=True, blank=True)
    grade = models.CharField(_("结项等次"), max_length=16, choices=ProjectGrade.choices, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("科研课题")
        verbose_name_plural = _("科研课题")
        indexes = [
            *Record.Meta.indexes,
            models.Index(name="%(class)s_time", fields=("school", "approved_on")),
        ]
        constraints = [
            *Record.Meta.constraints,
            dates_in_order("approved_on", "due_on"),
            dates_in_order("approved_on", "concluded_on"),
            models.CheckConstraint(
                name="research_project_grade_needs_conclusion",
                condition=Q(grade="") | Q(concluded_on__isnull=False),
                violation_error_message=_("没有结项日期的课题不能有结项等次，请先填结项日期。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProjectMember(Record):
    part_of = ("project", "staff")

    project = models.ForeignKey(
        Project, verbose_name=_("科研课题"), on_delete=models.PROTECT, related_name="members"
    )
    staff = models.ForeignKey(
        Staff, verbose_name=_("教职工"), on_delete=models.PROTECT, related_name="projects"
    )
    role = models.CharField(_("角色"), max_length=16, choices=MemberRole.choices)
    order = models.PositiveSmallIntegerField(_("排名"), default=1)

    class Meta(Record.Meta):
        verbose_name = _("课题组成员")
        verbose_name_plural = _("课题组成员")
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                name="research_projectmember_one_lead",
                fields=("project",),
                condition=Q(role=MemberRole.LEAD, state__in=("draft", "submitted", "approved")),
                violation_error_message=_("一个课题只能有一位主持人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.project}"
