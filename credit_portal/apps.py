from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class CreditPortalConfig(AppConfig):
    name = "credit_portal"
    verbose_name = _("门户")

    def ready(self) -> None:
        import credit_portal.celery  # inline: makes our broker the current one
        import credit_portal.sessions  # noqa: F401 -- inline: hears of every sign-in
        from audit.labels import register as register_labels  # inline: needs loaded models
        from audit.refusal import register_messages  # inline: needs loaded models
        from credit_portal.access import table  # inline: needs loaded models
        from credit_portal.messages import ACTS, MESSAGES  # inline: with the others
        from credit_portal.pulse import worker_state  # inline: needs loaded models
        from intake import watch  # inline: with the others

        register_messages(MESSAGES)
        register_labels(ACTS)
        watch.register(lambda: worker_state(at=now()).is_silent)
        table()


class PortalAdminConfig(AdminConfig):
    default_site = "credit_portal.site.PortalAdminSite"
