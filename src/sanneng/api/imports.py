"""Workbooks in and out: templates, exports, imports with a trial run, and taking one back."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, File, Path, Query, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from sanneng.api.asking import SchoolCode
from sanneng.api.callers import Caller, caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.limits import HEAVY
from sanneng.api.lists import Year, found_by
from sanneng.api.presenting import named
from sanneng.api.problems import Problem, not_found
from sanneng.api.shapes import STATES, SchoolName
from sanneng.api.steps import CODES, Nothing
from sanneng.api.uploads import on_disk
from sanneng.api.values import Id, Words
from sanneng.core.domain.audit import note
from sanneng.core.domain.evidence import clean_title
from sanneng.core.enums import ApiScope, AuditAction, BatchState
from sanneng.core.models import ImportBatch
from sanneng.core.permissions import Permission
from sanneng.core.registry import type_by_code
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.report import ImportReport
from sanneng.core.spreadsheets.template import write_template
from sanneng.core.spreadsheets.undo import undo_batch
from sanneng.core.spreadsheets.writing import rows_of, write_rows

TAGS = ("导入导出",)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50
DOUBTS_SAID = 200
TypeCode = Annotated[CODES, Path(description="记录类型")]  # type: ignore[valid-type]


class ShownBatch(BaseModel):
    id: int
    school: SchoolName
    file_name: str
    digest: str
    state: Literal[tuple(BatchState.values)]  # type: ignore[valid-type]
    created: int
    updated: int
    unchanged: int
    proposed: int = Field(description="申请更正、等别人同意的条数")
    imported_at: dt.datetime
    imported_by: str | None
    undone_at: dt.datetime | None


class BatchList(BaseModel):
    items: list[ShownBatch]
    next: str | None


class RowFault(BaseModel):
    sheet: str
    row: int = Field(description="Excel 的行号；0 是整张表")
    column: str
    problem: str
    advice: str


class Imported(BaseModel):
    dry_run: bool
    clean: bool = Field(description="没有错误；有错误时什么都没有写入")
    created: int
    updated: int
    unchanged: int
    proposed: int = Field(description="已通过的记录不直接改，申请更正、等别人同意的条数")
    error_count: int
    errors: list[RowFault]
    doubt_count: int
    doubts: list[RowFault] = Field(description="不是错误，但请核对：可能重复，或选错了文件")
    batch: ShownBatch | None


def add_imports(router: Router) -> None:
    more: dict[str, Any] = {"scope": ApiScope.IMPORT, "tags": TAGS}
    endpoint(
        router, "GET", "/import/template.xlsx", name="getTemplate", summary="空白模板",
        response=None, media=EXCEL, limit=HEAVY, **more,
    )(template)  # fmt: skip
    endpoint(
        router, "POST", "/import/", name="importWorkbook",
        summary="导入工作簿；dry_run=true 只检查；有要核对的地方时 doubts_settled=true 才写入；"
        "改动状态为已通过、已退回或已作废还要 records:decide",
        response=Imported, limit=HEAVY, refusals=(409, 413), **more,
    )(take_in)  # fmt: skip
    endpoint(
        router, "GET", "/import/batches/", name="listBatches", summary="导入批次",
        response=BatchList, **more,
    )(batches)  # fmt: skip
    endpoint(
        router, "GET", "/import/batches/{int:id}/", name="getBatch", summary="一个导入批次",
        response=ShownBatch, **more,
    )(batch)  # fmt: skip
    endpoint(
        router, "POST", "/import/batches/{int:id}/undo/", name="undoBatch", summary="撤销一次导入",
        response=ShownBatch, limit=HEAVY, refusals=(409,), **more,
    )(undo)  # fmt: skip
    endpoint(
        router, "GET", "/exports/{type}.xlsx", name="exportRecords", summary="导出成工作簿",
        scope=ApiScope.RECORDS_READ, response=None, media=EXCEL, limit=HEAVY, tags=TAGS,
    )(export)  # fmt: skip


def template(
    request: HttpRequest,
    type: Annotated[CODES | None, Query(description="记录类型；不填是全部")] = None,  # type: ignore[valid-type]
) -> HttpResponse:
    made = io.BytesIO()
    write_template(made, [type_by_code(type).model] if type else [])
    return _workbook(made.getvalue(), "导入模板")


def take_in(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    school: SchoolCode = None,
    dry_run: Annotated[bool, Query(False, description="只检查，不写入")] = False,
    doubts_settled: Annotated[
        bool, Query(False, description="doubts 已核对，照常导入；不填而有 doubts 时是 409")
    ] = False,
) -> dict[str, Any]:
    caller = caller_of(request)
    place = caller.school(school, needs=Permission.IMPORT)
    with on_disk(file, fallback="import") as path:
        report = import_workbook(
            path,
            school=place,
            by=caller.user,
            dry_run=dry_run,
            file_name=clean_title(file.name or "") or path.name,
            doubts_settled=doubts_settled,
            may_decide=caller.has_scope(ApiScope.RECORDS_DECIDE),
        )
    if report.unsettled:
        raise _unsettled(report)
    return _imported(report)


def _unsettled(report: ImportReport) -> Problem:
    """Nothing is written while something is to be looked at first."""
    said = [
        f"{one.sheet} {one.row or ''} {one.column} {one.problem}。{one.advice}".strip()
        for one in report.doubts[:DOUBTS_SAID]
    ]
    text = _("有 {number} 处要核对，没有写入。核对后用 doubts_settled=true 再导入。").format(
        number=report.doubt_count
    )
    return Problem(409, text, code="doubts_unsettled", errors={"doubts_settled": said})


def batches(
    request: HttpRequest,
    school: SchoolCode = None,
    after: Annotated[Id | None, Query(description="只要 id 比它小的")] = None,
) -> dict[str, Any]:
    caller = caller_of(request)
    found = _batches(caller)
    if school is not None:
        found = found.filter(school=caller.school(school, needs=Permission.IMPORT))
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query["after"] = str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    return {
        "items": [_shown(one) for one in rows[:PAGE]],
        "next": f"{request.path}?{query.urlencode()}" if len(rows) > PAGE else None,
    }


BatchId = Annotated[Id, Path()]


def batch(request: HttpRequest, id: BatchId) -> dict[str, Any]:
    return _shown(_batch(request, id))


def undo(request: HttpRequest, id: BatchId, given: Annotated[Nothing, Body()]) -> Reply:
    found = _batch(request, id)
    undo_batch(batch=found, by=caller_of(request).user)
    return Reply(_shown(_batch(request, id)))


def export(
    request: HttpRequest,
    type: TypeCode,
    school: SchoolCode = None,
    state: Annotated[STATES | None, Query(description="状态")] = None,
    year: Annotated[Year | None, Query(description="年份")] = None,
    q: Annotated[Words | None, Query(description="搜索的词")] = None,
) -> HttpResponse:
    """A workbook of one school, without what the caller may not see; noted in the audit log."""
    record_type, caller = type_by_code(type), caller_of(request)
    place = caller.school(school, needs=Permission.EXPORT)
    asked = {"school": place.code, "state": state, "year": year, "q": q}
    found = found_by(record_type, caller, asked).order_by("pk")
    hidden = caller.rights.hidden_fields(record_type.model, place)
    rows = (
        {name: value for name, value in row.items() if name not in hidden} for row in rows_of(found)
    )
    made = io.BytesIO()
    write_rows(made, {record_type.model: rows})
    note(AuditAction.EXPORT, school=place, by=caller.user, type=record_type.code, asked=asked)
    return _workbook(made.getvalue(), record_type.label)


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=EXCEL)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    response["Cache-Control"] = "private, no-store"
    return response


def _batches(caller: Caller) -> QuerySet[ImportBatch]:
    schools = caller.schools(Permission.IMPORT)
    return ImportBatch.objects.filter(school__in=schools).select_related("school", "imported_by")


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    found = _batches(caller_of(request)).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def _shown(one: ImportBatch) -> dict[str, Any]:
    return {
        "id": one.pk,
        "school": named(one.school),
        "file_name": one.file_name,
        "digest": one.digest,
        "state": one.state,
        "created": one.created_count,
        "updated": one.updated_count,
        "unchanged": one.unchanged_count,
        "proposed": one.proposed_count,
        "imported_at": one.imported_at,
        "imported_by": str(one.imported_by) if one.imported_by else None,
        "undone_at": one.undone_at,
    }


def _imported(report: ImportReport) -> dict[str, Any]:
    return {
        "dry_run": report.dry_run,
        "clean": report.is_clean,
        "created": report.new,
        "updated": report.changed,
        "unchanged": report.unchanged,
        "proposed": report.proposed,
        "error_count": report.error_count,
        "errors": [asdict(error) for error in report.errors],
        "doubt_count": report.doubt_count,
        "doubts": [asdict(doubt) for doubt in report.doubts],
        "batch": _shown(report.batch) if report.batch else None,
    }
