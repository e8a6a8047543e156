"""The composition table as a file, both ways."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.widgets import IntegerWidget

from roster.admin_scope import ServiceResource
from roster.resources import DAY, choice

from .models import Kind
from .tables import save_kind


class KindResource(ServiceResource):
    code = Field("code", _("信息类别代码"))
    name = Field("name", _("信息类别"))
    category = Field("category", _("信息性质"), choice(Kind, "category"))
    shape = Field("shape", _("时间形态"), choice(Kind, "shape"))
    counting_date = Field("counting_date", _("计算日期"))
    clause = Field("clause", _("政策条款"))
    note = Field("note", _("说明"))
    list_names = Field("list_names", _("名单名称"))
    order = Field("order", _("顺序"), IntegerWidget())
    since = Field("since", _("启用日期"), DAY)
    until = Field("until", _("停用日期"), DAY)

    class Meta(ServiceResource.Meta):
        model = Kind
        import_id_fields = ["code"]
        fields = (
            "code", "name", "category", "shape", "counting_date", "clause", "note", "list_names",
            "order", "since", "until",
        )  # fmt: skip

    def store(self, instance: Any, *, by: Any, is_create: bool) -> None:
        save_kind(by=by, kind=instance)
