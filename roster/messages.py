"""Sentences of the roster room."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "roster.not_permitted": _("没有找到您要的内容，或者它不在您的权限范围内。"),
    "roster.other_unit": _("该企业属于“{unit}”的评价企业名录，须由该单位维护。"),
    "roster.name_missing": _("缺少企业名称。请补填后重新报送。"),
    "roster.region_missing": _(
        "缺少注册地行政区划代码。请填写县（市、区）代码，或写明到县（市、区）的注册地址。"
    ),
    "roster.no_county_in_address": _(
        "注册地“{value}”不是县级行政区划。其他企业列入注册地址所在县级名录（二（二）），请填写县（市、区）代码。"
    ),
    "roster.no_city_for_city_enterprise": _(
        "市属企业须写明所属市：注册地“{value}”不能确定所属市。"
    ),
    "roster.stale": _(
        "该企业的信息在您打开页面之后已被他人修改，您的修改没有保存。请重新打开页面，核对后再改。"
    ),
    "roster.exists": _("统一社会信用代码 {code} 已在库中，不能重复新增。请直接查找该企业。"),
    "roster.unknown_enterprise": _("名录中没有统一社会信用代码为 {code} 的企业。"),
    "roster.unknown_region": _("没有代码为“{value}”的行政区划。"),
    "roster.reason_missing": _("请写明理由。"),
    "roster.roles_exclude_each_other": _(
        "{user}：系统管理员、安全管理员、审计管理员须由不同的人担任，且不得兼任业务岗位。"
    ),
    "roster.posting_already_ended": _("该任职已经结束。"),
}

ACTS = {
    "roster.enterprise_registered": _("登记企业信息"),
    "roster.registrations_written": _("批量登记企业信息"),
    "roster.place_overridden": _("人工指定名录"),
    "roster.posted": _("任命岗位"),
    "roster.posting_ended": _("结束任职"),
    "roster.reference_loaded": _("装入基础数据"),
}
