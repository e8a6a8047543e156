from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GradingConfig(AppConfig):
    name = "grading"
    verbose_name = _("信用评价")

    def ready(self) -> None:
        # App registry: these register sentences and act labels with the rooms below.
        from audit.labels import register as register_labels
        from audit.refusal import register_messages
        from intake.layouts import register as register_layout

        from . import layouts, messages

        register_messages(messages.MESSAGES)
        register_labels(messages.ACTS)
        for layout in layouts.LAYOUTS:
            register_layout(layout())
