"""Acts on a record beside its form: withdrawn by the authority, taken down, serious consequence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted, Refused, explain
from records.enums import Category, MarkKind
from records.models import Mark, Record
from roster.admin_scope import ScopedAdmin, refusal_shown, scoped_action
from roster.admin_scope.refusals import write_down
from roster.enums import Permission
from roster.scope import may

from .. import corrections
from ..enums import ProposalKind
from ..models import Proposal
from ..record_forms import KindForm, ReasonForm

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class RecordAct:
    """One button: who may press it, what the page says, and the service it calls."""

    name: str
    title: Any
    button: Any
    explains: Any
    permission: Permission
    call: Callable[..., Any]
    effect: Callable[..., Any] | None = None


def _propose(kind: ProposalKind) -> Callable[..., Any]:
    def call(*, by: Any, record: Record, reason: str) -> Any:
        return corrections.change_record(
            by=by, record_id=record.pk, kind=kind, changes={}, reason=reason, on=localdate()
        )

    return call


def _confirm(*, by: Any, record: Record, reason: str) -> Any:
    return corrections.confirm_consequence(
        by=by, record_id=record.pk, reason=reason, on=localdate()
    )


def _effect_of_confirming(*, by: Any, record: Record) -> Any:
    effect = corrections.effect_of_consequence(by=by, record=record, on=localdate())
    return grade_in_words(effect.stored)


ACTS = {
    act.name: act
    for act in (
        RecordAct(
            "withdraw",
            gettext_lazy("原决定已撤销"),
            gettext_lazy("提交复核"),
            gettext_lazy(
                "认定机关的决定经复议、诉讼或自行纠正被撤销时使用。信息保留并标注，复核后不再计入评价。"
            ),
            Permission.CORRECT_RECORDS,
            _propose(ProposalKind.WITHDRAW),
        ),
        RecordAct(
            "retract",
            gettext_lazy("撤下"),
            gettext_lazy("提交复核"),
            gettext_lazy(
                "重复登记、登记到别的企业名下等不应登记的情形使用。复核后该条信息失效，历史仍可查。"
            ),
            Permission.CORRECT_RECORDS,
            _propose(ProposalKind.RETRACT),
        ),
        RecordAct(
            "consequence",
            gettext_lazy("认定严重后果"),
            gettext_lazy("认定"),
            gettext_lazy(
                "认定该一般失信行为造成严重后果，按C类计。须由登记人以外的人认定。报送单位已称造成严重后果的，现行等级随即重新评定；没有的，从下次评价起计算。"
            ),
            Permission.CONFIRM_CONSEQUENCES,
            _confirm,
            _effect_of_confirming,
        ),
    )
}


def grade_in_words(effect: Mapping[str, str]) -> str:
    """What a confirmation does to the grade in force."""
    if not effect.get("before"):
        return _("该企业还没有等级，确认后计入下次评价。")
    if effect["before"] == effect["after"]:
        return _("对现行等级没有影响（仍为{grade}）。").format(grade=effect["after"])
    return _("确认后等级由{before}变为{after}，依据{scheme}。").format(**effect)


def effect_in_words(proposal: Proposal) -> str:
    """What a proposal would do to the grade in force, when it should be decided, in a sentence."""
    said = grade_in_words(proposal.effect)
    if proposal.due_on is None:
        return said + _("须由另一人确认；工作日历不全，办理期限暂时不能计算。")
    return said + _("须由另一人确认，应于 {due} 前办结。").format(due=proposal.due_on.isoformat())


class RecordActs(ScopedAdmin):
    """The buttons of a record's page, and the page behind each."""

    def get_own_urls(self) -> list[Any]:
        own = [
            self.own_path(f"<path:object_id>/{act.name}/", self._view_of(act), act.name)
            for act in ACTS.values()
        ]
        return [*own, *super().get_own_urls()]

    def get_tools(self, request: HttpRequest) -> Any:
        return (_explanation, *(_tool(act) for act in ACTS.values()), *super().get_tools(request))

    @scoped_action(description=gettext_lazy("认定处罚类别"), permission=Permission.CORRECT_RECORDS)
    def decide_kind(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Propose one kind for all selected penalties; each waits for its second person."""
        chosen = list(
            queryset.select_related("enterprise", "kind", "authority")[: MOST_AT_ONCE + 1]
        )
        if len(chosen) > MOST_AT_ONCE:
            text = _("一次最多认定 %d 条，请分批办理。") % MOST_AT_ONCE
            self.message_user(request, text, messages.ERROR)
            return None
        form = KindForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return self.page(
                request,
                "grading/record_kinds.html",
                title=_("认定处罚类别"),
                records=chosen,
                form=form,
                checkbox=ACTION_CHECKBOX_NAME,
            )
        said = [self._propose_kind(request, record, form) for record in chosen]
        done = sum(1 for answer in said if answer == "")
        if done:
            text = _("已提交复核 %d 条，须由另一人确认。") % done
            self.message_user(request, text, messages.WARNING)
        for answer in dict.fromkeys(said):
            if answer:
                self.message_user(request, f"{answer}（{said.count(answer)}）", messages.ERROR)
        return None

    def _propose_kind(self, request: HttpRequest, record: Record, form: KindForm) -> str:
        """Empty when proposed, else why it was refused."""
        user: Any = request.user
        try:
            corrections.change_record(
                by=user,
                record_id=record.pk,
                kind=ProposalKind.CORRECT,
                changes={"kind_id": form.cleaned_data["kind"].pk},
                reason=form.cleaned_data["reason"],
                on=localdate(),
            )
        except Refused as refusal:
            write_down(request, refusal, target=record)
            return explain(refusal)
        return ""

    def _view_of(self, act: RecordAct) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.act_view(request, object_id, act)

        return view

    def act_view(self, request: HttpRequest, object_id: str, act: RecordAct) -> HttpResponse:
        record = self.found(request, object_id)
        if not may(request.user, act.permission, record):  # type: ignore[arg-type]
            raise NotPermitted("roster.not_permitted", permission=str(act.permission))
        form = ReasonForm(request.POST or None)
        status = 200
        if request.method == "POST" and form.is_valid():
            with refusal_shown(request, target=record, form=form):
                done = act.call(by=request.user, record=record, reason=form.cleaned_data["reason"])
                return self._done(request, record, done)
            status = 409
        return self.page(
            request,
            "grading/record_act.html",
            obj=record,
            status=status,
            title=act.title,
            record=record,
            act=act,
            form=form,
            effect=act.effect(by=request.user, record=record)
            if act.effect and _offered(act, request.user, record)
            else "",
        )

    def _done(self, request: HttpRequest, record: Record, done: Any) -> HttpResponse:
        if isinstance(done, Proposal):
            self.message_user(
                request, _("已提交复核。%s") % effect_in_words(done), messages.WARNING
            )
        else:
            self.message_user(request, _confirmed(done), messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(record))


def _confirmed(effect: corrections.Effect) -> str:
    if effect.before != effect.after:
        return _("已认定造成严重后果，等级由{before}变为{after}。").format(
            before=effect.before, after=effect.after
        )
    return _("已认定造成严重后果。现行等级不变，从下次评价起计算。")


def _tool(act: RecordAct) -> Callable[[HttpRequest, Record], tuple[Any, str] | None]:
    def tool(request: HttpRequest, record: Record) -> tuple[Any, str] | None:
        if not _offered(act, request.user, record):
            return None
        return act.title, reverse(f"admin:records_record_{act.name}", args=[record.pk])

    return tool


def _offered(act: RecordAct, user: Any, record: Record) -> bool:
    """A button is there when pressing it can lead to something."""
    if record.retracted_at is not None or not may(user, act.permission, record):
        return False
    marks = set(Mark.objects.live().filter(record=record).values_list("kind", flat=True))
    if act.name == "consequence":
        return record.kind.category == Category.GENERAL and MarkKind.SERIOUS not in marks
    waiting = Proposal.objects.waiting_on_record(record.pk)
    return waiting is None and not (act.name == "withdraw" and MarkKind.WITHDRAWN in marks)


def _explanation(request: HttpRequest, record: Record) -> tuple[Any, str] | None:
    if not may(request.user, Permission.VIEW_RATINGS):  # type: ignore[arg-type]
        return None
    return _("评价结果说明"), reverse("admin:grading_rating_explain", args=[record.enterprise_id])
