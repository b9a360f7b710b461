"""The kinds of background work and the to-dos that belong to every school; see ``CoreConfig``."""

from django.utils.translation import gettext_lazy as _

from sanneng.core.domain import owed  # noqa: F401  (registers the to-dos)
from sanneng.core.jobs import JobKind, register_kind
from sanneng.core.permissions import Permission

register_kind(
    JobKind("import", _("导入"), "sanneng.core.spreadsheets.jobs.run_import", Permission.IMPORT),
    JobKind("reminders", _("期限提醒"), "sanneng.core.domain.reminders.remind", None),
    JobKind("digest", _("每周汇总"), "sanneng.core.domain.reminders.send_digests", None),
    JobKind("cleaning", _("清理"), "sanneng.core.domain.cleaning.clean", None),
)
