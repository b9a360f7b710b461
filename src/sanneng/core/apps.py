from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "sanneng.core"
    label = "core"
    verbose_name = _("基础")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sanneng.core import background  # noqa: F401  (registers kinds of work and to-dos)
        from sanneng.core.checks import check_row_security
        from sanneng.core.row_rules import install_row_rules
        from sanneng.core.row_security import install_row_security

        post_migrate.connect(install_row_rules, dispatch_uid="sanneng.core.row_rules")
        post_migrate.connect(install_row_security, dispatch_uid="sanneng.core.row_security")
        register(check_row_security, Tags.database)
