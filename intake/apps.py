from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("文件接收")

    def ready(self) -> None:
        # App registry: these register sentences and act labels with the room below.
        from audit.labels import register as register_labels
        from audit.refusal import register_messages

        from . import messages

        register_messages(messages.MESSAGES)
        register_labels(messages.ACTS)
