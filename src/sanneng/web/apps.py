from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "sanneng.web"
    label = "web"
    verbose_name = _("网站")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.web import jobs  # noqa: F401  (registers the kinds of work)
        from sanneng.web.accounts import signals  # noqa: F401 (it connects itself)
