"""Evidence of records: listed, handed in, downloaded, taken off."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import quote

from annotated_types import MaxLen, MinLen
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Body, File, Path, Router
from ninja.files import UploadedFile
from pydantic import AfterValidator, BaseModel, Field

from sanneng.api.callers import caller_of
from sanneng.api.endpoints import Reply, endpoint
from sanneng.api.limits import HEAVY
from sanneng.api.lists import signature
from sanneng.api.problems import not_found
from sanneng.api.records import record_of
from sanneng.api.shapes import Strict
from sanneng.api.steps import RECORD
from sanneng.api.values import Id, said, visible
from sanneng.core.domain import evidence as domain
from sanneng.core.enums import ApiScope
from sanneng.core.models import Evidence, Record
from sanneng.core.registry import type_by_code

TAGS = ("佐证材料",)
FILE = "application/octet-stream"
Title = Annotated[str, MinLen(1), MaxLen(255), AfterValidator(visible), AfterValidator(said)]


class ShownEvidence(BaseModel):
    id: int
    title: str
    digest: str = Field(description="文件的 SHA-256；只登记名称的为空")
    size: int
    media_type: str
    added_at: dt.datetime
    added_by: str | None
    superseded_at: dt.datetime | None = Field(description="有了新版本的时间")


class EvidenceList(BaseModel):
    items: list[ShownEvidence]


class NewReference(Strict):
    title: Title


def add_evidence(router: Router) -> None:
    read, write = ApiScope.RECORDS_READ, ApiScope.RECORDS_WRITE
    path = "/records/{type}/{int:id}/evidence/"
    endpoint(
        router, "GET", path, name="listEvidence", summary="一条记录的佐证材料", scope=read,
        response=EvidenceList, tags=TAGS,
    )(listing)  # fmt: skip
    endpoint(
        router, "POST", path, name="uploadEvidence", summary="上传一份佐证文件", scope=write,
        response=ShownEvidence, status=201, limit=HEAVY, refusals=(409, 413), tags=TAGS,
    )(upload)  # fmt: skip
    endpoint(
        router, "POST", f"{path}references/", name="addReference",
        summary="登记一份存放在别处的材料", scope=write, response=ShownEvidence, status=201,
        refusals=(409,), tags=TAGS,
    )(refer)  # fmt: skip
    endpoint(
        router, "GET", "/evidence/{int:id}/file", name="downloadEvidence", summary="下载佐证文件",
        scope=read, response=None, media=FILE, tags=TAGS,
    )(download)  # fmt: skip
    endpoint(
        router, "DELETE", "/evidence/{int:id}/", name="removeEvidence", summary="移除佐证材料",
        scope=write, response=None, status=204, refusals=(409,), tags=TAGS,
    )(remove)  # fmt: skip


def listing(request: HttpRequest, type: str, id: int) -> dict[str, Any]:
    record = record_of(request, type_by_code(type), id)
    return {"items": [_shown(one) for one in record.evidence.select_related("added_by")]}


def upload(request: HttpRequest, type: str, id: int, file: UploadedFile) -> Reply:
    record = record_of(request, type_by_code(type), id)
    assert file.file is not None
    made = domain.hand_in_file(
        record=record, source=file.file, name=file.name or "", by=caller_of(request).user
    )
    return Reply(_shown(made))


def refer(request: HttpRequest, type: str, id: int, given: NewReference) -> Reply:
    record = record_of(request, type_by_code(type), id)
    made = domain.hand_in_reference(record=record, title=given.title, by=caller_of(request).user)
    return Reply(_shown(made))


def download(request: HttpRequest, id: int) -> HttpResponseBase:
    proof = _evidence(request, id)
    response = FileResponse(domain.open_evidence(evidence=proof), content_type=FILE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(proof.title)}"
    response["Cache-Control"] = "private, no-store"
    return response


def remove(request: HttpRequest, id: int) -> None:
    domain.remove_evidence(evidence=_evidence(request, id), by=caller_of(request).user)


listing.__signature__ = signature(RECORD)  # type: ignore[attr-defined]
upload.__signature__ = signature({**RECORD, "file": (UploadedFile, File(...))})  # type: ignore[attr-defined]
refer.__signature__ = signature({**RECORD, "given": (NewReference, Body(...))})  # type: ignore[attr-defined]
download.__signature__ = signature({"id": (Id, Path(...))})  # type: ignore[attr-defined]
remove.__signature__ = signature({"id": (Id, Path(...))})  # type: ignore[attr-defined]


def _evidence(request: HttpRequest, pk: int) -> Evidence:
    """Evidence of a record that the caller may read; other evidence is not found."""
    proof = Evidence.objects.filter(pk=pk).first()
    if proof is None:
        raise not_found()
    model = proof.content_type.model_class()
    if model is None or not issubclass(model, Record):
        raise not_found()
    if not caller_of(request).records(model).filter(pk=proof.object_id).exists():
        raise not_found()
    return proof


def _shown(proof: Evidence) -> dict[str, Any]:
    return {
        "id": proof.pk,
        "title": proof.title,
        "digest": proof.digest,
        "size": proof.size,
        "media_type": proof.media_type,
        "added_at": proof.added_at,
        "added_by": str(proof.added_by) if proof.added_by else None,
        "superseded_at": proof.superseded_at,
    }
