from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("通知与文书")

    def ready(self) -> None:
        # App registry: these register sentences and act labels with the rooms below.
        from audit.labels import register as register_labels
        from audit.refusal import register_messages

        from . import messages

        register_messages(messages.MESSAGES)
        register_labels(messages.ACTS)
