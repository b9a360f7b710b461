from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.core.permissions import Permission
from sanneng.reports.library import freeze_report, make_report, moved_since, path_of
from sanneng.reports.models import Report
from sanneng.reports.pdf import to_pdf
from sanneng.reports.preview import preview as blocks_of
from sanneng.reports.rendering import DEFAULT_TEMPLATE
from sanneng.web.exports import WORD, attachment
from sanneng.web.posts import posted
from sanneng.web.scope import scope_of, user_of


def listing(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request, Permission.SEE_FIGURES)
    found = Report.objects.visible_to(request.user).filter(school=scope.school)
    context = {
        "scope": scope,
        "reports": found.select_related("created_by")[:100],
        "may_make": scope.may(Permission.MAKE_REPORT),
    }
    return render(request, "web/reports.html", context)


@posted(lambda: reverse("reports"))
def make(request: HttpRequest) -> HttpResponse:
    """Make a report from the product's template, or from one that the user brings."""
    scope = scope_of(request, Permission.MAKE_REPORT)
    upload = request.FILES.get("template")
    with tempfile.TemporaryDirectory() as folder:
        template = DEFAULT_TEMPLATE
        if upload is not None:
            template = Path(folder) / Path(upload.name or "template").name
            template.write_bytes(upload.read())
        try:
            report = make_report(
                template=template,
                school=scope.school,
                as_of=scope.as_of,
                by=user_of(request),
            )
        except SannengError as error:
            messages.error(request, str(error))
            return redirect("reports")
    return redirect("report", pk=report.pk)


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a page, each figure a link to its records, and what has moved since."""
    report, scope = _report(request, pk), scope_of(request, Permission.SEE_FIGURES)
    blocks = blocks_of(path_of(report.digest))
    for number, block in enumerate(blocks):
        block.chart.update({"id": f"chart-{number}"} if block.chart else {})
    context = {
        "scope": scope,
        "may_freeze": scope.rights.may(Permission.FREEZE_REPORT, report.school),
        "report": report,
        "blocks": blocks,
        "moved": moved_since(report),
    }
    return render(request, "web/report.html", context)


def download(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The .docx as it was made, or a PDF of it where LibreOffice is there."""
    report = _report(request, pk)
    path = path_of(report.digest)
    if form == "docx":
        response = attachment(f"{report.title}.docx", WORD)
        response.content = path.read_bytes()
        return response
    if form != "pdf":
        raise Http404
    try:
        made = to_pdf(path)
    except SannengError as error:
        messages.error(request, str(error))
        return redirect("report", pk=pk)
    if made is None:
        messages.warning(
            request, _("服务器没有装 LibreOffice，不能转换 PDF；请下载 Word 文件另存。")
        )
        return redirect("report", pk=pk)
    response = attachment(f"{report.title}.pdf", "application/pdf")
    response.content = made.read_bytes()
    return response


@posted(lambda pk: reverse("report", args=(pk,)))
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    report = _report(request, pk)
    try:
        freeze_report(report=report, by=user_of(request))
        messages.success(request, _("报告已冻结，数字和文件摘要已保留。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("report", pk=pk)


def _report(request: HttpRequest, pk: int) -> Report:
    return get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
