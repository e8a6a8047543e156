"""Sentences of the records room."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "records.future_date": _("{label}“{value}”晚于今天。请核对日期。"),
    "records.already_given": _(
        "{authority}关于该企业的“{number}”已经登记，不能重复登记；如内容有误，请在该条信息上更正。"
    ),
    "records.not_yours": _(
        "认定机关“{authority}”不在您的报送权限内。请由该机关或其本级牵头部门报送。"
    ),
    "records.name_differs": _(
        "统一社会信用代码 {code} 对应的企业名称与所填“{name}”不一致。请核对。"
    ),
    "records.unknown_enterprise": _(
        "名录中没有统一社会信用代码为 {code} 的企业。请先由所在单位列入名录，再重新报送。"
    ),
    "records.retracted": _("该条信息已被更正或撤下，请打开最新版本。"),
    "records.marked_already": _("该条信息已有“{mark}”标注。"),
    "records.not_marked": _("该条信息没有“{mark}”标注。"),
    "records.reason_missing": _("请写明理由。"),
}

ACTS = {
    "records.given": _("报送失信信息"),
    "records.replaced": _("更正失信信息"),
    "records.retracted": _("撤下失信信息"),
    "records.marked": _("标注失信信息"),
    "records.unmarked": _("取消标注"),
    "records.kinds_loaded": _("装入信息构成表"),
    "records.kind_saved": _("维护信息类别"),
}
