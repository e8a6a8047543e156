"""Columns of an export of records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import DateTimeWidget

from records.models import Record
from roster.admin_scope import ExportResource
from roster.resources import DAY

MOMENT = DateTimeWidget(format="%Y-%m-%d %H:%M:%S")


class RecordResource(ExportResource):
    code = Field("enterprise_id", _("统一社会信用代码"))
    name = Field("enterprise__name", _("企业名称"))
    kind = Field("kind__name", _("信息类别"))
    number = Field("number", _("文号"))
    authority = Field("authority__name", _("认定机关"))
    provider = Field("provider__name", _("数据来源单位"))
    decided_on = Field("decided_on", _("认定日期"), DAY)
    ended_on = Field("ended_on", _("终止日期"), DAY)
    end_reason = Field("end_reason", _("终止原因"))
    measures = Field("measures", _("处罚类别"))
    conduct = Field("conduct", _("违法行为类型"))
    facts = Field("facts", _("违法事实"))
    basis = Field("basis", _("处罚依据"))
    content = Field("content", _("内容摘要"))
    fine_wan = Field("fine_wan", _("罚款金额（万元）"))
    confiscated_wan = Field("confiscated_wan", _("没收金额（万元）"))
    licence = Field("licence", _("暂扣或吊销证照名称及编号"))
    valid_until = Field("valid_until", _("处罚有效期"), DAY)
    publication_until = Field("publication_until", _("公示截止期"), DAY)
    serious_claimed = Field(column_name=_("是否造成严重后果"))
    marks = Field(column_name=_("标注"))
    remark = Field("remark", _("备注"))
    recorded_by = Field("recorded_by", _("登记人"))
    recorded_at = Field("recorded_at", _("入库时间"), MOMENT)
    retracted_at = Field("retracted_at", _("失效时间"), MOMENT)
    retract_reason = Field("retract_reason", _("失效原因"))

    class Meta:
        model = Record
        fields = (
            "code", "name", "kind", "number", "authority", "provider", "decided_on", "ended_on",
            "end_reason", "measures", "conduct", "facts", "basis", "content", "fine_wan",
            "confiscated_wan", "licence", "valid_until", "publication_until", "serious_claimed",
            "marks", "remark", "recorded_by", "recorded_at", "retracted_at", "retract_reason",
        )  # fmt: skip

    def dehydrate_serious_claimed(self, record: Record) -> str:
        return str(_("是") if record.serious_claimed else _("否"))

    def dehydrate_marks(self, record: Record) -> str:
        return "、".join(str(mark.get_kind_display()) for mark in record.live_marks)  # type: ignore[attr-defined]
