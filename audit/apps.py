from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("审计")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks, messages, refusal, triggers  # noqa: F401  models must be loaded first

        refusal.register_messages(messages.MESSAGES)
        post_migrate.connect(triggers.reinstall_missing, sender=self, dispatch_uid="audit.triggers")
