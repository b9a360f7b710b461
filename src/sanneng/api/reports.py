"""Reports: listed, made, given out, frozen, and what has moved since."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Path, Query, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from sanneng.api.asking import AsOf, SchoolCode, asked_day
from sanneng.api.callers import Caller, caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.limits import HEAVY
from sanneng.api.presenting import named
from sanneng.api.problems import not_found
from sanneng.api.shapes import SchoolName
from sanneng.api.steps import Nothing
from sanneng.api.uploads import on_disk
from sanneng.api.values import Id
from sanneng.core.enums import ApiScope
from sanneng.core.permissions import Permission
from sanneng.reports import library
from sanneng.reports.models import Report, ReportState
from sanneng.reports.rendering import DEFAULT_TEMPLATE

TAGS = ("报告",)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PAGE = 50


class ShownReport(BaseModel):
    id: int
    school: SchoolName
    title: str
    as_of: dt.date
    state: Literal[tuple(ReportState.values)]  # type: ignore[valid-type]
    digest: str = Field(description="文件的 SHA-256")
    created_at: dt.datetime
    created_by: str | None
    frozen_at: dt.datetime | None


class ReportedFigure(BaseModel):
    """A figure as the report states it."""

    id: str
    indicator: str
    text: str
    value: str
    unit: str
    period: str
    records: str
    digest: str


class ReportWithFigures(ShownReport):
    figures: list[ReportedFigure]


class ReportList(BaseModel):
    items: list[ShownReport]
    next: str | None


class MovedFigure(BaseModel):
    id: str
    indicator: str
    name: str
    stated: str
    now: str
    records_now: int


class MovedFigures(BaseModel):
    items: list[MovedFigure]


def add_reports(router: Router) -> None:
    read: dict[str, Any] = {"scope": ApiScope.REPORTS_READ, "tags": TAGS}
    write: dict[str, Any] = {"scope": ApiScope.REPORTS_WRITE, "tags": TAGS}
    endpoint(
        router, "GET", "/reports/", name="listReports", summary="报告", response=ReportList, **read
    )(listing)
    endpoint(
        router, "POST", "/reports/", name="makeReport", status=201, limit=HEAVY,
        summary="用系统模板生成报告", response=ReportWithFigures, **write,
    )(make)  # fmt: skip
    endpoint(
        router, "POST", "/reports/from-template/", name="makeReportFromTemplate", status=201,
        summary="用自己的模板（.docx）生成报告", response=ReportWithFigures, limit=HEAVY,
        refusals=(413,), **write,
    )(make_from)  # fmt: skip
    one = "/reports/{int:id}"
    endpoint(
        router, "GET", f"{one}/", name="getReport", summary="一份报告和它的数字",
        response=ReportWithFigures, **read,
    )(detail)  # fmt: skip
    endpoint(
        router, "GET", f"{one}/file", name="downloadReport", summary="报告的 Word 文件",
        response=None, media=WORD, limit=HEAVY, **read,
    )(download)  # fmt: skip
    endpoint(
        router, "GET", f"{one}/moved/", name="getMovedFigures", summary="生成以后变动了的数字",
        response=MovedFigures, **read,
    )(moved)  # fmt: skip
    endpoint(
        router, "POST", f"{one}/freeze/", name="freezeReport", summary="冻结报告",
        response=ReportWithFigures, refusals=(409,), **write,
    )(freeze)  # fmt: skip


def listing(
    request: HttpRequest,
    school: SchoolCode = None,
    after: Annotated[Id | None, Query(description="只要 id 比它小的")] = None,
) -> dict[str, Any]:
    caller = caller_of(request)
    found = _reports(caller)
    if school is not None:
        found = found.filter(school=caller.school(school))
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query["after"] = str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    return {
        "items": [_shown(one) for one in rows[:PAGE]],
        "next": f"{request.path}?{query.urlencode()}" if len(rows) > PAGE else None,
    }


def make(
    request: HttpRequest,
    given: Annotated[Nothing, Body()],
    school: SchoolCode = None,
    as_of: AsOf = None,
) -> dict[str, Any]:
    caller = caller_of(request)
    place = caller.school(school, needs=Permission.MAKE_REPORT)
    report = library.make_report(
        template=DEFAULT_TEMPLATE, school=place, as_of=asked_day(as_of), by=caller.user
    )
    return _with_figures(report)


def make_from(
    request: HttpRequest,
    template: Annotated[UploadedFile, File()],
    school: SchoolCode = None,
    as_of: AsOf = None,
) -> dict[str, Any]:
    caller = caller_of(request)
    place = caller.school(school, needs=Permission.MAKE_REPORT)
    with on_disk(template, fallback="template") as path:
        report = library.make_report(
            template=path, school=place, as_of=asked_day(as_of), by=caller.user
        )
    return _with_figures(report)


ReportId = Annotated[Id, Path()]


def detail(request: HttpRequest, id: ReportId) -> dict[str, Any]:
    return _with_figures(_report(request, id))


def download(request: HttpRequest, id: ReportId) -> HttpResponse:
    report = _report(request, id)
    path = library.path_of(report.digest)
    if not path.exists():
        raise not_found()
    response = HttpResponse(path.read_bytes(), content_type=WORD)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(report.title)}.docx"
    response["Cache-Control"] = "private, no-store"
    return response


def moved(request: HttpRequest, id: ReportId) -> dict[str, Any]:
    return {
        "items": [
            {
                "id": one.figure.id,
                "indicator": one.figure.indicator,
                "name": one.name,
                "stated": one.figure.text,
                "now": one.now,
                "records_now": one.records_now,
            }
            for one in library.moved_since(_report(request, id))
        ]
    }


def freeze(request: HttpRequest, id: ReportId, given: Annotated[Nothing, Body()]) -> Reply:
    report = _report(request, id)
    library.freeze_report(report=report, by=caller_of(request).user)
    return Reply(_with_figures(report))


def _reports(caller: Caller) -> QuerySet[Report]:
    mine = Report.objects.visible_to(caller.user).filter(school__in=caller.schools())
    return mine.select_related("school", "created_by")


def _report(request: HttpRequest, pk: int) -> Report:
    found = _reports(caller_of(request)).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def _shown(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk,
        "school": named(report.school),
        "title": report.title,
        "as_of": report.as_of,
        "state": report.state,
        "digest": report.digest,
        "created_at": report.created_at,
        "created_by": str(report.created_by) if report.created_by else None,
        "frozen_at": report.frozen_at,
    }


def _with_figures(report: Report) -> dict[str, Any]:
    names = ReportedFigure.model_fields
    figures = [{name: str(figure[name]) for name in names} for figure in report.figures]
    return _shown(report) | {"figures": figures}
