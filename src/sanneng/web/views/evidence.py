from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from sanneng.core.domain.evidence import open_evidence
from sanneng.core.models import Evidence, Record


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A stored file, to those who may read its record; for others it is not there."""
    proof = get_object_or_404(Evidence, pk=pk)
    model = proof.content_type.model_class()
    if not proof.is_file or model is None or not issubclass(model, Record):
        raise Http404
    get_object_or_404(model.objects.visible_to(request.user), pk=proof.object_id)
    response = FileResponse(
        open_evidence(evidence=proof),
        as_attachment=True,
        filename=proof.title,
        content_type=proof.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response
