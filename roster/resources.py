"""Columns of exports, and of the small tables that also come in."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import DateWidget, Widget

from audit.labels import label
from audit.models import Event
from intake import layouts
from intake.models import Batch
from workdays.enums import Unit
from workdays.models import CalendarDay, Limit
from workdays.services import set_limit

from .admin_scope.exports import ExportResource
from .admin_scope.imports import CodeWidget, ServiceResource
from .messages import RULES
from .models import (
    Agency,
    Enterprise,
    Industry,
    Posting,
    Region,
    Reporting,
    Representative,
    RosterEntry,
    User,
)
from .tables import save_agency, save_industry, save_region, set_superior

DAY = DateWidget(format="%Y-%m-%d")


class ChoiceWidget(Widget):
    """A stored choice by its words, both ways."""

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.words = dict(choices)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(self.words.get(value, value or ""))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        for stored, word in self.words.items():
            if value in (stored, str(word)):
                return stored
        allowed = "、".join(str(word) for word in self.words.values())
        raise ValueError(_("“%(value)s”应为：%(allowed)s。") % {"value": value, "allowed": allowed})


def choice(model: Any, name: str) -> ChoiceWidget:
    return ChoiceWidget(model._meta.get_field(name).flatchoices)


class RegionResource(ServiceResource):
    code = Field("code", _("区划代码"))
    name = Field("name", _("名称"))
    level = Field("level", _("层级"), choice(Region, "level"))
    kind = Field("kind", _("类别"))
    full_name = Field("full_name", _("全称"))
    since = Field("since", _("启用日期"), DAY)
    until = Field("until", _("停用日期"), DAY)

    class Meta(ServiceResource.Meta):
        model = Region
        import_id_fields = ["code"]
        fields = ("code", "name", "level", "kind", "full_name", "since", "until")

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        save_region(by=by, region=instance, on=localdate())


class ReportingResource(ServiceResource):
    region = Field("region", _("区划代码"), CodeWidget(Region, "code"))
    superior = Field("superior", _("上级区划代码"), CodeWidget(Region, "code"))
    since = Field("since", _("自"), DAY)
    until = Field("until", _("至"), DAY, readonly=True)

    class Meta(ServiceResource.Meta):
        model = Reporting
        import_id_fields = ["region", "superior", "since"]
        fields = ("region", "superior", "since", "until")
        clean_model_instances = False

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        since = instance.since or localdate()
        set_superior(by=by, region=instance.region, superior=instance.superior, since=since)


class IndustryResource(ServiceResource):
    code = Field("code", _("代码"))
    name = Field("name", _("名称"))
    section = Field("section", _("门类"))

    class Meta(ServiceResource.Meta):
        model = Industry
        import_id_fields = ["code"]
        fields = ("code", "name", "section")

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        save_industry(by=by, industry=instance)


class AgencyResource(ServiceResource):
    code = Field("code", _("机构代码"))
    name = Field("name", _("机构名称"))
    region = Field("region", _("所属区划代码"), CodeWidget(Region, "code"))
    kind = Field("kind", _("类别"), choice(Agency, "kind"))
    field = Field("field", _("监管领域"))
    since = Field("since", _("启用日期"), DAY)
    until = Field("until", _("停用日期"), DAY)

    class Meta(ServiceResource.Meta):
        model = Agency
        import_id_fields = ["code"]
        fields = ("code", "name", "region", "kind", "field", "since", "until")

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        save_agency(by=by, agency=instance, on=localdate())


class LimitResource(ServiceResource):
    """A line that differs from the limit in force sets a new one from its day on."""

    code = Field("code", _("时限代码"))
    name = Field("name", _("时限"))
    days = Field("days", _("天数"))
    unit = Field("unit", _("单位"), ChoiceWidget(Unit.choices))
    source = Field("source", _("依据"))
    since = Field("since", _("生效日期"), DAY)

    class Meta(ServiceResource.Meta):
        model = Limit
        import_id_fields = ["code", "since"]
        fields = ("code", "name", "days", "unit", "source", "since")
        clean_model_instances = False

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        set_limit(
            by=by,
            code=instance.code,
            name=instance.name,
            days=int(instance.days),
            unit=Unit(instance.unit),
            source=instance.source,
            since=instance.since,
        )


class CalendarDayResource(ExportResource):
    """As the loading page takes it in."""

    date = Field("date", "date", DAY)
    kind = Field("kind", "kind")
    festival = Field("festival", "festival")

    class Meta:
        model = CalendarDay
        fields = ("date", "kind", "festival")


class UserResource(ExportResource):
    username = Field("username", _("账号"))
    full_name = Field("full_name", _("姓名"))
    is_active = Field("is_active", _("启用"), ChoiceWidget([(True, _("是")), (False, _("否"))]))

    class Meta:
        model = User
        fields = ("username", "full_name", "is_active")


class PostingResource(ExportResource):
    username = Field("user__username", _("账号"))
    full_name = Field("user__full_name", _("姓名"))
    agency = Field("agency__name", _("机构"))
    role = Field("role", _("岗位"), choice(Posting, "role"))
    since = Field("since", _("任职日期"), DAY)
    until = Field("until", _("免职日期"), DAY)

    class Meta:
        model = Posting
        fields = ("username", "full_name", "agency", "role", "since", "until")


class RepresentativeResource(ExportResource):
    username = Field("user__username", _("账号"))
    full_name = Field("user__full_name", _("姓名"))
    enterprise = Field("enterprise_id", _("统一社会信用代码"))
    since = Field("since", _("起始日期"), DAY)
    until = Field("until", _("终止日期"), DAY)

    class Meta:
        model = Representative
        fields = ("username", "full_name", "enterprise", "since", "until")


class EnterpriseResource(ExportResource):
    code = Field("code", _("统一社会信用代码"))
    name = Field("name", _("企业名称"))
    former_names = Field("former_names", _("曾用名"))
    registration_number = Field("registration_number", _("注册号"))
    region = Field("region_id", _("注册地行政区划代码"))
    region_name = Field("region__full_name", _("注册地"))
    address = Field("address", _("注册地址"))
    keeper = Field("keeper__full_name", _("所在名录"))
    affiliation = Field("affiliation", _("隶属关系"), choice(Enterprise, "affiliation"))
    monopoly = Field("monopoly", _("垄断性行业"), choice(Enterprise, "monopoly"))
    industry = Field("industry_id", _("行业代码"))
    industry_name = Field("industry__name", _("行业"))
    status = Field("status", _("登记状态"), choice(Enterprise, "status"))
    established_on = Field("established_on", _("成立日期"), DAY)

    class Meta:
        model = Enterprise
        fields = (
            "code", "name", "former_names", "registration_number", "region", "region_name",
            "address", "keeper", "affiliation", "monopoly", "industry", "industry_name",
            "status", "established_on",
        )  # fmt: skip


class RosterEntryResource(ExportResource):
    enterprise = Field("enterprise_id", _("统一社会信用代码"))
    region = Field("region__full_name", _("名录所属地"))
    level = Field("level", _("名录层级"), choice(RosterEntry, "level"))
    rule = Field("rule", _("列入依据"), ChoiceWidget(RULES))
    joined_on = Field("joined_on", _("列入日期"), DAY)
    left_on = Field("left_on", _("移出日期"), DAY)
    leave_reason = Field("leave_reason", _("移出原因"))

    class Meta:
        model = RosterEntry
        fields = ("enterprise", "region", "level", "rule", "joined_on", "left_on", "leave_reason")


class BatchResource(ExportResource):
    name = Field("name", _("文件名"))
    layout = Field("layout", _("种类"))
    state = Field("state", _("状态"), choice(Batch, "state"))
    lines = Field("lines", _("行数"))
    added = Field("added", _("新增"))
    changed = Field("changed", _("变更"))
    unchanged = Field("unchanged", _("无变化"))
    refused = Field("refused", _("未接受"))
    uploader = Field("uploader", _("上传人"))
    agency = Field("agency", _("上传单位"))
    received_at = Field("received_at", _("接收时间"))
    confirmed_by = Field("confirmed_by", _("确认人"))
    confirmed_at = Field("confirmed_at", _("确认时间"))
    merged_at = Field("merged_at", _("入库时间"))

    class Meta:
        model = Batch
        fields = (
            "name", "layout", "state", "lines", "added", "changed", "unchanged", "refused",
            "uploader", "agency", "received_at", "confirmed_by", "confirmed_at", "merged_at",
        )  # fmt: skip

    def dehydrate_layout(self, batch: Batch) -> str:
        return next(
            (str(one.title) for one in layouts.all() if one.key == batch.layout), batch.layout
        )


class EventResource(ExportResource):
    number = Field("number", _("序号"))
    at = Field("at", _("时间"))
    actor = Field("actor", _("操作人"))
    agency = Field("agency", _("所属单位"))
    region = Field("region", _("地区"))
    act = Field("act", _("事项"))
    outcome = Field("outcome", _("结果"), choice(Event, "outcome"))
    target_type = Field("target_type", _("对象类别"))
    target_id = Field("target_id", _("对象编号"))
    target_label = Field("target_label", _("对象"))
    hash = Field("hash", _("摘要"))

    class Meta:
        model = Event
        fields = (
            "number", "at", "actor", "agency", "region", "act", "outcome",
            "target_type", "target_id", "target_label", "hash",
        )  # fmt: skip

    def dehydrate_act(self, event: Event) -> str:
        return label(event.act)
