"""Sentences of this room, by the code of the refusal."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "audit.cut_busy": _(
        "此刻仍有业务数据正在写入，等待{seconds}秒后仍未结束，未能确定数据截止时点。请稍后重试。"
    ),
    "audit.event_missing": _("第{number}号审计事件不见了。"),
    "audit.event_unbound": _("第{number}号审计事件与前一事件的摘要不相接。"),
    "audit.event_changed": _("第{number}号审计事件被改动。"),
    "audit.lookups_changed": _("第{number}号审计事件的对象索引被改动。"),
    "audit.chain_ends_early": _("审计链到不了所记的末端：第{number}号审计事件不见了。"),
    "audit.event_after_head": _("第{number}号审计事件在审计链所记的末端之后。"),
    "audit.head_missing": _("审计链末端（audit_chainhead）不见了，事件已到第{number}号。"),
    "audit.head_changed": _(
        "审计链末端（audit_chainhead）所记的最晚时间被改动，末条为第{number}号审计事件。"
    ),
    "audit.no_anchor": _("没有找到这条审计链的锚点，事件已到第{number}号。"),
    "audit.anchors_of_another": _(
        "{file}是另一条审计链的锚点：现在的审计链可能是整个换上来的。如果是重新建库，请把旧的锚点文件移入档案。"
    ),
    "audit.tail_cut": _(
        "审计链的末端被截掉，或者数据库被恢复到较早的时刻：{file}第{line}行是第{anchored}号审计事件的锚点，库中没有第{number}号及以后的事件。"
    ),
    "audit.anchor_not_ours": _("{file}第{line}行的锚点不是用本系统的密钥签的。"),
    "audit.anchor_differs": _("第{number}号审计事件与{file}第{line}行的锚点不符。"),
    "audit.row_of_no_act": _("{row}：审计链中没有在{at}办理它的事件。"),
    "audit.rows_differ": _("{rows}：与第{events}号审计事件所记的合计不符。"),
    "audit.rows_missing": _("{rows}：第{event}号审计事件写入的行不见了。"),
    "audit.row_half_retracted": _("{row}：没有撤回，却写有撤回的内容。"),
    "audit.rows_twice": _("{rows}：有重复的行。"),
    "audit.row_differs": _("{row}：与第{event}号审计事件办结时不一样。"),
    "audit.row_gone": _("{row}：第{event}号审计事件写入的这一行不见了。"),
    "audit.row_of_nobody": _("{row}：没有审计事件写入过这一行。"),
    "audit.row_back": _("{row}：第{event}号审计事件已将它删去，却又出现。"),
}

SAID = {
    "chain_holds": _("已核对 {count} 个审计事件，审计链完整。"),
    "triggers_lost": _("{table} 表失去了只能追加的触发器。请执行 migrate 装回。"),
}
"""What commands answer a person."""

DONE_TO_ROWS = {"added": _("登记"), "retracted": _("撤回")}
"""What a sum of rows is about."""

UNKNOWN_REFUSAL = _("该操作未获准（代码：{code}）。请核对后重试，仍有疑问请联系系统管理员。")
