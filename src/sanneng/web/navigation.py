"""The entries of the navigation and the help of each page, as far as they concern the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from sanneng.core.permissions import Permission
from sanneng.web.help import HELP
from sanneng.web.scope import rights_of


@dataclass(frozen=True)
class Entry:
    """A place to go: its address by URL name, who sees it, and the pages that belong to it."""

    name: str
    label: Promise
    icon: str
    needs: Permission | None = None
    pages: frozenset[str] = frozenset()
    # What is counted beside it: to-dos or notices.
    count: str = ""


ENTRIES = (
    Entry("start", _("工作台"), "home"),
    Entry("todo", _("待办"), "checklist", count="todo"),
    Entry(
        "notices", _("消息"), "bell", pages=frozenset({"notice-settings"}), count="notice"
    ),
    Entry("calendar", _("日历"), "calendar"),
    Entry(
        "entry-choose", _("登记"), "square-plus", Permission.ENTER,
        frozenset({"entry", "record-edit"}),
    ),
    Entry(
        "record-types", _("业务记录"), "database", Permission.SEE_RECORDS,
        frozenset({"records", "record", "records-bulk"}),
    ),
    Entry(
        "dashboard", _("三项能力"), "layout-dashboard", Permission.SEE_FIGURES,
        frozenset({"indicator"}),
    ),
    Entry(
        "imports", _("Excel 导入"), "table-import", Permission.IMPORT,
        frozenset({"import-batch", "jobs", "job"}),
    ),
    Entry("reports", _("报告"), "file-text", Permission.SEE_FIGURES, frozenset({"report"})),
    Entry("check", _("核对文稿"), "checkup-list", Permission.CHECK_DRAFT),
    Entry("members", _("成员"), "users-group", Permission.MANAGE_MEMBERS, frozenset({"member"})),
    Entry("audit", _("审计日志"), "list-search", Permission.READ_AUDIT),
    Entry(
        "school-settings", _("学校设置"), "settings", Permission.MANAGE_SCHOOL,
        frozenset({"chat-settings"}),
    ),
)  # fmt: skip


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``navigation`` entries and the page's ``help``."""
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "navigation": SimpleLazyObject(lambda: _entries(request, here or "")),
        "help": HELP.get(here or ""),
    }


def _entries(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    rights = rights_of(request)
    return [
        {
            "label": entry.label,
            "icon": entry.icon,
            "address": reverse(entry.name),
            "count": entry.count,
            "is_here": here == entry.name or here in entry.pages,
        }
        for entry in ENTRIES
        if entry.needs is None or rights.has_anywhere(entry.needs)
    ]
