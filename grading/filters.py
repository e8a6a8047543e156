"""One FilterSet per model, for admin, pages and API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from roster.admin_scope import ScopedChoiceFilter, ScopedFilterSet, YesNoFilter
from roster.admin_scope.filters import ChecksFilter, MineFilter
from roster.enums import Permission
from roster.models import Region
from roster.posts import superiors
from roster.rules.placing import PROVINCE
from roster.scope import Actor, reach

from .enums import PartState, RunKind, RunState, SchemeState
from .messages import RULE_NAMES
from .models import Rating, RosterRun, Run, RunSchedule, Scheme, Verdict
from .regrading import current_parts
from .rules.scheme import GRADES_OF_2022

GRADES = [(grade, f"{grade} {name}") for grade, name, _meaning in GRADES_OF_2022]


class SchemeFilter(ScopedFilterSet):
    state = filters.ChoiceFilter(label=_("状态"), choices=SchemeState.choices)

    class Meta:
        model = Scheme
        fields: list[str] = []


class ScheduleFilter(ScopedFilterSet):
    present = YesNoFilter(label=_("现行"), field_name="until", lookup_expr="isnull")

    class Meta:
        model = RunSchedule
        fields: list[str] = []


class RunFilter(ScopedFilterSet):
    state = filters.ChoiceFilter(label=_("状态"), choices=RunState.choices)
    kind = filters.ChoiceFilter(label=_("评价类型"), choices=RunKind.choices)
    scheme = ScopedChoiceFilter(label=_("评价标准"), queryset=Scheme.objects.all())

    class Meta:
        model = Run
        fields: list[str] = []


class PartFilter(ScopedFilterSet):
    own = MineFilter(
        label=_("范围"), choices=[("yes", _("本单位的名录"))], rules={"yes": "kept_by"}
    )
    mine = MineFilter(
        label=_("等我办理"),
        choices=[
            ("review", _("待审核")),
            ("publish", _("待发布")),
            ("withdraw", _("待复核的作废申请")),
        ],
        rules={"review": "to_review", "publish": "to_publish", "withdraw": "to_withdraw"},
    )
    state = ChecksFilter(label=_("状态"), choices=PartState.choices)
    region = ScopedChoiceFilter(label=_("名录"), queryset=Region.objects.all())
    kind = filters.ChoiceFilter(
        label=_("评价类型"), field_name="run__kind", choices=RunKind.choices
    )
    run = ScopedChoiceFilter(label=_("评价批次"), queryset=Run.objects.all())
    withdrawal = YesNoFilter(label=_("已申请作废"), method="by_withdrawal")

    class Meta:
        model = RosterRun
        fields: list[str] = []

    def by_withdrawal(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Parts somebody has proposed to give up, and nobody has decided about yet."""
        asked = rows.exclude(withdrawn_by="").exclude(state=PartState.WITHDRAWN)
        return asked if value else rows.filter(withdrawn_by="")


class RatingFilter(ScopedFilterSet):
    """Without a run the ratings in force; the parts are resolved once per request."""

    grade = filters.ChoiceFilter(label=_("等级"), choices=GRADES)
    rule = filters.ChoiceFilter(label=_("依据"), method="by_rule", choices=list(RULE_NAMES.items()))
    region = ScopedChoiceFilter(label=_("名录"), queryset=Region.objects.all(), method="by_part")
    run = ScopedChoiceFilter(
        label=_("评价批次"),
        queryset=Run.objects.all(),
        method="by_part",
        empty_label=_("现行评价结果"),
    )
    corrected = YesNoFilter(label=_("经更正"), method="by_correction")

    class Meta:
        model = Rating
        fields: list[str] = []

    def by_rule(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Also by the grade the rule gives, to which an index leads."""
        decided = Verdict.objects.filter(rule=value).order_by()
        grades = list(decided.values_list("grade", flat=True).distinct())
        return rows.filter(verdict__rule=value, grade__in=grades)

    def by_part(self, rows: QuerySet[Any], name: str, value: Region | Run) -> QuerySet[Any]:
        """By the parts of a roster and of a run, in `filter_queryset`."""
        return rows

    def by_correction(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Graded again; a grade that is only kept was not."""
        again = Q(correction__isnull=False, correction__kept_from__isnull=True)
        return rows.filter(again) if value else rows.exclude(again)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ratings: Any = super().filter_queryset(queryset)
        run, region = (self.form.cleaned_data.get(name) for name in ("run", "region"))
        # Resolved first: with the keys themselves the database reads the parts in their order.
        current = [] if run else current_parts()
        parts = (
            RosterRun.objects.filter(run=run) if run else RosterRun.objects.filter(pk__in=current)
        )
        near = None if self.is_search else regions_near(self.request.user)
        if near is not None:
            parts = parts.filter(region__in=near)
        if region:
            parts = parts.filter(region=region)
        shown = list(parts.values_list("pk", flat=True))
        if run:
            return ratings.standing().filter(part__in=shown, verdict__run=run)
        return ratings.in_force(shown)

    @property
    def is_search(self) -> bool:
        return self.request is None or bool(self.request.GET.get("q", "").strip())


def regions_near(user: Actor) -> frozenset[str] | None:
    """Rosters in which a person's enterprises stand: own ones, those below, and those above the
    area of a department. None for all of them.

    A list that nobody searched goes through these only; a search also finds enterprises that came
    from elsewhere with the grade they had there. Source: R12–R15, R39; design §7.
    """
    who = reach(user, Permission.VIEW_RATINGS)
    if who.everything or PROVINCE in who.rosters:
        return None
    above = superiors(on=localdate())
    near = set(who.rosters | who.area)
    for region in who.area:
        step = above.get(region)
        while step is not None and step not in near:
            near.add(step)
            step = above.get(step)
    return frozenset(near)
