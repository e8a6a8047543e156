from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObjectionsConfig(AppConfig):
    name = "objections"
    verbose_name = _("异议与信用修复")

    def ready(self) -> None:
        # App registry: these register sentences and act labels with the rooms below.
        from audit.labels import register as register_labels
        from audit.refusal import register_messages
        from notices.kinds import register as register_notices

        from . import messages
        from .notice_kinds import KINDS

        register_notices(KINDS)
        register_messages(messages.MESSAGES)
        register_labels(messages.ACTS)
