"""One FilterSet per model, for admin, pages and API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from audit.enums import Outcome
from audit.models import Event
from intake.enums import BatchState
from intake.layouts import all as all_layouts
from intake.models import Batch
from workdays.enums import DayKind
from workdays.models import CalendarDay, Limit

from .admin_scope.filters import (
    ChecksFilter,
    DaysFilter,
    MineFilter,
    ScopedChoiceFilter,
    ScopedFilterSet,
    YesNoFilter,
)
from .enums import Affiliation, AgencyKind, BindingState, Level, Monopoly, Role, Status
from .files import waiting_for
from .models import (
    Agency,
    Binding,
    Enterprise,
    Industry,
    Posting,
    Region,
    Reporting,
    Representative,
    RosterEntry,
    User,
)
from .rules.sectors import suggested_sector


class RegionFilter(ScopedFilterSet):
    level = filters.ChoiceFilter(label=_("层级"), choices=Level.choices)

    class Meta:
        model = Region
        fields: list[str] = []


class ReportingFilter(ScopedFilterSet):
    superior = ScopedChoiceFilter(label=_("上级区划"), queryset=Region.objects.all())
    present = YesNoFilter(label=_("现行"), field_name="until", lookup_expr="isnull")

    class Meta:
        model = Reporting
        fields: list[str] = []


class IndustryFilter(ScopedFilterSet):
    section = filters.ChoiceFilter(
        label=_("门类"), choices=[(letter, letter) for letter in "ABCDEFGHIJKLMNOPQRST"]
    )

    class Meta:
        model = Industry
        fields: list[str] = []


class AgencyFilter(ScopedFilterSet):
    region = ScopedChoiceFilter(label=_("所属区划"), queryset=Region.objects.all())
    kind = filters.ChoiceFilter(label=_("类别"), choices=AgencyKind.choices)

    class Meta:
        model = Agency
        fields: list[str] = []


class UserFilter(ScopedFilterSet):
    is_active = YesNoFilter(label=_("启用"))

    class Meta:
        model = User
        fields: list[str] = []


class PostingFilter(ScopedFilterSet):
    agency = ScopedChoiceFilter(label=_("机构"), queryset=Agency.objects.all())
    role = ChecksFilter(
        label=_("岗位"), choices=[one for one in Role.choices if one[0] != Role.REPRESENTATIVE]
    )
    present = YesNoFilter(label=_("现任"), field_name="until", lookup_expr="isnull")

    class Meta:
        model = Posting
        fields: list[str] = []


class RepresentativeFilter(ScopedFilterSet):
    present = YesNoFilter(label=_("现任"), field_name="until", lookup_expr="isnull")

    class Meta:
        model = Representative
        fields: list[str] = []


class EnterpriseFilter(ScopedFilterSet):
    own = MineFilter(
        label=_("范围"), choices=[("yes", _("由我维护的名录"))], rules={"yes": "to_maintain"}
    )
    keeper = ScopedChoiceFilter(label=_("所在名录"), queryset=Region.objects.all())
    region = ScopedChoiceFilter(label=_("注册地"), queryset=Region.objects.all())
    section = filters.ChoiceFilter(
        label=_("行业门类"), method="of_section", choices=lambda: sections()
    )
    affiliation = ChecksFilter(label=_("隶属关系"), choices=Affiliation.choices)
    monopoly = filters.ChoiceFilter(
        label=_("垄断性行业"), choices=[one for one in Monopoly.choices if one[0]]
    )
    unmarked = filters.ChoiceFilter(
        label=_("疑似垄断性行业"),
        method="of_unmarked",
        choices=[("yes", _("行业代码相符，尚未标注"))],
    )
    status = ChecksFilter(label=_("登记状态"), choices=Status.choices)

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Who went with a file that was taken back is shown when asked for."""
        found = super().filter_queryset(rows)
        asked = self.form.cleaned_data.get("status")
        return found if asked else found.exclude(status=Status.TAKEN_BACK)

    def of_section(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(
            industry__in=list(Industry.objects.filter(section=value).values_list("pk", flat=True))
        )

    def of_unmarked(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """On a roster, without a mark, of an industry that suggests one. Source: R13."""
        known = Industry.objects.values_list("pk", flat=True)
        suggesting = [code for code in known if suggested_sector(code)]
        return rows.filter(monopoly=Monopoly.NONE, industry__in=suggesting, keeper__isnull=False)


def sections() -> list[tuple[str, str]]:
    """The 20 sections of GB/T 4754 with their names."""
    return [
        (code, f"{code} {name}")
        for code, name in Industry.objects.filter(code__in="ABCDEFGHIJKLMNOPQRST").values_list(
            "code", "name"
        )
    ]


class RosterEntryFilter(ScopedFilterSet):
    region = ScopedChoiceFilter(label=_("名录所属地"), queryset=Region.objects.all())
    level = filters.ChoiceFilter(label=_("名录层级"), choices=Level.choices)
    present = filters.ChoiceFilter(
        label=_("状态"),
        method="of_state",
        choices=[("present", _("现在册")), ("left", _("已移出")), ("history", _("历史版本"))],
    )
    override = YesNoFilter(label=_("人工指定"))
    left = DaysFilter(label=_("移出日期"), field_name="left_on")

    class Meta:
        model = RosterEntry
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What is known today, unless older versions are asked for."""
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("present"):
            return rows
        return rows.filter(retracted_at__isnull=True)

    def of_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "history":
            return rows.filter(retracted_at__isnull=False)
        return rows.filter(retracted_at__isnull=True, left_on__isnull=value == "present")


class BindingFilter(ScopedFilterSet):
    state = ChecksFilter(label=_("状态"), choices=BindingState.choices)
    due = filters.ChoiceFilter(
        label=_("期限"),
        method="of_due",
        choices=[("soon", _("两天内到期")), ("overdue", _("逾期"))],
    )
    asked = DaysFilter(label=_("申请日期"), field_name="asked_at")

    class Meta:
        model = Binding
        fields: list[str] = []

    def of_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        waiting, today = rows.filter(state=BindingState.WAITING), localdate()
        if value == "overdue":
            return waiting.filter(due_on__lt=today)
        return waiting.filter(due_on__range=(today, today + dt.timedelta(days=2)))


class BatchFilter(ScopedFilterSet):
    mine = filters.ChoiceFilter(
        label=_("等我处理"), method="of_mine", choices=[("second", _("待我复核的撤回"))]
    )
    layout = filters.ChoiceFilter(label=_("种类"), choices=lambda: kinds_of_files())
    state = ChecksFilter(label=_("状态"), choices=BatchState.choices)
    uploader = filters.CharFilter(label=_("上传人（账号）"))
    received = DaysFilter(label=_("接收日期"), field_name="received_at")

    class Meta:
        model = Batch
        fields: list[str] = []

    def of_mine(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return waiting_for(rows, self.request.user)


def kinds_of_files() -> list[tuple[str, str]]:
    return [(layout.key, str(layout.title)) for layout in all_layouts()]


class EventFilter(ScopedFilterSet):
    at = DaysFilter(label=_("时间"))
    actor = filters.CharFilter(label=_("操作人（账号）"))
    act = filters.ChoiceFilter(label=_("事项"), choices=lambda: acts())
    outcome = filters.ChoiceFilter(label=_("结果"), choices=Outcome.choices)
    region = filters.CharFilter(label=_("地区代码"))
    target = filters.CharFilter(label=_("对象编号"), method="of_target")

    class Meta:
        model = Event
        fields: list[str] = []

    def of_target(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.touching(value)


def acts() -> list[tuple[str, str]]:
    from audit.labels import label, registered  # the registry is full only after start-up

    return sorted(((name, label(name)) for name in registered()), key=lambda one: one[1])


class CalendarDayFilter(ScopedFilterSet):
    year = filters.NumberFilter(
        label=_("年份"), field_name="date", lookup_expr="year", min_value=1, max_value=9999
    )
    kind = filters.ChoiceFilter(label=_("类别"), choices=DayKind.choices)

    class Meta:
        model = CalendarDay
        fields: list[str] = []


class LimitFilter(ScopedFilterSet):
    code = filters.CharFilter(label=_("时限代码"))
    present = YesNoFilter(label=_("现行"), field_name="until", lookup_expr="isnull")

    class Meta:
        model = Limit
        fields: list[str] = []
