"""Sentences for the refusals of the edge, and the names of the portal's own acts."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "credit_portal.no_access": _("您现任岗位没有访问该页面的权限（{address}）。"),
    "credit_portal.sign_in_failed": _(
        "账号或密码不正确，或者没有现任岗位；来自{address}，共{times}次。"
    ),
    "demo.not_empty": _("库中已有企业。演示数据只能装入空库，不与其他数据混在一起。"),
}

ACTS = {
    "credit_portal.signed_in": _("登录"),
    "credit_portal.signed_out": _("退出登录"),
    "demo.filled": _("装入演示数据"),
}
