"""One's own account: password, second factor, sessions, language, who stands in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain import stand_ins
from sanneng.core.domain.accounts import end_sessions, untie_single_sign_on
from sanneng.core.domain.audit import note
from sanneng.core.domain.members import home_school
from sanneng.core.enums import AuditAction
from sanneng.core.errors import SannengError
from sanneng.core.models import Membership, School, StandIn
from sanneng.core.passwords import expires_at
from sanneng.web.accounts.browsers import browser_name
from sanneng.web.accounts.member_forms import StandInForm
from sanneng.web.accounts.second_factor import is_required
from sanneng.web.posts import posted
from sanneng.web.scope import rights_of, user_of


def account(request: HttpRequest, stand_in_form: StandInForm | None = None) -> HttpResponse:
    """Everything about one's own account on one page."""
    user = user_of(request)
    day = today()
    memberships = Membership.objects.valid_on(day).filter(user=user).select_related("school")
    factors = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    schools = _schools(user)
    context = {
        "scope": {"school": home_school(user)},
        "memberships": memberships.order_by("school__code", "role"),
        "has_app": Authenticator.Type.TOTP in factors,
        "passkeys": list(factors).count(Authenticator.Type.WEBAUTHN),
        "factor_required": is_required(rights_of(request)),
        "single_sign_on": SocialAccount.objects.filter(user=user).exists(),
        "password_expires": expires_at(user),
        "sessions": [
            (session, browser_name(session.user_agent), session.is_current())
            for session in UserSession.objects.purge_and_list(user)
        ],
        "stand_ins": StandIn.objects.filter(absent=user, valid_to__gte=day).select_related(
            "deputy", "school"
        ),
        "standing_in": StandIn.objects.filter(deputy=user, valid_to__gte=day).select_related(
            "absent", "school"
        ),
        "stand_in_form": stand_in_form
        or (StandInForm(schools=schools, absent=user) if schools else None),
        "languages": settings.LANGUAGES,
    }
    status = 400 if stand_in_form is not None else 200
    return render(request, "web/accounts/own.html", context, status=status)


def _schools(user: Any) -> list[School]:
    return list(
        School.objects.filter(
            memberships__in=Membership.objects.valid_on(today()).filter(user=user)
        )
        .distinct()
        .order_by("code")
    )


def _back(**_arguments: object) -> str:
    return reverse("account")


@posted(_back)
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of one's other sessions, or all of them."""
    user = user_of(request)
    one = request.POST.get("session", "")
    if one:
        if not one.isdecimal():
            raise Http404
        session = get_object_or_404(UserSession, pk=int(one), user=user)
        if session.is_current():
            return redirect("account")
        session.end()
        ended = 1
    else:
        ended = end_sessions(user=user, but=request.session.session_key)
    note(
        AuditAction.ACCOUNT, school=home_school(user), by=user, of=user,
        what="end_sessions", ended=ended,
    )  # fmt: skip
    messages.success(request, _("已退出 {number} 处登录。").format(number=ended))
    return redirect("account")


@posted(_back)
def untie(request: HttpRequest) -> HttpResponse:
    """Take single sign-on off one's own account."""
    user = user_of(request)
    try:
        untie_single_sign_on(user=user, school=home_school(user))
        messages.success(request, _("已解除单点登录。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("account")


@posted(_back)
def add_stand_in(request: HttpRequest) -> HttpResponse:
    """Name a deputy for oneself; a form that cannot be taken comes back as it was filled."""
    user = user_of(request)
    form = StandInForm(request.POST, schools=_schools(user), absent=user)
    if form.is_valid():
        try:
            stand_ins.name_deputy(absent=user, by=user, **form.cleaned_data)
        except SannengError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已确定代办人。"))
            return redirect("account")
    return account(request, stand_in_form=form)


@posted(_back)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a stand-in: by either of the two, or by the security administrator."""
    user = user_of(request)
    stand_in = get_object_or_404(
        StandIn.objects.select_related("school", "absent", "deputy"), pk=pk
    )
    try:
        stand_ins.end_stand_in(stand_in=stand_in, by=user)
        messages.success(request, _("代办已结束。"))
    except SannengError:
        raise Http404 from None
    if user.pk in (stand_in.absent_id, stand_in.deputy_id):
        return redirect("account")
    return redirect(
        f"{reverse('member', args=(stand_in.absent_id,))}?school={stand_in.school.code}"
    )
