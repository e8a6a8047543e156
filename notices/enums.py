"""Stored choices of the room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LetterKind(TextChoices):
    """What an office writes to an enterprise, and how the number of it begins."""

    ACCEPTANCE = "acceptance", _("受理通知书")
    REFUSAL = "refusal", _("不予受理通知书")
    PAPERS = "papers", _("补正材料通知书")
    REFERRAL = "referral", _("告知书")
    DECISION = "decision", _("处理决定书")
    REVIEW = "review", _("复核决定书")


PREFIXES = {
    LetterKind.ACCEPTANCE: "冀信受",
    LetterKind.REFUSAL: "冀信不受",
    LetterKind.PAPERS: "冀信补",
    LetterKind.REFERRAL: "冀信告",
    LetterKind.DECISION: "冀信决",
    LetterKind.REVIEW: "冀信复决",
}


class MailState(TextChoices):
    WAITING = "waiting", _("待发送")
    SENT = "sent", _("已发送")
    DROPPED = "dropped", _("不再发送")
