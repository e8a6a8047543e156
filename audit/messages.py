"""Sentences of this room, by the code of the refusal."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "audit.cut_busy": _(
        "此刻仍有业务数据正在写入，等待{seconds}秒后仍未结束，未能确定数据截止时点。请稍后重试。"
    ),
}

UNKNOWN_REFUSAL = _("该操作未获准（代码：{code}）。请核对后重试，仍有疑问请联系系统管理员。")
