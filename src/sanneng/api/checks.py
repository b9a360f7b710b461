"""The check of a draft: every figure of it with its verdict."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen
from django.http import HttpRequest
from ninja import Body, File, Router
from ninja.files import UploadedFile
from pydantic import AfterValidator, BaseModel, Field

from sanneng.api.asking import AsOf, SchoolCode, asked_day
from sanneng.api.callers import caller_of
from sanneng.api.endpoints import endpoint
from sanneng.api.limits import HEAVY
from sanneng.api.shapes import Strict
from sanneng.api.uploads import on_disk
from sanneng.api.values import said, visible_lines
from sanneng.core.enums import ApiScope
from sanneng.core.permissions import Permission
from sanneng.reports.checking import CheckResult, Verdict, check_document

TAGS = ("核对文稿",)
MAX_TEXT = 500_000


class Draft(Strict):
    text: Annotated[
        str,
        MinLen(1),
        MaxLen(MAX_TEXT),
        AfterValidator(visible_lines),
        AfterValidator(said),
    ]


class CheckedClaim(BaseModel):
    """A figure of the draft: where it stands, what it says, and what the records say."""

    model_config = {"extra": "allow"}
    text: str
    start: int
    end: int
    unit: str | None
    indicator: str | None
    verdict: Literal[tuple(Verdict.values)]  # type: ignore[valid-type]
    found: str | None
    records: int


class ShownContradiction(BaseModel):
    kind: str
    claims: list[int] = Field(description="在 claims 里的序号，从 0 起")
    message: str


class Checked(BaseModel):
    claims: list[CheckedClaim]
    contradictions: list[ShownContradiction]
    counts: dict[str, int]


def add_checks(router: Router) -> None:
    more: dict[str, Any] = {
        "scope": ApiScope.CHECK, "response": Checked, "limit": HEAVY, "tags": TAGS,
        "refusals": (413,),
    }  # fmt: skip
    endpoint(router, "POST", "/check/text/", name="checkText", summary="核对一段文字", **more)(
        check_text
    )
    endpoint(
        router, "POST", "/check/document/", name="checkDocument",
        summary="核对 .docx 或文本文件", **more,
    )(check_file)  # fmt: skip


def check_text(
    request: HttpRequest,
    given: Annotated[Draft, Body()],
    school: SchoolCode = None,
    as_of: AsOf = None,
) -> dict[str, Any]:
    place = caller_of(request).school(school, needs=Permission.CHECK_DRAFT)
    return _shown(check_document(given.text, school=place, as_of=asked_day(as_of)))


def check_file(
    request: HttpRequest,
    document: Annotated[UploadedFile, File()],
    school: SchoolCode = None,
    as_of: AsOf = None,
) -> dict[str, Any]:
    place = caller_of(request).school(school, needs=Permission.CHECK_DRAFT)
    day = asked_day(as_of)
    with on_disk(document, fallback="document") as path:
        return _shown(check_document(path, school=place, as_of=day))


def _shown(result: CheckResult) -> dict[str, Any]:
    return result.as_json() | {"counts": result.counts}
