from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "sanneng.people"
    label = "people"
    verbose_name = _("能管理")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.people.interfaces import record_types  # noqa: F401  (registers the types)
