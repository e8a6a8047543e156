from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkdaysConfig(AppConfig):
    name = "workdays"
    verbose_name = _("工作日与时限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The registries need loaded models.
        from audit import labels, refusal
        from workdays import messages

        refusal.register_messages(messages.MESSAGES)
        labels.register(messages.ACTS)
