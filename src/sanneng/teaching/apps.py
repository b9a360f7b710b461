from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeachingConfig(AppConfig):
    name = "sanneng.teaching"
    label = "teaching"
    verbose_name = _("能教学")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.teaching.interfaces import record_types  # noqa: F401  (registers the types)
