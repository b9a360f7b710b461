from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sanneng.core.domain.chat import remove_robot, set_robot, standing_of, try_robot
from sanneng.core.enums import ChatKind
from sanneng.core.errors import SannengError
from sanneng.core.models import ChatRobot
from sanneng.core.permissions import Permission
from sanneng.web.posts import posted
from sanneng.web.scope import Scope, scope_of


def page(request: HttpRequest) -> HttpResponse:
    """The group robots of a school, for its administrator."""
    scope = scope_of(request, needs=Permission.MANAGE_SCHOOL)
    robots = {robot.kind: robot for robot in ChatRobot.objects.filter(school=scope.school)}
    context = {
        "scope": scope,
        "robots": [(kind, robots.get(kind)) for kind in ChatKind],
        "example": standing_of(scope.school).text,
    }
    return render(request, "web/work/chat.html", context)


@posted(lambda kind: reverse("chat-settings"))
def step(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep a robot, send a message for a trial, or forget it."""
    scope = scope_of(request, needs=Permission.MANAGE_SCHOOL)
    if kind not in ChatKind.values:
        raise Http404
    try:
        messages.success(request, _done(request, scope, ChatKind(kind)))
    except SannengError as error:
        messages.error(request, str(error))
    return redirect("chat-settings")


def _done(request: HttpRequest, scope: Scope, kind: ChatKind) -> str:
    by, wanted = request.user, request.POST.get("step")
    if wanted in ("try", "remove"):
        robot = ChatRobot.objects.filter(school=scope.school, kind=kind).first()
        if robot is None:
            raise SannengError(_("还没有设置，请先填机器人地址并保存。"), code="no_robot")
        if wanted == "try":
            try_robot(robot=robot, by=by)  # type: ignore[arg-type]
            return _("测试消息已发出，请到群里看看。")
        remove_robot(robot=robot, by=by)  # type: ignore[arg-type]
        return _("已删除。")
    set_robot(
        school=scope.school,
        kind=kind,
        address=request.POST.get("address", ""),
        secret=request.POST.get("secret", ""),
        is_on="is_on" in request.POST,
        by=by,  # type: ignore[arg-type]
    )
    return _("已保存。")
