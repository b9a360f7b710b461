"""Reports made in the background."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.domain.jobs import Work, start_job
from sanneng.core.jobs import JobKind, register_kind
from sanneng.core.models import Job, School, User
from sanneng.core.permissions import Permission

KIND = "report"
register_kind(
    JobKind(
        KIND, gettext_lazy("生成报告"), "sanneng.reports.jobs.run_report", Permission.MAKE_REPORT
    )
)


def start_report(*, school: School, as_of: dt.date, by: User) -> Job:
    """Have the product's report of ``school`` as of a day made. Raises NotAllowed."""
    return start_job(
        kind=KIND,
        school=school,
        by=by,
        arguments={"as_of": as_of.isoformat()},
        title=_("生成工作报告（截至 {day}）").format(day=as_of.isoformat()),
    )


def run_report(work: Work, *, as_of: str) -> dict[str, Any]:
    """The result: ``report``, the primary key of the report made. Cut short after it was made
    and before it could say so, the job takes that one instead of making another."""
    # Rendering pulls in the document and indicator libraries, which only the worker needs.
    from sanneng.reports.library import make_report
    from sanneng.reports.models import Report
    from sanneng.reports.rendering import DEFAULT_TEMPLATE

    assert work.school is not None
    assert work.user is not None
    day = dt.date.fromisoformat(as_of)
    if work.is_again:
        made = Report.objects.filter(
            school=work.school, created_by=work.user, as_of=day, created_at__gte=work.job.created_at
        ).first()
        if made is not None:
            return {"report": made.pk}
    work.progress(_("计算数字，生成文件"))
    report = make_report(template=DEFAULT_TEMPLATE, school=work.school, as_of=day, by=work.user)
    return {"report": report.pk}
