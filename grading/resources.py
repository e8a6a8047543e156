"""Columns of exports."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import DateWidget, Widget

from roster.admin_scope import ExportResource
from roster.resources import DAY, choice

from .models import Rating, RosterRun, Run
from .wording import rule_in_words


class Words(Widget):
    """A related row or a code in words."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value) if value is not None else ""


class RunResource(ExportResource):
    number = Field("pk", _("编号"))
    kind = Field("kind", _("评价类型"), choice(Run, "kind"))
    reference_date = Field("reference_date", _("评价基准日"), DAY)
    scheme = Field("scheme", _("评价标准"), Words())
    state = Field("state", _("状态"), choice(Run, "state"))
    started_by = Field("started_by", _("发起人"))
    started_at = Field("started_at", _("发起时间"))
    computed_at = Field("computed_at", _("算完时间"))
    digest = Field("digest", _("结果摘要"))

    class Meta:
        model = Run
        fields = (
            "number",
            "kind",
            "reference_date",
            "scheme",
            "state",
            "started_by",
            "started_at",
            "computed_at",
            "digest",
        )


class PartResource(ExportResource):
    region_code = Field("region_id", _("区划代码"))
    region = Field("region", _("名录"), Words())
    reference_date = Field("run__reference_date", _("评价基准日"), DAY)
    kind = Field("run__kind", _("评价类型"), choice(Run, "kind"))
    state = Field("state", _("状态"), choice(RosterRun, "state"))
    size = Field("size", _("企业数"))
    grades = Field(column_name=_("各等级企业数"))
    reviewed_by = Field("reviewed_by", _("审核人"))
    reviewed_at = Field("reviewed_at", _("审核时间"))
    published_by = Field("published_by", _("发布人"))
    published_at = Field("published_at", _("发布时间"))
    digest = Field("digest", _("结果摘要"))

    class Meta:
        model = RosterRun
        fields = (
            "region_code",
            "region",
            "reference_date",
            "kind",
            "state",
            "size",
            "grades",
            "reviewed_by",
            "reviewed_at",
            "published_by",
            "published_at",
            "digest",
        )

    def dehydrate_grades(self, part: RosterRun) -> str:
        return " ".join(f"{grade}:{count}" for grade, count in part.grades.items())


class RatingResource(ExportResource):
    code = Field("enterprise_id", _("统一社会信用代码"))
    name = Field("enterprise__name", _("企业名称"))
    region = Field("part__region", _("名录"), Words())
    scheme = Field("verdict__run__scheme", _("评价标准"), Words())
    reference_date = Field("verdict__run__reference_date", _("评价基准日"), DateWidget("%Y-%m-%d"))
    grade = Field("grade", _("等级"))
    rule = Field(column_name=_("依据"))
    clause = Field("verdict__clause", _("政策条款"))
    published_at = Field("part__published_at", _("发布时间"))
    correction = Field("correction__cause", _("更正原因"))

    class Meta:
        model = Rating
        fields = (
            "code",
            "name",
            "region",
            "scheme",
            "reference_date",
            "grade",
            "rule",
            "clause",
            "published_at",
            "correction",
        )

    def dehydrate_rule(self, rating: Rating) -> str:
        return rule_in_words(rating.verdict.rule, scheme=rating.verdict.run.scheme)
