"""Reports that are kept: making one, freezing it, and what has moved since."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.domain.access import may
from sanneng.core.domain.audit import note
from sanneng.core.domain.in_charge import holders
from sanneng.core.domain.notices import notify
from sanneng.core.enums import AuditAction, NoticeKind, Role
from sanneng.core.errors import NotAllowed, WrongState
from sanneng.core.files import write_whole
from sanneng.core.models import School, User
from sanneng.core.permissions import Permission
from sanneng.figures.writing import write_date
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import records_digest, records_for
from sanneng.indicators.evaluate import figures_for
from sanneng.indicators.figure import Figure
from sanneng.indicators.periods import Period
from sanneng.reports.manifest import ReportFigure
from sanneng.reports.models import Report, ReportState
from sanneng.reports.rendering import render_report


@dataclass(frozen=True)
class Moved:
    """A figure that is no longer what the report says, or not by the same records."""

    figure: ReportFigure
    now: str
    records_now: int

    @property
    def name(self) -> str:
        """What the figure counts."""
        catalogue = load_catalogue()
        known = self.figure.indicator in catalogue
        return catalogue[self.figure.indicator].label() if known else self.figure.indicator


def make_report(*, template: Path, school: School, as_of: dt.date, by: User) -> Report:
    """Render ``template``, keep the file under its digest, and with it the head of the school's
    audit chain. Raises NotAllowed, or what ``render_report`` raises."""
    if not may(user=by, permission=Permission.MAKE_REPORT, school=school):
        raise NotAllowed(_("只有本校股室人员和校领导可以生成报告。"))
    rendered = render_report(template, school=school, as_of=as_of)
    digest = hashlib.sha256(rendered.content).hexdigest()
    # Before the row that names it.
    write_whole(path_of(digest), [rendered.content])
    number, head = rendered.audit_head
    with transaction.atomic():
        report = Report.objects.create(
            school=school,
            title=_("{school}工作情况报告（截至{day}）").format(
                school=school.name, day=write_date(as_of)
            ),
            as_of=as_of,
            digest=digest,
            figures=[asdict(figure) for figure in rendered.figures.values()],
            audit_number=number,
            audit_digest=head,
            created_by=by,
        )
        note(
            AuditAction.REPORT,
            school=school,
            by=by,
            of=report,
            as_of=as_of,
            file=digest,
            figures=len(rendered.figures),
        )
    return report


def witnesses() -> Iterator[tuple[str, int, str]]:
    """The heads of audit chains that reports carry: (chain, number, digest)."""
    kept = Report.objects.exclude(audit_digest="").order_by("pk")
    yield from kept.values_list("school__code", "audit_number", "audit_digest").iterator()


def path_of(digest: str) -> Path:
    """Where the file with ``digest`` is kept."""
    return Path(settings.REPORTS_ROOT) / digest[:2] / f"{digest}.docx"


def freeze_report(*, report: Report, by: User) -> None:
    """Fix the figures of a draft for good. Raises NotAllowed, or WrongState when it is fixed."""
    if not may(user=by, permission=Permission.FREEZE_REPORT, school=report.school):
        raise NotAllowed(_("只有本校股室人员、校领导和管理员可以冻结报告。"))
    with transaction.atomic():
        changed = Report.objects.filter(pk=report.pk, state=ReportState.DRAFT).update(
            state=ReportState.FROZEN, frozen_at=timezone.now()
        )
        if not changed:
            raise WrongState(_("报告已经冻结，不必再冻结一次。"))
        note(AuditAction.FREEZE, school=report.school, by=by, of=report, file=report.digest)
    report.refresh_from_db()
    _tell_frozen(report, by)


def _tell_frozen(report: Report, by: User) -> None:
    """Whoever made the report, and the leaders who sign it, learn that its figures are fixed."""
    people = {user.pk: user for user in holders({Role.LEADER}, school=report.school)}
    if report.created_by is not None:
        people[report.created_by.pk] = report.created_by
    people.pop(by.pk, None)
    notify(
        people.values(),
        NoticeKind.REPORT_FROZEN,
        _("报告“{title}”已冻结，数字不再变动。").format(title=report.title),
        school=report.school,
        link=f"/reports/{report.pk}/",
    )


def _differs(stated: ReportFigure, now: Figure) -> bool:
    """A population can change a figure without one of the records behind it."""
    numbers = (now.rounded, now.numerator, now.denominator)
    before = (stated.value, stated.numerator, stated.denominator)
    same = all(not old or old == str(new) for old, new in zip(before, numbers, strict=True))
    return not same or stated.version != now.entry.version


def moved_since(report: Report) -> list[Moved]:
    """The figures of ``report`` of which the records, the value, what it is divided by, or the
    caliber have changed since it was made."""
    stated = [ReportFigure(**figure) for figure in report.figures]
    asked = {
        one.id: (one.indicator, Period.parse(one.asked) if one.asked else None) for one in stated
    }
    question = {"school": report.school, "as_of": report.as_of}
    figures = figures_for(asked.values(), **question)  # type: ignore[arg-type]
    behind = records_for(asked.values(), **question)  # type: ignore[arg-type]
    return [
        Moved(one, figures[asked[one.id]].display(), len(behind[asked[one.id]]))
        for one in stated
        if records_digest(behind[asked[one.id]]) != one.digest
        or _differs(one, figures[asked[one.id]])
    ]
