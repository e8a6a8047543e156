"""What the notices of this room say, and where they lead."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from notices.kinds import NoticeKind
from records.models import PublicationRound


def _case(key: str, of_enterprise: bool) -> str:
    page = "enterprise_case" if of_enterprise else "admin:objections_case_change"
    return reverse(page, args=[key])


def _verification(key: str, of_enterprise: bool) -> str:
    return reverse("admin:objections_verification_change", args=[key])


def _of_case(code: str, title: object, body: object) -> NoticeKind:
    return NoticeKind(f"objections.{code}", title, body, _case)


def _records(key: str, of_enterprise: bool) -> str:
    """The records of the own roster that came down on the day of a round."""
    on = PublicationRound.objects.get(pk=key).on
    wanted = {"own": "roster", "down_after": f"{on}", "down_before": f"{on}"}
    return f"{reverse('admin:records_record_changelist')}?{urlencode(wanted)}"


KINDS = (
    _of_case("filed", _("新的申请 {number}"), _("{enterprise}提出，等待决定是否受理。")),
    _of_case("receipt", _("申请已收到：{number}"), _("由{agency}办理，请留意后续消息。")),
    _of_case("supplied", _("材料已补正：{number}"), _("{enterprise}已补正材料，办理期限继续计算。")),
    _of_case("withdrawn", _("申请已撤回：{number}"), _("{enterprise}撤回了申请，不再办理。")),
    _of_case("extended", _("核查延期：{number}"), _("信息来源部门延长了核查期限，全程期限随之延长。")),
    _of_case("verified", _("等待决定：{number}"), _("核查已经完毕，须由没有参与核查的审核人决定。")),
    _of_case("sent_back", _("退回重新核查：{number}"), _("审核人要求重新核查，办理期限继续计算。")),
    _of_case("replied", _("咨询已答复：{number}"), _("{agency}答复了贵单位的咨询。")),
    _of_case("accepted", _("已受理：{number}"), _("文书：{letter}，写明了办理期间所涉信息怎样处理。")),
    _of_case("papers_asked", _("请补正材料：{number}"), _("文书：{letter}。请在期限内补正。")),
    _of_case("refused", _("不予受理：{number}"), _("文书：{letter}，写明了理由和可以怎样办理。")),
    _of_case("referred", _("请向法院申请：{number}"), _("文书：{letter}，写明了向法院申请纠正的途径。")),
    _of_case("decided", _("已作出决定：{number}"), _("文书：{letter}，写明了处理结果、理由和可以怎样办理。")),
    _of_case("due_soon", _("即将到期：{number}"), _("{enterprise}的事项应于 {last} 前办结。")),
    _of_case("due_today", _("今天到期：{number}"), _("{enterprise}的事项今天（{last}）应当办结。")),
    NoticeKind("objections.taken_down", _("公示期满：{count} 条信息停止公示"), _("{on} 起停止公示；是否计入评价不变。"), _records),
    NoticeKind("objections.not_made_good", _("公示期满待改正：{count} 条信息"), _("{on} 公示期满而失信行为尚未改正，仍在公示，请督促改正。"), _records),
    _of_case("papers_due_soon", _("请及时补正：{number}"), _("补正材料的期限到 {last}。逾期未补正又没有其他证明材料的，不予受理。")),
    _of_case("papers_due_today", _("今天是补正的最后一天：{number}"), _("补正材料的期限到今天（{last}）。逾期未补正又没有其他证明材料的，不予受理。")),
    _of_case("papers_overdue", _("没有补正：{number}"), _("{enterprise}在 {last} 前没有补正材料，请决定受理或者不予受理。")),
    _of_case("overdue", _("已逾期：{number}"), _("{enterprise}的事项应于 {last} 前办结，已经逾期。")),
    NoticeKind("objections.source_overdue", _("核查已逾期：{number}"), _("{enterprise}的事项应于 {last} 前答复核查结果，已经逾期。"), _verification),
    NoticeKind("objections.source_asked", _("请核查：{number}"), _("{agency}请核查{enterprise}提出的事项所涉信息。"), _verification),
    NoticeKind("objections.source_dropped", _("不必再答复：{number}"), _("{enterprise}的事项已经不再办理，不必再核查。"), _verification),
    NoticeKind("objections.source_due_soon", _("核查即将到期：{number}"), _("{enterprise}的事项应于 {last} 前答复核查结果。"), _verification),
    NoticeKind("objections.source_due_today", _("核查今天到期：{number}"), _("{enterprise}的事项今天（{last}）应当答复核查结果。"), _verification),
)  # fmt: skip
