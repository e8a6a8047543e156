"""Filters of records and their corrections, for admin, pages and API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from records.enums import Category, MarkKind
from records.models import Kind, Record
from records.queries import RecordQuerySet, sees_province
from roster.admin_scope.filters import AgencyFilter, DaysFilter, MineFilter, ScopedFilterSet
from roster.enums import Permission
from roster.models import User

from .enums import ProposalKind, ProposalState
from .models import Proposal
from .queries import ProposalQuerySet

LIVE, RETRACTED, ALL = "live", "retracted", "all"
CLAIMED, WAITING = "claimed", "waiting"
PUBLISHED, DOWN, UNREMEDIED = "yes", "no", "waits"
OWN, ROSTER = "yes", "roster"


def range_of(request: Any) -> str:
    """The range a list is asked for. Without a choice all when something is searched or the reader
    sees the province, else the unit's own: what an index gathers is quick however large the table.
    """
    chosen = request.GET.get("own", "")
    if chosen:
        return chosen
    return ALL if request.GET.get("q", "").strip() or sees_province(request.user) else OWN


def in_range(rows: RecordQuerySet, user: User, value: str) -> RecordQuerySet:
    """Rows of a range; the two narrow ones hold nothing the user may not see."""
    if value == ROSTER:
        return rows.on_roster_of(user)
    return rows.held_by(user, Permission.VIEW_RECORDS) if value == OWN else rows


class RecordFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[(LIVE, _("现行有效")), (RETRACTED, _("已失效")), (ALL, _("全部"))],
        empty_label=None,
        method="of_state",
    )
    own = filters.ChoiceFilter(
        label=_("范围"),
        choices=[
            (OWN, _("本单位认定或负责归集的")),
            (ROSTER, _("本级名录内企业的")),
            (ALL, _("全部可见的")),
        ],
        empty_label=None,
        method="of_own",
    )
    category = filters.ChoiceFilter(
        label=_("信息性质"), field_name="kind__category", choices=Category.choices
    )
    kind = filters.ModelChoiceFilter(label=_("信息类别"), queryset=Kind.objects.all())
    authority = AgencyFilter(label=_("认定机关（名称中的字）"))
    decided_on = DaysFilter(label=_("认定日期"))
    published = filters.ChoiceFilter(
        label=_("公示"),
        choices=[
            (PUBLISHED, _("公示中")),
            (DOWN, _("公示期满，已停止公示")),
            (UNREMEDIED, _("公示期满，待改正")),
        ],
        method="of_publication",
    )
    down = DaysFilter(label=_("公示期满日期"), method="of_days_down")
    mark = filters.ChoiceFilter(label=_("标注"), choices=MarkKind.choices, method="of_mark")
    serious = filters.ChoiceFilter(
        label=_("严重后果"),
        choices=[
            (WAITING, _("报送单位称造成，待认定")),
            (CLAIMED, _("报送单位称造成")),
        ],
        method="of_serious",
    )

    mine = MineFilter(
        label=_("等我办理"),
        choices=[("confirm", _("待认定的严重后果")), ("recognise", _("待认定类别的处罚"))],
        rules={"confirm": "to_confirm", "recognise": "to_recognise"},
    )

    class Meta:
        model = Record
        fields = ()

    def __init__(self, data: Any = None, *args: Any, request: Any = None, **kwargs: Any) -> None:
        if data is not None and request is not None:
            data = data.copy()
            data["own"] = range_of(request)
            data.setdefault("state", LIVE)
        super().__init__(data, *args, request=request, **kwargs)

    def of_state(self, rows: RecordQuerySet, name: str, value: str) -> RecordQuerySet:
        return rows if value == ALL else rows.filter(retracted_at__isnull=value == LIVE)

    def of_publication(self, rows: RecordQuerySet, name: str, value: str) -> RecordQuerySet:
        if value == PUBLISHED:
            return rows.published()
        return rows.taken_down() if value == DOWN else rows.waiting_to_come_down()

    def of_days_down(self, rows: RecordQuerySet, name: str, value: slice) -> RecordQuerySet:
        return rows.taken_down_within(value)

    def of_own(self, rows: RecordQuerySet, name: str, value: str) -> RecordQuerySet:
        return in_range(rows, self.request.user, value)

    def of_mark(self, rows: RecordQuerySet, name: str, value: str) -> RecordQuerySet:
        return rows.marked(value)

    def of_serious(self, rows: RecordQuerySet, name: str, value: str) -> RecordQuerySet:
        return rows.claimed() if value == WAITING else rows.filter(serious_claimed=True)


OVERDUE = "overdue"


class ProposalFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[
            *ProposalState.choices,
            (ALL, _("全部")),
        ],
        empty_label=None,
        method="of_state",
    )
    mine = filters.ChoiceFilter(
        label=_("办理人"),
        choices=[("decide", _("等我复核")), ("asked", _("我提出的"))],
        method="of_person",
    )
    own = MineFilter(
        label=_("范围"),
        choices=[(OWN, _("本单位认定或负责归集的，本级名录内企业登记的"))],
        rules={OWN: "of_unit"},
    )
    due = filters.ChoiceFilter(
        label=_("期限"),
        choices=[(OVERDUE, _("已逾期"))],
        method="of_due",
    )
    kind = filters.ChoiceFilter(label=_("事项"), choices=ProposalKind.choices)

    class Meta:
        model = Proposal
        fields = ()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("state"):
            return found
        return found.filter(state=ProposalState.WAITING)

    def of_state(self, rows: ProposalQuerySet, name: str, value: str) -> ProposalQuerySet:
        return rows if value == ALL else rows.filter(state=value)

    def of_person(self, rows: ProposalQuerySet, name: str, value: str) -> ProposalQuerySet:
        user: Any = self.request.user
        if value == "asked":
            return rows.filter(proposed_by=user.username)
        return rows.to_decide(user)

    def of_due(self, rows: ProposalQuerySet, name: str, value: str) -> ProposalQuerySet:
        return rows.filter(due_on__lt=localdate())
