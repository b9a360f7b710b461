"""One record, shown to whoever holds a link to it; and the making of such links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanneng.core.domain import item_links as domain
from sanneng.core.domain.evidence import open_evidence
from sanneng.core.errors import SannengError
from sanneng.core.models import ItemLink, Record
from sanneng.core.registry import type_by_code
from sanneng.core.row_security import all_schools
from sanneng.web.accounts.member_forms import ItemLinkForm
from sanneng.web.exports import heading, shown
from sanneng.web.posts import posted
from sanneng.web.scope import user_of
from sanneng.web.views.accounts.links import address, private


def _opened(token: str) -> tuple[ItemLink, Record]:
    found = domain.opened(token=token)
    if found is None:
        raise Http404
    domain.mark_used(link=found[0])
    return found


@login_not_required
@all_schools()
@never_cache
def item(request: HttpRequest, token: str) -> HttpResponse:
    """The record's fields and evidence, with no way to anything else."""
    found = domain.opened(token=token)
    if found is None:
        return private(render(request, "web/accounts/item_over.html", status=404))
    link, record = found
    domain.mark_used(link=link)
    context = {
        "link": link,
        "token": token,
        "record": record,
        "type_label": record._meta.verbose_name,
        "fields": [
            (heading(type(record), name), shown(record, name))
            for name in domain.shown_fields(record)
        ],
        "evidence": domain.shown_evidence(record),
        "takes_files": domain.takes_files(link, record),
    }
    return private(render(request, "web/accounts/item.html", context))


@login_not_required
@all_schools()
@never_cache
def download(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """A file of the link's own record; no other."""
    _link, record = _opened(token)
    proof = get_object_or_404(domain.shown_evidence(record), pk=pk)
    if not proof.is_file:
        raise Http404
    response = FileResponse(
        open_evidence(evidence=proof),
        as_attachment=True,
        filename=proof.title,
        content_type=proof.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    return response


@login_not_required
@all_schools()
@posted(lambda token: reverse("item", args=(token,)))
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Take a file for the record, where the link allows it."""
    link, record = _opened(token)
    sent = request.FILES.get("file")
    try:
        if sent is None or sent.name is None:
            raise SannengError(_("请先选择文件。"), code="no_file")
        content: Any = sent.file
        domain.hand_in_by_link(link=link, record=record, source=content, name=sent.name)
        messages.success(request, _("已收到“{name}”。").format(name=sent.name))
    except SannengError as error:
        messages.error(request, str(error))
    return private(redirect("item", token=token))


def _record(request: HttpRequest, code: str, pk: int) -> Record:
    try:
        model = type_by_code(code).model
    except KeyError:
        raise Http404 from None
    found: Record = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    return found


@posted(lambda code, pk: reverse("record", args=(code, pk)))
def make(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make a link to a record; it is shown once, in the answer."""
    record = _record(request, code, pk)
    form = ItemLinkForm(request.POST)
    by = user_of(request)
    try:
        if not form.is_valid():
            raise SannengError(_("请写明给谁，并选 1 到 30 天的有效期。"), code="invalid_link")
        link, token = domain.make_item_link(record=record, by=by, **form.cleaned_data)
    except SannengError as error:
        messages.error(request, str(error))
        return redirect("record", code=code, pk=pk)
    context = {
        "scope": {"school": record.school},
        "rows": [(link.recipient, "", address(request, "item", token))],
        "item_link": link,
        "record": record,
        "code": code,
    }
    response = render(request, "web/accounts/links.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@posted(lambda pk: reverse("record-types"))
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link stop working."""
    link = get_object_or_404(ItemLink, pk=pk)
    target = link.record
    if not isinstance(target, Record):
        raise Http404
    record = _record(request, target._meta.label_lower, target.pk)
    by = user_of(request)
    try:
        domain.revoke_item_link(link=link, by=by)
        messages.success(request, _("链接已停用。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("record", code=record._meta.label_lower, pk=record.pk)
