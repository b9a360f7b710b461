from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.core.permissions import Permission
from sanneng.reports.checking import CheckedClaim, CheckResult, Verdict, check_document
from sanneng.reports.checking.output import note, write_checked
from sanneng.web.exports import WORD, attachment
from sanneng.web.scope import Scope, scope_of

MAX_TEXT = 500_000
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Piece:
    """A stretch of a paragraph: plain words, or a claim with its number."""

    text: str
    claim: CheckedClaim | None = None
    number: int = 0

    @property
    def note(self) -> str:
        return note(self.claim) if self.claim else ""


def check(request: HttpRequest) -> HttpResponse:
    """Drop a document, see every figure of it with its verdict and its records."""
    scope = scope_of(request, Permission.CHECK_DRAFT)
    context: dict[str, object] = {"scope": scope, "verdicts": Verdict}
    if request.method == "POST":
        try:
            result = _checked(request, scope)
            context |= {
                "result": result,
                "name": getattr(request.FILES.get("document"), "name", ""),
                "marked": _kept(request, result),
                "paragraphs": _paragraphs(result),
                "counts": [(Verdict(v), n) for v, n in result.counts.items()],
                "claims": [Piece(c.text, c, n) for n, c in enumerate(result.claims, start=1)],
            }
        except SannengError as error:
            context["error"] = str(error)
        context["text"] = request.POST.get("text", "")[:MAX_TEXT]
    return render(request, "web/check.html", context)


def marked(request: HttpRequest) -> HttpResponse:
    """The document checked last in this session, as Word with every figure coloured."""
    scope_of(request, Permission.CHECK_DRAFT)
    content = cache.get(_key(request))
    if content is None:
        messages.warning(request, _("核对结果已过期，请重新核对一次。"))
        return redirect("check")
    response = attachment(_("核对结果.docx"), WORD)
    response.content = content
    return response


def _kept(request: HttpRequest, result: CheckResult) -> bool:
    """Keep the coloured document for a while; only this session can fetch it."""
    if not request.session.session_key:
        return False
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "checked.docx"
        write_checked(result, target)
        cache.set(_key(request), target.read_bytes(), KEPT_SECONDS)
    return True


def _key(request: HttpRequest) -> str:
    return f"checked:{request.session.session_key}"


def _checked(request: HttpRequest, scope: Scope) -> CheckResult:
    question = {"school": scope.school, "as_of": scope.as_of}
    upload = request.FILES.get("document")
    if upload is None:
        text = request.POST.get("text", "")[:MAX_TEXT]
        if not text.strip():
            raise SannengError(_("请选一个 .docx 或文本文件，或者把文字贴进来。"))
        return check_document(text, **question)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(upload.name or "document").name
        with path.open("wb") as target:
            for piece in upload.chunks():
                target.write(piece)
        return check_document(path, **question)  # type: ignore[arg-type]


def _paragraphs(result: CheckResult) -> list[list[Piece]]:
    """Each paragraph in pieces; a claim that reaches into the next line is cut at its end."""
    found = []
    numbered = list(enumerate(result.claims, start=1))
    for paragraph in result.document.paragraphs:
        pieces: list[Piece] = []
        position = paragraph.start
        for number, claim in numbered:
            start, end = max(claim.start, position), min(claim.end, paragraph.end)
            if start >= end:
                continue
            if start > position:
                pieces.append(Piece(result.text[position:start]))
            pieces.append(Piece(result.text[start:end], claim, number))
            position = end
        if position < paragraph.end:
            pieces.append(Piece(result.text[position : paragraph.end]))
        if pieces:
            found.append(pieces)
    return found
