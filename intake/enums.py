"""Stored choices of the intake room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BatchState(TextChoices):
    """The way of a file: looked at line by line, shown, confirmed once, taken in."""

    RECEIVED = "received", _("已接收，待核对")
    CHECKING = "checking", _("核对中")
    CHECKED = "checked", _("已核对，待确认")
    CONFIRMED = "confirmed", _("已确认，待入库")
    MERGING = "merging", _("入库中")
    MERGED = "merged", _("已入库")
    REFUSED = "refused", _("整个文件未被接受")
    CANCELLED = "cancelled", _("已取消")


CHECKABLE = (BatchState.RECEIVED, BatchState.CHECKING)
MERGEABLE = (BatchState.CONFIRMED, BatchState.MERGING)
WAITING_FOR_WORK = (*CHECKABLE, *MERGEABLE)
"""States that a worker carries on from; a sweep announces them again."""

FINISHED = (BatchState.MERGED, BatchState.REFUSED, BatchState.CANCELLED)


class Fate(TextChoices):
    """What becomes of one line."""

    ADDED = "added", _("新增")
    CHANGED = "changed", _("变更")
    UNCHANGED = "unchanged", _("无变化")
    REFUSED = "refused", _("未接受")
