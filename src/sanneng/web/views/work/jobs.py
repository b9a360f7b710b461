from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain import live
from sanneng.core.domain.jobs import retry_job
from sanneng.core.errors import SannengError
from sanneng.core.models import Job
from sanneng.core.permissions import Permission
from sanneng.core.row_security import all_schools
from sanneng.core.spreadsheets.jobs import confirm_import
from sanneng.reports.jobs import start_report
from sanneng.web.jobs import start_export
from sanneng.web.posts import posted
from sanneng.web.scope import rights_of, scope_of, user_of

SHOWN = 50


def listing(request: HttpRequest) -> HttpResponse:
    """One's own jobs; for those who keep the system also what it does by itself."""
    scope = scope_of(request)
    own = Job.objects.visible_to(request.user).filter(school=scope.school)[:SHOWN]
    keeps = rights_of(request).schools_for(Permission.MANAGE_SCHOOL).exists()
    # What the system does by itself is no school's, so the boundary would hide it.
    with all_schools():
        system = list(Job.objects.filter(user__isnull=True)[:10]) if keeps else []
    context = {"scope": scope, "jobs": [shown_job(job) for job in own], "system": system}
    return render(request, "web/work/jobs.html", context)


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    return render(
        request, "web/work/job.html", {"scope": scope_of(request), **shown_job(job, is_brief=False)}
    )


def part(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one job is, for a page that waits for it."""
    shown = shown_job(_job(request, pk), is_brief="brief" in request.GET)
    return render(request, "web/parts/job.html", shown)


def shown_job(job: Job, *, is_brief: bool = True) -> dict[str, object]:
    """What ``web/parts/job.html`` takes."""
    progress = live.read(job.pk) if job.is_active else None
    return {
        "job": job,
        "progress": progress,
        "bar": progress.percent // 5 * 5 if progress else 0,
        "has_file": job.path is not None,
        "is_brief": is_brief,
    }


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that a job made, to whoever asked for it; for others it is not there."""
    job = _job(request, pk)
    path = job.path
    if path is None:
        raise Http404
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=job.file_name,
        content_type=job.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response


@posted(lambda pk: reverse("job", args=(pk,)))
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    job = _job(request, pk)
    try:
        retry_job(job=job, by=user_of(request))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("job", pk=pk)


@posted(lambda pk: reverse("job", args=(pk,)))
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what a dry run found to be without errors."""
    job = _job(request, pk)
    try:
        job = confirm_import(job=job, by=user_of(request), doubts_settled="settled" in request.POST)
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("job", pk=job.pk)


@posted(lambda: reverse("jobs"))
def export(request: HttpRequest) -> HttpResponse:
    """Have a list written as a file: ``code``, ``form`` and ``query``, the list's address."""
    scope = scope_of(request)
    try:
        job = start_export(
            code=request.POST.get("code", ""),
            query=request.POST.get("query", ""),
            form=request.POST.get("form", ""),
            school=scope.school,
            by=user_of(request),
        )
    except SannengError as error:
        messages.error(request, str(error))
        return redirect("jobs")
    return redirect("job", pk=job.pk)


@posted(lambda: reverse("jobs"))
def report(request: HttpRequest) -> HttpResponse:
    """Have the product's report made as of the page's day."""
    scope = scope_of(request)
    try:
        job = start_report(school=scope.school, as_of=scope.as_of, by=user_of(request))
    except SannengError as error:
        messages.error(request, str(error))
        return redirect("reports")
    messages.info(request, _("已交给后台生成，可以先去做别的事。"))
    return redirect("job", pk=job.pk)


def _job(request: HttpRequest, pk: int) -> Job:
    """One's own job, as long as one belongs to its school."""
    own = Job.objects.visible_to(request.user).filter(school__in=rights_of(request).schools())
    return get_object_or_404(own.select_related("school"), pk=pk)
