from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "sanneng.reports"
    label = "reports"
    verbose_name = _("报告")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.reports import jobs  # noqa: F401  (registers the kind of work)
