"""Stored choices of the records room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    """Columns of the composition table. Source: R21–R23, 三(一)."""

    BASIC = "basic", _("基本信息")
    GENERAL = "general", _("一般失信行为")
    SEVERE = "severe", _("严重失信行为")
    REVOCATION = "revocation", _("吊销营业执照")
    OUTSIDE = "outside", _("不纳入评价")


class Severity(TextChoices):
    """National classes of dishonest behaviour, which set how long it is published; not the classes
    of the composition table. Source: domain facts 1, 3."""

    MINOR = "minor", _("轻微失信")
    GENERAL = "general", _("一般失信")
    SEVERE = "severe", _("严重失信")


class Shape(TextChoices):
    """How a kind of behaviour lies in time: a decision has a day, a state a start and an end."""

    DECISION = "decision", _("决定")
    STATE = "state", _("状态")


class MarkKind(TextChoices):
    """What can be said of a record without changing it."""

    WITHDRAWN = "withdrawn", _("原决定已撤销")
    REPAIRED = "repaired", _("已信用修复")
    DISPUTED = "disputed", _("异议处理中")
    SERIOUS = "serious", _("已认定造成严重后果")


NOT_COUNTED = (MarkKind.WITHDRAWN, MarkKind.REPAIRED)
"""Marks that keep a record out of the count. Default, no source; design §7."""
