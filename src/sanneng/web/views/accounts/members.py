"""The members of a school, as its security administrator keeps them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import today
from sanneng.core.domain import accounts, stand_ins
from sanneng.core.domain import members as roles
from sanneng.core.enums import LinkPurpose
from sanneng.core.errors import InvalidValues, SannengError
from sanneng.core.models import AccountLink, Membership, School, StandIn, User
from sanneng.core.permissions import Permission
from sanneng.people.models import Staff
from sanneng.teaching.models import Trainee
from sanneng.web.accounts.member_forms import AccountForm, RoleForm, StandInForm
from sanneng.web.accounts.second_factor import FACTORS
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, scope_of, user_of
from sanneng.web.views.accounts.links import address

IDLE = dt.timedelta(days=90)
PEOPLE: dict[str, Any] = {"staff": Staff, "trainee": Trainee}


def scope_with_members(request: HttpRequest) -> Scope:
    """The school whose members the user keeps; none is not found."""
    return scope_of(request, needs=Permission.MANAGE_MEMBERS)


def list_address(school: School | None = None, **_arguments: object) -> str:
    return reverse("members") + (f"?school={school.code}" if school else "")


def _page(pk: int, school: School | None = None, **_arguments: object) -> str:
    return reverse("member", args=(pk,)) + (f"?school={school.code}" if school else "")


def listing(request: HttpRequest) -> HttpResponse:
    """Everybody of the school: roles and their days, second factor, last log-in, who is idle."""
    scope = scope_with_members(request)
    people: dict[int, dict[str, Any]] = {}
    held = Membership.objects.filter(school=scope.school).select_related("user")
    for membership in held.order_by("user__display_name", "user__username", "role"):
        row = people.setdefault(membership.user_id, {"user": membership.user, "roles": []})
        row["roles"].append(membership)
    protected = set(
        Authenticator.objects.filter(user__in=people, type__in=FACTORS).values_list(
            "user_id", flat=True
        )
    )
    day, border = today(), timezone.now() - IDLE
    for pk, row in people.items():
        user = row["user"]
        row["in_force"] = [m for m in row["roles"] if m.valid_to is None or m.valid_to >= day]
        row["protected"] = pk in protected
        row["idle"] = user.is_active and (user.last_login or user.date_joined) < border
    rows = list(people.values())
    links = AccountLink.objects.open().filter(school=scope.school, purpose=LinkPurpose.INVITE)
    context = {
        "scope": scope,
        "current": [row for row in rows if row["in_force"]],
        "left": [row for row in rows if not row["in_force"]],
        "invitations": links.select_related("created_by"),
    }
    return render(request, "web/accounts/members.html", context)


def without_account(school: School) -> QuerySet[Staff]:
    """The school's staff who have no account yet."""
    return Staff.objects.filter(school=school, user=None).exclude(state="voided").order_by("name")


def member(
    request: HttpRequest,
    pk: int,
    role_form: RoleForm | None = None,
    stand_in_form: StandInForm | None = None,
    account_form: AccountForm | None = None,
) -> HttpResponse:
    """One member: roles, account, the person it is, who stands in."""
    scope = scope_with_members(request)
    user = _member(scope, pk)
    school = scope.school
    of_user = Membership.objects.filter(user=user, school=school)
    context = {
        "scope": scope,
        "user_shown": user,
        "own": user.pk == request.user.pk,
        "may_manage": accounts.may_manage_account(user=user, school=school, by=request.user),  # type: ignore[arg-type]
        "roles": of_user.order_by("-valid_from", "role"),
        "today": today(),
        "second_factor": Authenticator.objects.filter(user=user, type__in=FACTORS).exists(),
        "people": [
            (kind, model._meta.verbose_name, model.objects.filter(school=school, user=user).first())
            for kind, model in PEOPLE.items()
        ],
        "free": {
            "staff": without_account(school),
            "trainee": Trainee.objects.filter(school=school, user=None)
            .exclude(state="voided")
            .select_related("training_class")
            .order_by("-training_class", "name")[:500],
        },
        "stand_ins": StandIn.objects.filter(
            absent=user, school=school, valid_to__gte=today()
        ).select_related("deputy"),
        "account_form": account_form
        or AccountForm({"display_name": user.display_name, "email": user.email}),
        "role_form": role_form or RoleForm(),
        "stand_in_form": stand_in_form or StandInForm(schools=[school], absent=user),
    }
    status = 400 if role_form or stand_in_form or account_form else 200
    return render(request, "web/accounts/member.html", context, status=status)


def _member(scope: Scope, pk: int) -> User:
    """A present or former member of the school; anybody else is not found."""
    found = User.objects.filter(memberships__school=scope.school).annotate(
        until=Max("memberships__valid_to")
    )
    return get_object_or_404(found, pk=pk)


@posted(_page)
def add_role(request: HttpRequest, pk: int) -> HttpResponse:
    scope = scope_with_members(request)
    user = _member(scope, pk)
    form = RoleForm(request.POST)
    by = user_of(request)
    if form.is_valid():
        try:
            roles.add_membership(user=user, school=scope.school, by=by, **form.cleaned_data)
        except SannengError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("角色已增加。"))
            return redirect(_page(pk, scope.school))
    return member(request, pk, role_form=form)


@posted(_page)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the account's name and e-mail address."""
    scope = scope_with_members(request)
    user = _member(scope, pk)
    form = AccountForm(request.POST)
    by = user_of(request)
    if form.is_valid():
        try:
            accounts.edit_account(user=user, school=scope.school, by=by, **form.cleaned_data)
        except InvalidValues as error:
            for name, texts in error.faults.items():
                form.add_error(name, texts[0])
        except SannengError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已保存。"))
            return redirect(_page(pk, scope.school))
    return member(request, pk, account_form=form)


@posted(list_address)
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role from today on."""
    scope = scope_with_members(request)
    found = Membership.objects.filter(school=scope.school).select_related("school", "user")
    membership = get_object_or_404(found, pk=pk)
    try:
        roles.end_membership(membership=membership, by=user_of(request))
        messages.success(request, _("角色已结束，从今天起不再有效。"))
    except SannengError as error:
        messages.error(request, str(error))
    if not Membership.objects.filter(school=scope.school, user=membership.user_id).exists():
        return redirect(list_address(scope.school))
    return redirect(_page(membership.user_id, scope.school))


@posted(_page)
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which staff member or trainee the account is, or that it is none of them."""
    scope = scope_with_members(request)
    user = _member(scope, pk)
    model, chosen = PEOPLE.get(request.POST.get("kind", "")), request.POST.get("record", "")
    if model is None or not (chosen == "" or chosen.isdecimal()):
        raise Http404
    own = model.objects.filter(school=scope.school)
    by = user_of(request)
    try:
        if chosen:
            record = get_object_or_404(own.filter(user=None), pk=int(chosen))
            accounts.link_person(record=record, user=user, by=by)
        else:
            for record in own.filter(user=user):
                accounts.link_person(record=record, user=None, by=by)
        messages.success(request, _("已保存。"))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect(_page(pk, scope.school))


@posted(_page)
def add_stand_in(request: HttpRequest, pk: int) -> HttpResponse:
    scope = scope_with_members(request)
    user = _member(scope, pk)
    form = StandInForm(request.POST, schools=[scope.school], absent=user)
    if form.is_valid():
        try:
            stand_ins.name_deputy(absent=user, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except SannengError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("已确定代办人。"))
            return redirect(_page(pk, scope.school))
    return member(request, pk, stand_in_form=form)


@posted(lambda pk, step: _page(pk))
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Stop or start the account, end its sessions, or make a link to a new password."""
    scope = scope_with_members(request)
    user = _member(scope, pk)
    named: Any = {"user": user, "school": scope.school, "by": request.user}
    try:
        if step in ("reset", "reset-all"):
            token = accounts.make_reset_link(**named, clears_second_factor=step == "reset-all")
            rows = [(str(user), user.email, address(request, "reset", token))]
            context = {"scope": scope, "rows": rows, "reset": True}
            response = render(request, "web/accounts/links.html", context)
            response["Cache-Control"] = "private, no-store"
            return response
        if step == "disable":
            accounts.disable_account(**named)
            messages.success(
                request, _("账号已停用，所有登录已退出，接口令牌和日历订阅地址已作废。")
            )
        elif step == "enable":
            accounts.enable_account(**named)
            messages.success(request, _("账号已启用。"))
        elif step == "end-sessions":
            number = accounts.end_sessions_of_member(**named)
            messages.success(
                request,
                _("已退出 {number} 处登录，接口令牌和日历订阅地址已作废。").format(number=number),
            )
        else:
            raise Http404
    except SannengError as error:
        messages.error(request, str(error))
    return redirect(_page(pk, scope.school))
