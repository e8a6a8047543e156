"""Sentences for the refusals of the edge, and the names of the portal's own acts."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "credit_portal.no_access": _("您现任岗位没有访问该页面的权限（{address}）。"),
    "credit_portal.busy": _("系统正忙，请稍后重试；刚才的操作没有保存。"),
    "credit_portal.busy_around": _(
        "系统正忙，没有答复完这次请求。请稍后重新打开页面，核对刚才的操作是否已经保存。"
    ),
    "demo.not_empty": _("库中已有企业。演示数据只能装入空库，不与其他数据混在一起。"),
}

ACTS = {
    "demo.filled": _("装入演示数据"),
}
