"""Stored choices of the intake room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BatchState(TextChoices):
    """The way of a file: looked at line by line, shown, confirmed once, taken in; and, when two
    people want so, taken back."""

    RECEIVED = "received", _("已接收，待核对")
    CHECKING = "checking", _("核对中")
    CHECKED = "checked", _("已核对，待确认")
    CONFIRMED = "confirmed", _("已确认，待入库")
    MERGING = "merging", _("入库中")
    MERGED = "merged", _("已入库")
    REFUSED = "refused", _("整个文件未被接受")
    CANCELLED = "cancelled", _("已取消")
    WEIGHING = "weighing", _("已申请撤回，推算影响中")
    WEIGHED = "weighed", _("已申请撤回，待复核")
    GIVING_BACK = "giving_back", _("撤回中")
    TAKEN_BACK = "taken_back", _("已撤回")


CHECKABLE = (BatchState.RECEIVED, BatchState.CHECKING)
MERGEABLE = (BatchState.CONFIRMED, BatchState.MERGING)
WAITING_FOR_WORK = (*CHECKABLE, *MERGEABLE, BatchState.WEIGHING, BatchState.GIVING_BACK)
"""States that a worker carries on from; a sweep announces them again."""

FINISHED = (BatchState.MERGED, BatchState.REFUSED, BatchState.CANCELLED, BatchState.TAKEN_BACK)

DECIDED = (BatchState.MERGED, BatchState.REFUSED, BatchState.TAKEN_BACK)
"""Every line has its fate for good."""

TAKING_BACK = (BatchState.WEIGHING, BatchState.WEIGHED, BatchState.GIVING_BACK)
"""States between the request to take a file back and its end; its rows are still in force."""


class TakeBackState(TextChoices):
    """What became of a request to take a file back."""

    WAITING = "waiting", _("待复核")
    AGREED = "agreed", _("已同意")
    DROPPED = "dropped", _("未撤回")
    DONE = "done", _("已撤回")


class Fate(TextChoices):
    """What becomes of one line."""

    ADDED = "added", _("新增")
    CHANGED = "changed", _("变更")
    UNCHANGED = "unchanged", _("无变化")
    REFUSED = "refused", _("未接受")


class Scan(TextChoices):
    """What a virus scanner said of a file; an infected one is never kept."""

    NOT_SCANNED = "not_scanned", _("未查毒")
    CLEAN = "clean", _("已查毒，未发现问题")
