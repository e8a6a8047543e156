"""Filters of records and their corrections, for admin, pages and API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from records.enums import Category, MarkKind
from records.models import Kind, Mark, Record
from roster.admin_scope.filters import DaysFilter, ScopedFilterSet
from roster.enums import Permission
from roster.models import Agency, User

from .enums import ProposalKind, ProposalState
from .models import Proposal

ALL, RETRACTED = "all", "retracted"
CLAIMED, WAITING = "claimed", "waiting"


class RecordFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[(RETRACTED, _("已失效")), (ALL, _("全部"))],
        empty_label=_("现行有效"),
        method="of_state",
    )
    category = filters.ChoiceFilter(
        label=_("信息性质"), field_name="kind__category", choices=Category.choices
    )
    kind = filters.ModelChoiceFilter(label=_("信息类别"), queryset=Kind.objects.all())
    authority = filters.CharFilter(label=_("认定机关（名称中的字）"), method="of_authority")
    decided_on = DaysFilter(label=_("认定日期"))
    mark = filters.ChoiceFilter(label=_("标注"), choices=MarkKind.choices, method="of_mark")
    serious = filters.ChoiceFilter(
        label=_("严重后果"),
        choices=[
            (WAITING, _("报送单位称造成，待认定")),
            (CLAIMED, _("报送单位称造成")),
        ],
        method="of_serious",
    )

    class Meta:
        model = Record
        fields = ()

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.live()

    def of_state(self, rows: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        return rows.filter(retracted_at__isnull=False) if value == RETRACTED else rows

    def of_authority(self, rows: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        agencies = Agency.objects.all()
        for word in value.split():
            agencies = agencies.filter(name__contains=word)
        return rows.filter(authority__in=agencies.values("pk"))

    def of_mark(self, rows: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        return rows.filter(_marked(value))

    def of_serious(self, rows: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        claimed = rows.filter(serious_claimed=True)
        return claimed.filter(~_marked(MarkKind.SERIOUS)) if value == WAITING else claimed


def _marked(kind: str) -> Exists:
    return Exists(Mark.objects.live().filter(record=OuterRef("pk"), kind=kind))


OVERDUE = "overdue"


class ProposalFilters(ScopedFilterSet):
    state = filters.ChoiceFilter(
        label=_("状态"),
        choices=[
            *((s.value, s.label) for s in ProposalState if s != ProposalState.WAITING),
            (ALL, _("全部")),
        ],
        empty_label=ProposalState.WAITING.label,
        method="of_state",
    )
    mine = filters.ChoiceFilter(
        label=_("办理人"),
        choices=[("decide", _("等我复核")), ("asked", _("我提出的"))],
        method="of_person",
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

    def of_state(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        return rows if value == ALL else rows.filter(state=value)

    def of_person(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        user: Any = self.request.user
        if value == "asked":
            return rows.filter(proposed_by=user.username)
        return to_decide(rows, user)

    def of_due(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        return rows.filter(due_on__lt=localdate())


def to_decide(rows: QuerySet[Proposal], user: User) -> QuerySet[Proposal]:
    """Those that are the user's to decide, being the second person; `Record.held_by` as rows."""
    posts = [post for post in user.posts() if post.grants(Permission.CONFIRM_CORRECTIONS)]
    return rows.exclude(proposed_by=user.username).filter(
        Q(record__authority__in={post.agency for post in posts})
        | Q(record__authority__region__in={post.region for post in posts if post.is_lead})
    )
