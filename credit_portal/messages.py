"""Sentences for the refusals of the edge, and the names of the portal's own acts."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "credit_portal.no_access": _("您现任岗位没有访问该页面的权限（{address}）。"),
    "credit_portal.busy": _("系统正忙，请稍后重试；刚才的操作没有保存。"),
    "credit_portal.busy_around": _(
        "系统正忙，没有答复完这次请求。请稍后重新打开页面，核对刚才的操作是否已经保存。"
    ),
    "credit_portal.busy_partly": _(
        "系统正忙，没有执行完，已经办结的部分保存了下来。请稍后核对，再接着执行。"
    ),
    "credit_portal.form_without_key": _(
        "提交的表单没有一次性标记，可能是很久以前打开的页面。请返回上一页并刷新，核对后重新提交。"
    ),
    "credit_portal.done_already": _("这一步您已于 {at} 办理，没有重复办理。"),
    "credit_portal.done_unanswered": _(
        "这一步您已于 {at} 提交并保存，当时没有收到答复；没有重复办理。请核对下面的情况。"
    ),
    "credit_portal.sign_in_failed": _(
        "账号或密码不正确，或者没有现任岗位；来自{address}，共{times}次。"
    ),
    "credit_portal.code_failed": _(
        "密码正确，动态码或恢复码不正确；来自{address}，共{times}次。如非本人操作，密码已经泄露，请立即更换。"
    ),
    "credit_portal.sign_in_failed_waiting": _(
        "登录没有成功；来自{address}，共{times}次，其中{unlooked}次是在尝试过多须等待时输入的，对错未核对。"
    ),
    "credit_portal.code_failed_waiting": _(
        "密码正确，没有通过动态码或恢复码；来自{address}，共{times}次，其中{unlooked}次是在尝试过多须等待时输入的，对错未核对。如非本人操作，密码已经泄露，请立即更换。"
    ),
    "credit_portal.factor_unreadable": _(
        "两步验证的密钥无法读取（SECRET_KEY 已更换）。请联系安全管理员重置您的两步验证，登录后重新设置。"
    ),
    "demo.not_empty": _("库中已有企业。演示数据只能装入空库，不与其他数据混在一起。"),
}

ACTS = {
    "credit_portal.signed_in": _("登录"),
    "credit_portal.signed_out": _("退出登录"),
    "demo.filled": _("装入演示数据"),
    "demo.speaker_added": _("设立演示企业的代表"),
}

SAID = {
    "demo_filled_already": _("演示数据已在库中，没有改动。"),
    "demo_filled": _("已装入 {count} 家虚构企业及其失信信息。"),
    "demo_published_already": _("年度评价已发布，没有改动。"),
    "demo_published": _("已完成并发布以 {date} 为基准日的年度评价。"),
    "demo_samples": _("已写出样例文件 {count} 个：{folder}"),
    "step_database": _("数据库"),
    "step_pages": _("界面译文和静态文件"),
    "step_reference": _("基础数据"),
    "step_demo": _("演示数据，{count} 家企业（首次约需一至两分钟）"),
    "step_done": _("{seconds} 秒"),
}
"""What commands answer a person."""
