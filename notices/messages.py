"""Sentences of the notices room."""

from typing import Any

from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, Any] = {
    "notices.letter_damaged": _(
        "文书 {number} 存放的文件缺失或者被改动，不能打开。请联系系统管理员核查。"
    ),
}

ACTS: dict[str, Any] = {
    "notices.told": _("发出消息"),
    "notices.read": _("阅读消息"),
    "notices.letter_issued": _("制发文书"),
    "notices.letter_drawn": _("生成文书版面"),
}
