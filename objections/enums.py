"""Stored choices of the room, with the words the offices use. Source: R29; domain facts 5."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseKind(TextChoices):
    OBJECTION = "objection", _("异议")
    REPAIR = "repair", _("信用修复")
    REVIEW = "review", pgettext_lazy("case", "复核")
    HELP = "help", _("咨询求助")


class State(TextChoices):
    SUBMITTED = "submitted", _("待受理")
    PAPERS = "papers", _("待补正材料")
    ACCEPTED = "accepted", _("已受理，牵头部门核查")
    VERIFYING = "verifying", _("信息来源部门核查")
    VERIFIED = "verified", _("核查完毕，待决定")
    DECIDED = "decided", _("已决定并告知")
    REFUSED = "refused", _("不予受理")
    IN_REVIEW = "in_review", _("复核中")
    REFERRED = "referred", _("已告知向法院申请纠正")
    WITHDRAWN = "withdrawn", _("申请已撤回")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已办结")


class Action(TextChoices):
    FILE = "file", _("提出申请")
    ASK_PAPERS = "ask_papers", _("要求补正材料")
    SUPPLY = "supply", _("补正材料")
    ACCEPT = "accept", _("受理")
    REFUSE = "refuse", _("不予受理")
    REFER = "refer", _("告知向法院申请")
    SEND = "send", _("送信息来源部门核查")
    EXTEND = "extend", _("延长核查期限")
    ANSWER = "answer", _("答复核查结果")
    CONCLUDE = "conclude", _("核查完毕")
    VERIFY = "verify", _("自行核查")
    SEND_BACK = "send_back", _("退回重新核查")
    DECIDE = "decide", _("作出决定")
    ASK_REVIEW = "ask_review", _("申请复核")
    REVIEWED = "reviewed", _("复核办结")
    WITHDRAW = "withdraw", _("撤回申请")
    REPLY = "reply", _("答复")
    CLOSE = "close", _("办结")


class Leg(TextChoices):
    """A stretch of a case that has a limit of its own."""

    ACCEPT = "accept", _("决定是否受理")
    SUPPLY = "supply", _("补正材料")
    ALONE = "alone", _("自行核查并决定")
    WITH_SOURCE = "with_source", _("会同信息来源部门核查并决定")
    PROVIDER = "provider", _("信息来源部门答复")
    REVIEW_FILE = "review_file", _("申请复核")
    REPLY = "reply", _("答复")


class Target(TextChoices):
    """What an item of a case is about."""

    RECORD = "record", _("失信信息")
    RATING = "rating", _("评价结果")


class Ground(TextChoices):
    """Why an enterprise says that something is wrong. Domain facts 5."""

    WRONG = "wrong", _("内容错误")
    MISSING = "missing", _("内容缺漏")
    DUPLICATE = "duplicate", _("重复登记")
    NOT_PUBLIC = "not_public", _("不应公示")
    PAST_TERM = "past_term", _("超过公示期限")
    DIFFERS = "differs", _("与信息来源不一致")
    NOT_REMOVED = "not_removed", _("应移出名单而未移出")
    WRONG_SUBJECT = "wrong_subject", _("不是本企业的信息")
    SECRET = "secret", _("侵犯商业秘密或者个人隐私")
    WRONG_ROSTER = "wrong_roster", _("所在名录有误")
    WRONG_STATE = "wrong_state", _("登记状态有误")
    WRONG_YEAR = "wrong_year", _("计算期或者计入的信息有误")
    MADE_GOOD = "made_good", _("失信行为已经纠正")


OF_RATINGS = (Ground.WRONG_ROSTER, Ground.WRONG_STATE, Ground.WRONG_YEAR)
OF_REPAIRS = (Ground.MADE_GOOD,)
OF_RECORDS = tuple(g for g in Ground if g not in (*OF_RATINGS, *OF_REPAIRS))


class Finding(TextChoices):
    """What verification found of what the enterprise says."""

    TRUE = "true", _("属实")
    PARTLY = "partly", _("部分属实")
    FALSE = "false", _("不属实")


class Outcome(TextChoices):
    """What is decided of an item. For records those of `grading.enums.Settlement`."""

    DELETE = "delete", _("删除")
    CORRECT = "correct", _("更正")
    COMPLETE = "complete", _("补充")
    END_PUBLICATION = "end_publication", _("终止公示")
    REMOVE = "remove", _("移出名单")
    REPAIR = "repair", _("准予修复")
    RECOMPUTE = "recompute", _("重新评价")
    REGISTRATION = "registration", _("更正登记状态")
    ROSTER = "roster", _("更正所在名录")
    GONE = "gone", _("信息已不存在")
    REJECT = "reject", _("不予支持")


UPHELD = frozenset(set(Outcome) - {Outcome.REJECT, Outcome.GONE})
"""Outcomes that give the enterprise right, in all or in part."""


class Stage(TextChoices):
    """How far a case has come at one time, whatever came after."""

    ACCEPTED = "accepted", _("已受理")
    REFUSED = "refused", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回或者告知向法院申请")
    ENDED = "ended", _("已决定或者已答复")
    UPHELD = "upheld", _("全部或者部分支持")


class RefusalReason(TextChoices):
    """Why a case is not accepted. Domain facts 5 (default list)."""

    OUTSIDE = "outside", _("对行政决定本身有争议，应当申请行政复议或者提起行政诉讼")
    NOT_SUBJECT = "not_subject", _("申请人不是信息主体")
    NO_EVIDENCE = "no_evidence", _("要求补正后仍未提供证明材料")
    ALREADY_DECIDED = "already_decided", _("已经作出决定，没有新的事实或者证据")
    TOO_LATE = "too_late", _("超过申请期限")
    TOO_EARLY = "too_early", _("未满最短公示期")
    NO_COMMITMENT = "no_commitment", _("没有提交信用承诺")


class FileRole(TextChoices):
    EVIDENCE = "evidence", _("证明材料")
    AUTHORISATION = "authorisation", _("授权委托书")
    COMMITMENT = "commitment", _("加盖公章的承诺书")
    PROOF = "proof", _("纠正失信行为的证明")
