"""Inviting people, and the invitations that are open."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sanneng.core.domain.invitations import (
    Invited,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from sanneng.core.enums import LinkPurpose
from sanneng.core.errors import InvalidValues, SannengError
from sanneng.core.models import AccountLink
from sanneng.web.accounts.mail import mail_links, mail_works
from sanneng.web.accounts.member_forms import InviteForm
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, user_of
from sanneng.web.views.accounts.links import address
from sanneng.web.views.accounts.members import list_address, scope_with_members, without_account


def invite_people(request: HttpRequest) -> HttpResponse:
    """Invite one or many; the links are shown once, in the answer, and kept nowhere."""
    scope = scope_with_members(request)
    staff = without_account(scope.school)
    form = InviteForm(request.POST if request.method == "POST" else None, staff=staff)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            made = invite(
                people=form.people(), school=scope.school, roles=values["roles"],
                valid_from=values["valid_from"], valid_to=values["valid_to"],
                by=user_of(request),
            )  # fmt: skip
        except InvalidValues as error:
            fields = {"people": "names"}
            for name, texts in error.faults.items():
                for text in texts:
                    form.add_error(fields.get(name, name), text)
        else:
            return _show_links(request, scope, made)
    context = {"scope": scope, "form": form, "mail_works": mail_works()}
    return render(request, "web/accounts/invite.html", context)


def _show_links(request: HttpRequest, scope: Scope, made: Sequence[Invited]) -> HttpResponse:
    rows = [(one.link.name, one.link.email, address(request, "join", one.token)) for one in made]
    sent = mail_links(school=scope.school, rows=rows)
    context = {
        "scope": scope, "rows": rows, "sent": sent,
        "together": "\n".join(f"{name}\t{link}" for name, _mail, link in rows),
    }  # fmt: skip
    response = render(request, "web/accounts/links.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@posted(list_address)
def decide(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Renew or withdraw an open invitation."""
    scope = scope_with_members(request)
    links = AccountLink.objects.filter(school=scope.school, purpose=LinkPurpose.INVITE)
    link = get_object_or_404(links, pk=pk)
    by = user_of(request)
    try:
        if step == "renew":
            return _show_links(request, scope, [renew_invitation(link=link, by=by)])
        if step != "withdraw":
            raise Http404
        withdraw_invitation(link=link, by=by)
        messages.success(request, _("邀请已撤回，链接不能再用。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect(list_address(scope.school))
