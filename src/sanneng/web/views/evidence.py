from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from sanneng.core.domain.evidence import open_evidence
from sanneng.core.errors import SannengError
from sanneng.core.models import Evidence, Record

# What a browser may show by itself: kinds that carry no script of their own.
SHOWN = frozenset({"image/jpeg", "image/png", "application/pdf"})


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stored file, to those who may read its record; for others it is not there."""
    return _answer(_proof(request, pk), as_attachment=True)


def view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An image or PDF to look at, under the same rights."""
    proof = _proof(request, pk)
    if proof.media_type not in SHOWN:
        raise Http404
    response = _answer(proof, as_attachment=False)
    if proof.media_type != "application/pdf":
        # Whatever the file is, it gets no rights of our pages. Browsers show no PDF in a sandbox.
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _proof(request: HttpRequest, pk: int) -> Evidence:
    proof = get_object_or_404(Evidence, pk=pk)
    model = proof.content_type.model_class()
    if not proof.is_file or model is None or not issubclass(model, Record):
        raise Http404
    get_object_or_404(model.objects.visible_to(request.user), pk=proof.object_id)
    return proof


def _answer(proof: Evidence, *, as_attachment: bool) -> FileResponse:
    try:
        content = open_evidence(evidence=proof)
    except SannengError as error:
        raise Http404(str(error)) from error
    response = FileResponse(
        content,
        as_attachment=as_attachment,
        filename=proof.title,
        content_type=proof.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response
