"""异议与信用修复: the queue of a unit, the page of a case, and the steps taken on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.refusal import NotPermitted, explain
from grading import uses
from grading.corrections import EffectChanged
from grading.people import names_of
from intake import evidence
from roster.admin_scope import ScopedAdmin, refusal_shown
from roster.enums import Permission
from roster.rules.steps import Step
from roster.scope import Sees, may, reach, visible

from .. import deciding, handling, statistics
from ..clock import days_of
from ..enterprise import page_of_case
from ..enums import Action, CaseKind, Leg
from ..filters import CaseFilters
from ..models import Case, CaseFile, CaseItem, Verification
from ..office_forms import OutcomeForm, PeriodForm, WhyForm, finding_form
from ..queries import BY_URGENCY
from ..rules.workflow import LIMITS, WORKFLOWS
from ..running import hindrance, live_records, refuse_person
from .acts import ACTS, CaseAct


@admin.register(Case)
class CaseAdmin(ScopedAdmin):
    view_permission = Permission.VIEW_CASES
    filterset_class = CaseFilters
    version_field = "version"
    list_display = (
        "number_shown",
        "kind",
        "about",
        "state",
        "due",
        "handler_shown",
        "submitted_on",
    )
    list_select_related = ("enterprise", "agency")
    search_fields = ("number", "enterprise__name", "enterprise__code")
    sortable_by = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the menu of offices that see cases; a source department has what it is asked."""
        return reach(request.user, self.view_permission).of_rosters  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_handler_names()

    def get_ordering(self, request: HttpRequest) -> Sequence[Any]:
        return BY_URGENCY

    def get_own_urls(self) -> list[Any]:
        one = "<path:object_id>/"
        figures = [
            self.own_path("statistics/", self.statistics_view, "statistics"),
            self.own_path("statistics/leg/", self.leg_view, "leg"),
        ]
        acts = [
            self.own_path(f"{one}{act.name}/", self._view_of(act), act.name)
            for act in ACTS.values()
        ]
        return [
            *figures,
            *acts,
            self.own_path(f"{one}verify/", self.verify_view, "verify"),
            self.own_path(f"{one}decide/", self.decide_view, "decide"),
            self.own_path(f"{one}clock/", self.clock_view, "clock"),
            self.own_path(f"{one}files/<int:file>/", self.file_view, "file"),
            *super().get_own_urls(),
        ]

    # --- list -----------------------------------------------------------------------------------

    def get_list_tools(self, request: HttpRequest) -> list[tuple[Any, str]]:
        return [(_("统计"), self.page_url("statistics")), *super().get_list_tools(request)]

    def statistics_view(self, request: HttpRequest) -> HttpResponse:
        """How the channel works, and what went wrong again and again."""
        form = PeriodForm(request.GET or None)
        user: Any = request.user
        period = form.period()
        return self.page(
            request, "objections/statistics.html", title=_("异议与信用修复统计"), form=form,
            found=statistics.channel(user, period, on=localdate()) if period else None,
            period=period, cases=self.page_url("changelist"), repeated=statistics.REPEATED,
            items=reverse("admin:objections_caseitem_changelist"),
            status=200 if period else 400,
        )  # fmt: skip

    def leg_view(self, request: HttpRequest) -> HttpResponse:
        """The cases behind a duration, the longest first."""
        form = PeriodForm(request.GET or None)
        period = form.period()
        kind, leg = request.GET.get("kind", ""), request.GET.get("leg", "")
        if period is None or (kind, leg) not in LIMITS:
            raise NotPermitted("roster.not_permitted")
        user: Any = request.user
        return self.page(
            request, "objections/statistics_leg.html", period=period,
            title=f"{CaseKind(kind).label} · {Leg(leg).label}",
            rows=statistics.longest(user, period, kind=kind, leg=leg), most=statistics.LONGEST,
            back=f"{self.page_url('statistics')}?{form.query()}",
        )  # fmt: skip

    @admin.display(description=gettext_lazy("编号"))
    def number_shown(self, case: Case) -> Any:
        return format_html('<span class="nowrap">{}</span>', case.number)

    @admin.display(description=gettext_lazy("企业"))
    def about(self, case: Case) -> Any:
        return format_html(
            '{}<br><span class="code">{}</span>', case.enterprise.name, case.enterprise_id
        )

    @admin.display(description=gettext_lazy("应办结日期"))
    def due(self, case: Case) -> Any:
        if case.is_open and case.papers_due_on:
            late = case.papers_due_on < localdate()
            return format_html(
                '<span class="nowrap">{}</span><br><span class="mark{}">{}</span>',
                case.papers_due_on, " mark-warning" if late else "",
                _("补正期满") if late else _("等候补正"),
            )  # fmt: skip
        return due_shown(case.due_on, is_open=case.is_open, gap_year=case.gap_year)

    @admin.display(description=gettext_lazy("经办人"))
    def handler_shown(self, case: Case) -> str:
        return case.handler_name or case.handler or "—"  # type: ignore[attr-defined]

    # --- page -----------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        case = self.found(request, object_id)
        found = page_of_case(case)
        people = {step.taken_by for step in found.steps} | {case.handler}
        return self.page(
            request,
            "objections/office_case.html",
            obj=case,
            title=str(case),
            case=case,
            found=found,
            items=self._items(request, case),
            files=case.files.select_related("file"),
            verifications=case.verifications.select_related("agency"),
            people=names_of(people),
            tools=self._buttons(request, case),
            hindered=self._hindered(request, case),
            sees_enterprise=visible(
                type(case.enterprise).objects.filter(pk=case.enterprise_id), request.user
            ).exists(),
            history_url=self.history_url(request, case),
            on=localdate(),
        )

    def _items(self, request: HttpRequest, case: Case) -> list[dict[str, Any]]:
        """Each item with the record as it stands now, whether its page opens to the reader, and what
        used it."""
        live, sees = live_records(case), Sees(request.user)
        return [
            {
                "item": item,
                "live": (record := live.get(item.pk)),
                "opens": record is not None and sees(record),
                "uses": uses.uses_of(item.record, user=request.user) if item.record else [],
            }
            for item in case.items.select_related(
                "record__kind", "record__authority", "rating__part__run"
            )
        ]

    def _buttons(self, request: HttpRequest, case: Case) -> list[tuple[Any, str]]:
        """What this person can do with the case now."""
        user: Any = request.user
        offered = []
        for step in self._steps(request, case):
            action = Action(step.action)
            if action == Action.REFER and not handling.is_of_a_court(case):
                continue
            if action == Action.VERIFY and not handling.verifies_alone(case, user):
                continue
            if hindrance(case, step, by=user) is None:
                offered.append((action.label, self._address(case, action.value)))
        return offered

    def _hindered(self, request: HttpRequest, case: Case) -> list[str]:
        """Why this person, whose post allows a step now, may not take it."""
        user: Any = request.user
        found = [hindrance(case, step, by=user) for step in self._steps(request, case)]
        return list(dict.fromkeys(explain(refusal) for refusal in found if refusal))

    def _steps(self, request: HttpRequest, case: Case) -> list[Step]:
        """The steps with a page that the person's post allows now."""
        return [
            step
            for step in WORKFLOWS[CaseKind(case.kind)].at(case.state)
            if (step.action in ACTS or step.action in (Action.VERIFY, Action.DECIDE))
            and may(request.user, step.permission, case)  # type: ignore[arg-type]
        ]

    def _address(self, case: Case, page: str) -> str:
        return reverse(f"admin:objections_case_{page}", args=[case.pk])

    # --- steps ----------------------------------------------------------------------------------

    def _view_of(self, act: CaseAct) -> Any:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.act_view(request, object_id, act)

        return view

    def act_view(self, request: HttpRequest, object_id: str, act: CaseAct) -> HttpResponse:
        case = self._to_act(request, object_id, act.action)
        posted = request.method == "POST"
        form = act.form(case, request.POST if posted else None)
        if posted and form.is_valid():
            with refusal_shown(request, target=case, form=form):
                act.call(
                    by=request.user, case=case, version=self.seen_version(request),
                    data=form.cleaned_data,
                )  # fmt: skip
                return self._done(request, case)
        return self._act_page(
            request, "objections/office_act.html", case, act.title, act=act, form=form,
            status=409 if posted else 200,
        )  # fmt: skip

    def _to_act(self, request: HttpRequest, object_id: str, action: Action) -> Case:
        """The case, where the person may take the step on some such case; the service asks again.
        Raises NotPermitted."""
        case = self.found(request, object_id)
        steps = [step for step in WORKFLOWS[CaseKind(case.kind)].steps if step.action == action]
        if not steps or not may(request.user, steps[0].permission, case):
            raise NotPermitted("roster.not_permitted")
        user: Any = request.user
        refuse_person(case, steps[0], by=user)
        if request.method == "GET":  # what was sent is told by the service what changed meanwhile
            WORKFLOWS[CaseKind(case.kind)].step(case.state, action)
        return case

    def _done(self, request: HttpRequest, case: Case) -> HttpResponse:
        case.refresh_from_db()
        said = _("{number}：{state}").format(number=case.number, state=case.get_state_display())
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(case))

    def _act_page(
        self, request: HttpRequest, template: str, case: Case, title: Any, *, status: int = 200,
        **context: Any,
    ) -> HttpResponse:  # fmt: skip
        return self.page(
            request, template, obj=case, status=status, title=title, case=case,
            seen=self.seen(request, case), back=self.change_url(case), **context,
        )  # fmt: skip

    def verify_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The unit verifies itself."""
        case = self._to_act(request, object_id, Action.VERIFY)
        forms = item_forms(finding_form, items_of(case), request)
        if request.method == "POST" and all(form.is_valid() for form in forms):
            with refusal_shown(request, target=case, form=forms[0]):
                handling.verify_alone(
                    by=request.user, case_id=case.pk, version=self.seen_version(request),
                    found=[form.found() for form in forms], on=localdate(),
                )  # fmt: skip
                return self._done(request, case)
        return self._act_page(
            request, "objections/office_verify.html", case, _("自行核查"), forms=forms,
            status=409 if request.method == "POST" else 200,
        )  # fmt: skip

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Two pages: what is decided of each item; then what that does to the grade, to be signed."""
        case = self._to_act(request, object_id, Action.DECIDE)
        live = live_records(case)
        forms = item_forms(
            lambda item, *args, **kwargs: OutcomeForm(
                deciding.outcomes_for(case, item, live.get(item.pk)), item, *args, **kwargs
            ),
            items_of(case), request,
        )  # fmt: skip
        posted = request.method == "POST"
        why = WhyForm(request.POST if posted else None, label=_("决定的事实和理由"))
        effect = None
        if posted and all(form.is_valid() for form in [*forms, why]):
            decisions = [form.decision() for form in forms]
            with refusal_shown(request, target=case, form=why) as answer:
                if "_sign" in request.POST:
                    deciding.decide(
                        by=request.user, case_id=case.pk, version=self.seen_version(request),
                        decisions=decisions, reason=why.cleaned_data["reason"],
                        basis=request.POST.get("basis", ""), on=localdate(),
                    )  # fmt: skip
                    return self._done(request, case)
                effect = self._effect(request, case, decisions)
            if isinstance(answer.refusal, EffectChanged):
                effect = self._effect(request, case, decisions)
        return self._act_page(
            request, "objections/office_decide.html", case, _("作出决定"), forms=forms, why=why,
            effect=effect, basis=deciding.as_basis(effect) if effect else "",
            status=409 if posted and effect is None else 200,
        )  # fmt: skip

    def _effect(self, request: HttpRequest, case: Case, decisions: Any) -> Any:
        return deciding.effect_of(
            by=request.user, case=case, decisions=decisions, on=localdate()  # type: ignore[arg-type]
        )  # fmt: skip

    def clock_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Every leg, with each calendar day counted or skipped and why."""
        case = self.found(request, object_id)
        legs = page_of_case(case).every_leg
        days = [(one, days_of(one, on=localdate())) for one in legs]
        return self.page(
            request, "objections/clock.html", obj=case, title=_("办理期限"), case=case, legs=legs,
            days=days, on=localdate(), back=self.change_url(case),
        )  # fmt: skip

    def file_view(self, request: HttpRequest, object_id: str, file: int) -> HttpResponseBase:
        case = self.found(request, object_id)
        row = CaseFile.objects.filter(case=case, pk=file).select_related("file").first()
        if row is None:
            raise NotPermitted("roster.not_permitted")
        return evidence.answer(row.file)

    def history_objects(self, request: HttpRequest, obj: Any) -> Sequence[Any]:
        return [obj, *Verification.objects.filter(case=obj)]


def items_of(case: Case) -> list[CaseItem]:
    return list(
        case.items.select_related(
            "record__kind", "record__authority", "case__reviewed_case", "case__enterprise"
        )
    )


def item_forms(make: Any, items: list[CaseItem], request: HttpRequest) -> list[Any]:
    """A form for each item, filled in when the page came back."""
    data = request.POST if request.method == "POST" else None
    return [make(item, data, prefix=f"item{item.pk}") for item in items]


def due_shown(due_on: Any, *, is_open: bool, gap_year: int | None = None) -> Any:
    """The day that binds, and whether it is past, stands still or cannot be reckoned."""
    if not is_open:
        return "—"
    if gap_year and due_on is None:
        return format_html(
            '<span class="mark mark-warning">{}</span>', _("缺{year}年日历").format(year=gap_year)
        )
    if due_on is None:
        return format_html('<span class="mark">{}</span>', _("期限停止计算"))
    late = due_on < localdate()
    mark = format_html('<br><span class="mark mark-warning">{}</span>', _("逾期")) if late else ""
    return format_html('<span class="nowrap">{}</span>{}', due_on, mark)
