"""待复核的更正: what waits for a second person, seen with its effect, agreed to or refused."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import once
from records.models import Record
from roster.admin_scope import refusal_shown
from roster.enums import Permission
from roster.models import Enterprise, User
from roster.scope import may, visible

from .. import corrections
from ..enums import ProposalState
from ..models import Proposal, SchemeGrade
from ..people import names_of
from ..record_filters import ProposalFilters
from ..record_forms import DecisionForm
from ..versions import proposed, successor_of
from .registration import CorrectsRegistration


@admin.register(Proposal)
class ProposalAdmin(CorrectsRegistration):
    view_permission = Permission.VIEW_RECORDS
    filterset_class = ProposalFilters
    list_display = (
        "about", "record_shown", "kind", "effect_shown", "proposer", "proposed_at", "due", "state",
    )  # fmt: skip
    list_select_related = ("enterprise", "record__kind", "record__authority")
    ordering = ("proposed_at", "pk")
    sortable_by = ()

    def get_own_urls(self) -> list[Any]:
        decide = self.own_path("<path:object_id>/decide/", self.decide_view, "decide")
        return [decide, *super().get_own_urls()]

    # --- list ---------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> Any:
        person = User.objects.filter(username=OuterRef("proposed_by")).values("full_name")[:1]
        return super().get_queryset(request).annotate(proposer_name=Subquery(person))

    @admin.display(description=gettext_lazy("提出人"))
    def proposer(self, proposal: Any) -> str:
        return proposal.proposer_name or proposal.proposed_by

    @admin.display(description=gettext_lazy("企业"))
    def about(self, proposal: Proposal) -> Any:
        return format_html(
            '{}<br><span class="code">{}</span>', proposal.enterprise.name, proposal.enterprise_id
        )

    @admin.display(description=gettext_lazy("更正对象"))
    def record_shown(self, proposal: Proposal) -> str:
        return str(proposal.record) if proposal.record else _("登记信息")

    @admin.display(description=gettext_lazy("等级"))
    def effect_shown(self, proposal: Proposal) -> str:
        before, after = proposal.effect.get("before"), proposal.effect.get("after")
        if not before:
            return _("尚未评价")
        return f"{before} → {after}" if before != after else _("仍为 {grade}").format(grade=after)

    @admin.display(description=gettext_lazy("应办结日期"))
    def due(self, proposal: Proposal) -> Any:
        if proposal.due_on is None:
            return format_html('<span class="mark mark-warning">{}</span>', _("日历不全"))
        late = is_overdue(proposal)
        mark = (
            format_html('<br><span class="mark mark-warning">{}</span>', _("逾期")) if late else ""
        )
        return format_html('<span class="nowrap">{}</span>{}', proposal.due_on, mark)

    # --- page ---------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self.found(request, object_id), DecisionForm())

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user: Any = request.user
        proposal = self.found(request, object_id)
        form = DecisionForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, proposal, form)
        agree = form.cleaned_data["decision"] == DecisionForm.AGREE
        with refusal_shown(request, target=proposal, form=form) as answer:
            decided = corrections.decide_change(
                by=user,
                proposal_id=proposal.pk,
                agree=agree,
                reason=form.cleaned_data["reason"],
                basis=form.cleaned_data["basis"],
                on=localdate(),
            )
            self.message_user(request, _said(decided), messages.SUCCESS)
            return HttpResponseRedirect(self.change_url(decided))
        if isinstance(answer.refusal, corrections.EffectChanged):
            with once.aside():
                corrections.refresh_effect(by=user, proposal_id=proposal.pk, on=localdate())
        return self._page(request, self.found(request, object_id), form, status=409)

    def _page(
        self, request: HttpRequest, proposal: Proposal, form: DecisionForm, *, status: int = 200
    ) -> HttpResponse:
        user: Any = request.user
        rows = Record.objects.select_related("enterprise", "kind", "authority")
        record = rows.filter(pk=proposal.record_id).first()
        proposal.record = record
        may_decide = may(user, Permission.CONFIRM_CORRECTIONS, proposal)
        open_now = proposal.state == ProposalState.WAITING
        return self.page(
            request,
            "grading/proposal.html",
            obj=proposal,
            status=status,
            title=_("复核"),
            proposal=proposal,
            record=record,
            enterprise=proposal.enterprise,
            sees_enterprise=visible(Enterprise.objects.filter(pk=proposal.enterprise_id), user),
            live=successor_of(record) if record and record.retracted_at else None,
            changes=proposed(proposal),
            grades=_grades(proposal),
            effect=self.effect_shown(proposal),
            overdue=is_overdue(proposal),
            form=form,
            can_decide=open_now and may_decide and proposal.proposed_by != user.username,
            is_own=open_now and proposal.proposed_by == user.username,
            people=names_of([proposal.proposed_by, proposal.decided_by]),
            sees_grade=may(user, Permission.VIEW_RATINGS),
        )


def is_overdue(proposal: Proposal) -> bool:
    """Waiting beyond its day."""
    return (
        proposal.state == ProposalState.WAITING
        and proposal.due_on is not None
        and proposal.due_on < localdate()
    )


def _grades(proposal: Proposal) -> list[dict[str, Any]]:
    """The grade before and after with what it means in the scheme, none when there is no grade."""
    effect = proposal.effect
    if not effect.get("before"):
        return []
    meanings = {
        grade.grade: grade
        for grade in SchemeGrade.objects.filter(
            grade__in=[effect["before"], effect["after"]]
        ).order_by("scheme__version")
    }
    return [
        {"grade": effect[when], "meaning": meanings.get(effect[when])}
        for when in ("before", "after")
    ]


def _said(decided: Proposal) -> str:
    if decided.state != ProposalState.CONFIRMED:
        return _("未同意该更正，信息保持原样。")
    before, after = decided.effect.get("before"), decided.effect.get("after")
    if before and before != after:
        return _("更正已生效，等级由{before}变为{after}。").format(before=before, after=after)
    return _("更正已生效，等级没有变化。") if before else _("更正已生效。")
