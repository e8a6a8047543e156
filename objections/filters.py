"""Filters of cases and of what source departments are asked, for admin, pages and API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from records.models import Kind
from roster.admin_scope.filters import AgencyFilter, DaysFilter, MineFilter, ScopedFilterSet

from .enums import CaseKind, RefusalReason, Stage, State
from .models import Case, CaseItem, Verification
from .queries import CaseItemQuerySet, CaseQuerySet, VerificationQuerySet
from .reminding import soon
from .rules.workflow import OPEN
from .words import charges

ALL, GOING_ON, OVERDUE, SOON, WAITING = "all", "open", "overdue", "soon", "waiting"
DUE = [(SOON, _("两个工作日内到期")), (OVERDUE, _("已逾期"))]


class CaseFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[(GOING_ON, _("办理中")), *State.choices, (ALL, _("全部"))],
        empty_label=None,
        method="of_state",
    )
    mine = MineFilter(
        label=_("等我办理"),
        choices=[
            ("handle", _("等我受理、核查或者答复的")),
            ("decide", _("等我决定的")),
            ("taken", _("由我经办的")),
        ],
        rules={"handle": "to_handle", "decide": "to_decide", "taken": "handled_by"},
    )
    own = MineFilter(
        label=_("范围"), choices=[("yes", _("本单位办理的"))], rules={"yes": "seen_of_unit"}
    )
    due = filters.ChoiceFilter(label=_("期限"), choices=DUE, method="of_due")
    kind = filters.ChoiceFilter(label=_("申请种类"), choices=CaseKind.choices)
    submitted_on = DaysFilter(label=_("申请日期"))
    came_to = filters.ChoiceFilter(label=_("曾经办理到"), choices=Stage.choices, method="of_stage")
    refused_for = filters.ChoiceFilter(
        label=_("不予受理的理由"), choices=RefusalReason.choices, method="of_refusal"
    )

    class Meta:
        model = Case
        fields = ()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("state"):
            return found
        return found.filter(state__in=OPEN)

    def of_stage(self, rows: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return rows.came_to(value)

    def of_refusal(self, rows: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        return rows.refused_for(value)

    def of_state(self, rows: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        if value == GOING_ON:
            return rows.open()
        return rows if value == ALL else rows.filter(state=value)

    def of_due(self, rows: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        today = localdate()
        if value == OVERDUE:
            return rows.due(today - dt.timedelta(days=1))
        return rows.due(soon(today)).filter(due_on__gte=today)


class CaseItemFilters(ScopedFilterSet):
    outcome = filters.ChoiceFilter(
        label=_("处理结果"),
        choices=[("upheld", _("全部或者部分支持")), ("decided", _("已决定的异议"))],
        method="of_outcome",
    )
    source = AgencyFilter(label=_("信息来源部门（名称中的字）"), field_name="record__authority")
    kind = filters.ModelChoiceFilter(
        label=_("信息类别"), field_name="record__kind", queryset=Kind.objects.all()
    )
    batch = filters.NumberFilter(
        label=_("文件号（0：不是随文件来的）"), min_value=0, method="of_file"
    )
    charged_to = filters.ChoiceFilter(label=_("差错所在"), choices=charges, method="of_charge")
    submitted_on = DaysFilter(label=_("申请日期"), field_name="case__submitted_on")

    class Meta:
        model = CaseItem
        fields = ()

    def of_outcome(self, rows: CaseItemQuerySet, name: str, value: str) -> CaseItemQuerySet:
        return rows.of_sources().upheld() if value == "upheld" else rows.of_sources()

    def of_file(self, rows: CaseItemQuerySet, name: str, value: Any) -> CaseItemQuerySet:
        return rows.of_file(int(value))

    def of_charge(self, rows: CaseItemQuerySet, name: str, value: str) -> CaseItemQuerySet:
        return rows.charged_to(value)


class VerificationFilters(ScopedFilterSet):
    mine = MineFilter(
        label=_("等我办理"), choices=[("answer", _("等我答复的"))], rules={"answer": "to_answer"}
    )
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[(WAITING, _("待答复")), ("answered", _("已答复")), (ALL, _("全部"))],
        empty_label=None,
        method="of_state",
    )
    due = filters.ChoiceFilter(label=_("期限"), choices=DUE, method="of_due")

    class Meta:
        model = Verification
        fields = ()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.waiting()

    def of_state(self, rows: VerificationQuerySet, name: str, value: str) -> VerificationQuerySet:
        if value == WAITING:
            return rows.waiting()
        return rows.filter(answered_on__isnull=False) if value == "answered" else rows

    def of_due(self, rows: VerificationQuerySet, name: str, value: str) -> VerificationQuerySet:
        today = localdate()
        waiting = rows.waiting()
        if value == OVERDUE:
            return waiting.filter(due_on__lt=today)
        return waiting.filter(due_on__gte=today, due_on__lte=soon(today))
