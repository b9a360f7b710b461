"""Pages behind links that go to people: an invitation, a new password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from sanneng.core.domain.accounts import open_link, reset_password
from sanneng.core.domain.invitations import accept_as, accept_as_new
from sanneng.core.enums import LinkPurpose
from sanneng.core.errors import InvalidValues, SannengError
from sanneng.core.row_security import all_schools


class NewPasswordForm(forms.Form):
    password1 = forms.CharField(
        label=gettext_lazy("密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=gettext_lazy("再输一次密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password2(self) -> str:
        again: str = self.cleaned_data["password2"]
        if again != self.cleaned_data.get("password1", again):
            raise forms.ValidationError(_("两次输入的密码不一样。"))
        return again

    def take_faults(self, error: SannengError) -> None:
        """Show what the domain refused beside its field."""
        faults = error.faults if isinstance(error, InvalidValues) else {"": [str(error)]}
        for name, texts in faults.items():
            for text in texts:
                self.add_error(name or None, text)


class JoinForm(NewPasswordForm):
    """Asks for the person's name too where the invitation has none."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    username = forms.CharField(
        label=gettext_lazy("用户名"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        help_text=gettext_lazy("登录时用，如姓名全拼。"),
    )
    field_order = ("name", "username", "password1", "password2")

    def __init__(self, *arguments: Any, named: bool, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if named:
            del self.fields["name"]


@login_not_required
@all_schools()
@never_cache
@sensitive_post_parameters("password1", "password2")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take up an invitation: with a new account, or with the one that is logged in."""
    link = open_link(token=token, purpose=LinkPurpose.INVITE)
    if link is None:
        return private(render(request, "web/accounts/link_over.html", status=404))
    user: Any = request.user
    if user.is_authenticated:
        return private(_join_as(request, link, user))
    form = JoinForm(request.POST if request.method == "POST" else None, named=bool(link.name))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            accept_as_new(
                link=link,
                username=values["username"],
                password=values["password1"],
                name=values.get("name", ""),
            )
        except SannengError as error:
            form.take_faults(error)
        else:
            messages.success(request, _("账号已建立，请用新的用户名和密码登录。"))
            return private(redirect("login"))
    context = {"link": link, "form": form, "rules": password_validators_help_texts()}
    return private(render(request, "web/accounts/join.html", context))


def _join_as(request: HttpRequest, link: Any, user: Any) -> HttpResponse:
    if request.method == "POST":
        try:
            accept_as(link=link, user=user)
        except SannengError as error:
            messages.error(request, str(error))
            return redirect("account")
        messages.success(request, _("已加入“{school}”。").format(school=link.school))
        return redirect("account")
    return render(request, "web/accounts/join.html", {"link": link, "known": user})


@login_not_required
@all_schools()
@never_cache
@sensitive_post_parameters("password1", "password2")
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new password by a link that the security administrator gave out."""
    link = open_link(token=token, purpose=LinkPurpose.RESET)
    if link is None:
        return private(render(request, "web/accounts/link_over.html", status=404))
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reset_password(link=link, password=form.cleaned_data["password1"])
        except SannengError as error:
            form.take_faults(error)
        else:
            if request.user.is_authenticated:
                logout(request)
            messages.success(request, _("密码已改，请用新密码登录。"))
            return private(redirect("login"))
    context = {"link": link, "form": form, "rules": password_validators_help_texts()}
    return private(render(request, "web/accounts/reset.html", context))


def private(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it goes into no search, and by the site's Referrer-Policy to no
    other site (a stricter one would take the origin from the forms of these pages)."""
    response["X-Robots-Tag"] = "noindex"
    return response


def address(request: HttpRequest, name: str, token: str) -> str:
    """The link that carries ``token``, as people reach this site."""
    return request.build_absolute_uri(reverse(name, args=(token,)))
