from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResearchConfig(AppConfig):
    name = "sanneng.research"
    label = "research"
    verbose_name = _("能科研")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.research.interfaces import agenda, record_types  # noqa: F401  (they register)
