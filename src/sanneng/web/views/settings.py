"""A school's own settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain.schools import change_school
from sanneng.core.enums import Mechanism
from sanneng.core.errors import SannengError
from sanneng.core.permissions import Permission
from sanneng.web.scope import scope_of, user_of


def school(request: HttpRequest) -> HttpResponse:
    """The name of the school, and the parts that it uses."""
    scope = scope_of(request, Permission.MANAGE_SCHOOL)
    if request.method == "POST":
        used = request.POST.getlist("used")
        try:
            change_school(
                school=scope.school,
                name=request.POST.get("name", ""),
                switched_off=set(Mechanism.values) - set(used),
                by=user_of(request),
            )
            messages.success(request, _("设置已保存。"))
            return redirect(f"{reverse('school-settings')}?{scope.query}")
        except SannengError as error:
            messages.error(request, str(error))
    parts = [
        {"code": one, "label": one.label, "on": one not in scope.school.switched_off}
        for one in Mechanism
    ]
    return render(request, "web/school_settings.html", {"scope": scope, "parts": parts})
