"""The to-dos that follow from records, corrections, deadlines and jobs as they stand."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, F, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanneng.core.clock import today
from sanneng.core.domain.access import Rights
from sanneng.core.domain.deadlines import owed_by
from sanneng.core.enums import CorrectionState, JobState, RecordState
from sanneng.core.models import Correction, Deadline, Job, Record, School, User
from sanneng.core.registry import all_types, type_by_code, types_of
from sanneng.core.todos import Todo, TodoProvider, register_todos

# A draft younger than this is being worked on, and nobody has to be told of it.
DRAFT_RESTS = dt.timedelta(days=3)
# More records than this are not listed one by one.
LISTED = 50


class Tally(NamedTuple):
    """How many records of one type are owed in one way, and since when the first of them."""

    what: str
    code: str
    number: int
    since: dt.datetime | None


def _owed_records(user: User, rights: Rights, school: School) -> dict[str, dict[str, Any]]:
    """By what is owed and type: the query set."""
    own = Q(submitted_by=user) | Q(submitted_by__isnull=True, created_by=user)
    old = timezone.now() - DRAFT_RESTS
    not_theirs = _not_for_them(user, rights, school)
    found: dict[str, dict[str, Any]] = {"returned": {}, "draft": {}, "waiting": {}}
    for record_type in types_of(school):
        records = record_type.model.objects.filter(school=school)
        if rights.may_enter(record_type.model, school):
            found["returned"][record_type.code] = records.filter(own, state=RecordState.RETURNED)
            found["draft"][record_type.code] = records.filter(
                created_by=user, state=RecordState.DRAFT, created_at__lt=old
            )
        if rights.may_decide(record_type.model, school):
            others = Q(submitted_by__isnull=True) | ~Q(submitted_by__in=not_theirs)
            found["waiting"][record_type.code] = records.filter(others, state=RecordState.SUBMITTED)
    return found


def _not_for_them(user: User, rights: Rights, school: School) -> list[int]:
    """Whose work the reader does not decide on: one's own, and that of those one stands in for."""
    return [user.pk, *(pk for pk, where in rights.principals.items() if school.pk in where)]


def _tallies(owed: dict[str, dict[str, Any]]) -> list[Tally]:
    """All counts in one query: a union of small ones over every record type."""
    since = {"returned": F("decided_at"), "draft": F("created_at"), "waiting": F("submitted_at")}
    parts = []
    for what, by_code in owed.items():
        for code, records in by_code.items():
            parts.append(
                records.order_by()
                .values("school_id")
                .annotate(
                    what=Value(what, CharField()),
                    code=Value(code, CharField()),
                    number=Count("pk"),
                    since=Min(Coalesce(since[what], F("created_at"))),
                )
                .values_list("what", "code", "number", "since")
            )
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return [Tally(*row) for row in rows]


def _find_records(user: User, rights: Rights, school: School) -> list[Todo]:
    owed = _owed_records(user, rights, school)
    found = []
    for tally in _tallies(owed):
        if tally.what == "waiting":
            found.append(_waiting(tally, school))
        else:
            records = owed[tally.what][tally.code].select_related(*_references(tally.code))
            records = records.order_by("pk")[:LISTED]
            found += [_own(tally.what, record, school) for record in records]
    return found


def _references(code: str) -> list[str]:
    """A record is named by what it refers to, which is fetched with it."""
    fields = type_by_code(code).model._meta.concrete_fields
    return [field.name for field in fields if field.is_relation]


def _count_records(user: User, rights: Rights, school: School) -> int:
    tallies = _tallies(_owed_records(user, rights, school))
    return sum(1 if one.what == "waiting" else min(one.number, LISTED) for one in tallies)


def _waiting(tally: Tally, school: School) -> Todo:
    title = _("{number} 条{type}待审核").format(
        number=tally.number, type=type_by_code(tally.code).label
    )
    query = urlencode({"school": school.code, "state": RecordState.SUBMITTED.value})
    return Todo(
        "waiting", title, f"/records/{tally.code}/?{query}", tally.since, None, school,
        number=tally.number,
    )  # fmt: skip


def _own(what: str, record: Record, school: School) -> Todo:
    label = str(record._meta.verbose_name)
    if what == "returned":
        title = _("{type}“{record}”被退回：{reason}。请修改后再提交").format(
            type=label, record=record, reason=record.reason.rstrip("。")
        )
        since = record.decided_at
    else:
        title = _("{type}“{record}”还是草稿，请提交或删除").format(type=label, record=record)
        since = record.created_at
    link = f"/records/{record._meta.label_lower}/{record.pk}/?{urlencode({'school': school.code})}"
    return Todo(what, title, link, since, None, school)


def _corrections(user: User, rights: Rights, school: School) -> QuerySet[Correction]:
    models = [one.model for one in all_types() if rights.may_decide(one.model, school)]
    # Kept by Django from one request to the next; the first asks once for all of them.
    kinds = [kind.pk for kind in ContentType.objects.get_for_models(*models).values()]
    return (
        Correction.objects.filter(
            school=school, state=CorrectionState.PENDING, content_type__in=kinds
        )
        .exclude(proposed_by__in=_not_for_them(user, rights, school))
        .order_by("pk")
    )


def _find_corrections(user: User, rights: Rights, school: School) -> list[Todo]:
    found = _corrections(user, rights, school).select_related("proposed_by")
    todos = []
    for one in found.prefetch_related("record"):
        record = one.record
        if record is None:
            continue
        title = _("{who}申请更正“{record}”：{reason}").format(
            who=one.proposed_by, record=record, reason=one.reason
        )
        link = f"/records/{record._meta.label_lower}/{record.pk}/"
        todos.append(Todo("correction", title, link, one.proposed_at, None, school))
    return todos


def _failed_jobs(user: User, school: School) -> QuerySet[Job]:
    """One's own jobs that failed this week; a job done again is no longer a failed one."""
    failed = Job.objects.filter(user=user, school=school, state=JobState.FAILED)
    return failed.filter(finished_at__gte=timezone.now() - dt.timedelta(days=7)).order_by("pk")


def _find_jobs(user: User, rights: Rights, school: School) -> list[Todo]:
    return [
        Todo(
            "job", _("“{title}”没有完成，请重做").format(title=job.title), f"/jobs/{job.pk}/",
            job.finished_at, None, school,
        )
        for job in _failed_jobs(user, school)
    ]  # fmt: skip


def as_todo(deadline: Deadline) -> Todo:
    """A deadline as a to-do; overdue from the first moment of the day after."""
    return Todo(
        deadline.code,
        deadline.title,
        deadline.link or "/todo/",
        deadline.created_at,
        deadline.due_on,
        deadline.school,
        overdue=deadline.due_on < today(),
    )


def _find_deadlines(user: User, rights: Rights, school: School) -> list[Todo]:
    return [as_todo(one) for one in owed_by(user, school)]


register_todos(
    TodoProvider("deadlines", gettext_lazy("有期限的事"), _find_deadlines,
                 lambda user, rights, school: owed_by(user, school).count()),
    TodoProvider("records", gettext_lazy("业务记录"), _find_records, _count_records),
    TodoProvider("corrections", gettext_lazy("更正申请"), _find_corrections,
                 lambda user, rights, school: _corrections(user, rights, school).count()),
    TodoProvider("jobs", gettext_lazy("后台任务"), _find_jobs,
                 lambda user, rights, school: _failed_jobs(user, school).count()),
)  # fmt: skip
