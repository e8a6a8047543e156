"""Stored choices of the grading room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Weight(TextChoices):
    """As what a kind of behaviour counts in a scheme. Source: R22–R23, R34–R37."""

    GENERAL = "general", _("一般失信行为")
    SEVERE = "severe", _("严重失信行为（处罚）")
    LISTED = "listed", _("严重失信主体名单")
    REVOCATION = "revocation", _("吊销营业执照")
    NONE = "none", _("不计")


class SchemeState(TextChoices):
    DRAFT = "draft", _("草案")
    PUBLISHED = "published", _("已发布")


class RunKind(TextChoices):
    """Only annual and quarterly results become the current ones. Source: R31, R33."""

    ANNUAL = "annual", _("年度评价")
    QUARTERLY = "quarterly", _("季度评价")
    AD_HOC = "adhoc", _("临时测算")


class RunState(TextChoices):
    OPENED = "opened", _("已发起")
    RUNNING = "running", _("评价中")
    STOPPED = "stopped", _("已暂停")
    COMPUTED = "computed", _("已算完")


class PartState(TextChoices):
    COMPUTING = "computing", _("评价中")
    COMPUTED = "computed", _("待审核")
    REVIEWED = "reviewed", _("待发布")
    PUBLISHED = "published", _("已发布")
    ESTIMATED = "estimated", _("测算完毕")
    WITHDRAWN = "withdrawn", _("已作废")


OPEN_STATES = (PartState.COMPUTING, PartState.COMPUTED, PartState.REVIEWED)
"""While a part is in one of these, no other part of the same roster may be opened.

A part of an ad hoc run is nobody's result: once computed it is ESTIMATED and stands in no way.
"""


class ChunkState(TextChoices):
    WAITING = "waiting", _("等待")
    TAKEN = "taken", _("进行中")
    DONE = "done", _("完成")


class ProposalKind(TextChoices):
    CORRECT = "correct", _("更正")
    WITHDRAW = "withdraw", _("原决定已撤销")
    RETRACT = "retract", _("撤下（不应登记）")
    REGISTRATION = "registration", _("更正登记状态")


class ProposalState(TextChoices):
    WAITING = "waiting", _("待复核")
    CONFIRMED = "confirmed", _("已确认")
    REFUSED = "refused", _("未同意")


class Settlement(TextChoices):
    """What is done with a record that an enterprise objected to, or asked to have repaired.
    Source: R29; domain facts 5 (outcomes)."""

    DELETE = "delete", _("删除该条信息")
    CORRECT = "correct", _("更正该条信息")
    COMPLETE = "complete", _("补充该条信息")
    END_PUBLICATION = "end_publication", _("终止公示")
    REMOVE = "remove", _("移出名单")
    REPAIR = "repair", _("准予信用修复")
    KEEP = "keep", _("维持原信息")
