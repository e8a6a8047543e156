"""The buttons of a case: what each page says and asks, and the service it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from .. import deciding, handling
from ..enums import Action
from ..models import Case
from ..office_forms import RefusalForm, WhyForm


@dataclass(frozen=True)
class CaseAct:
    """One button with a page of its own. form: (case, data) → form. call: (by, case, version, data)
    → what it answers."""

    action: Action
    title: Any
    explains: Any
    button: Any
    form: Callable[..., forms.Form]
    call: Callable[..., Any]

    @property
    def name(self) -> str:
        return str(self.action.value)


def _why(label: Any, *, needed: bool = True) -> Callable[..., forms.Form]:
    def form(case: Case, data: Any = None) -> forms.Form:
        return WhyForm(data, label=label, needed=needed)

    return form


def _nothing(case: Case, data: Any = None) -> forms.Form:
    return forms.Form(data)


def _said(service: Callable[..., Any], name: str = "reason") -> Callable[..., Any]:
    """A service that takes the text of the form under a name."""

    def call(*, by: Any, case: Case, version: int, data: dict[str, Any]) -> Any:
        said = {name: data["reason"]}
        return service(by=by, case_id=case.pk, version=version, on=localdate(), **said)

    return call


def _accept(*, by: Any, case: Case, version: int, data: dict[str, Any]) -> Any:
    return handling.accept_case(by=by, case_id=case.pk, version=version, on=localdate())


def _refuse(*, by: Any, case: Case, version: int, data: dict[str, Any]) -> Any:
    return handling.refuse_case(
        by=by, case_id=case.pk, version=version, code=data["code"], reason=data["reason"],
        on=localdate(),
    )  # fmt: skip


ACTS = {
    act.name: act
    for act in (
        CaseAct(
            Action.ACCEPT,
            _("受理"),
            _(
                "受理后对所涉信息作异议标注（信用修复不标注），并告知申请人。信息在作出决定之前仍计入评价。"
            ),
            _("受理"),
            _nothing,
            _accept,
        ),
        CaseAct(
            Action.ASK_PAPERS,
            _("要求补正材料"),
            _("一次告知需要补正的全部材料。补正期间办理期限停止计算。"),
            _("发出补正通知"),
            _why(_("需要补正的材料")),
            _said(handling.ask_papers),
        ),
        CaseAct(
            Action.REFUSE,
            _("不予受理"),
            _("选择理由并写明。通知书写明理由和申请复核的期限。"),
            _("不予受理"),
            RefusalForm,
            _refuse,
        ),
        CaseAct(
            Action.SEND,
            _("送信息来源部门核查"),
            _("送作出认定的部门核查，每个部门只核查自己认定的信息。"),
            _("送出"),
            _why(_("核查要求"), needed=False),
            _said(handling.send_case, "question"),
        ),
        CaseAct(
            Action.REFER,
            _("告知向法院申请"),
            _("失信被执行人名单由法院列入和纠正。告知申请人向执行法院提出。"),
            _("告知并办结"),
            _why(_("告知内容")),
            _said(handling.refer_case),
        ),
        CaseAct(
            Action.REPLY,
            _("答复"),
            _("答复发给提出的企业。"),
            _("发出答复"),
            _why(_("答复内容")),
            _said(handling.reply),
        ),
        CaseAct(
            Action.SEND_BACK,
            _("退回重新核查"),
            _("写明还需要核查什么。办理期限继续计算。"),
            _("退回"),
            _why(_("还需要核查的内容")),
            _said(deciding.send_back),
        ),
    )
}
"""Verifying and deciding have forms for every item and stand in `cases`."""
