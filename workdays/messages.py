"""Sentences of this room: refusals by code, acts by name."""

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "workdays.calendar_gap": _(
        "尚未载入{year}年的节假日安排，无法计算工作日。请先载入国务院办公厅公布的{year}年放假调休安排。"
    ),
    "workdays.limit_gap": _("没有{on}有效的时限“{limit}”。请先在时限表中补录该时限及其依据。"),
    "workdays.limit_exists": _("时限“{limit}”已有自{since}起的规定，新的规定必须晚于该日。"),
    "workdays.year_incomplete": _(
        "{year}年的放假调休安排不完整，缺少：{missing}。请补齐后重新载入。"
    ),
    "workdays.calendar_line": _("节假日表第{line}行“{value}”有误：{problem}。"),
}

ACTS = {
    "workdays.year_loaded": _("载入年度放假调休安排"),
    "workdays.calendar_loaded": _("载入节假日表"),
    "workdays.limit_set": _("设定办理时限"),
    "workdays.reference_loaded": _("载入工作日与时限基础数据"),
}

LINE_PROBLEMS = {
    "date": _("日期应写作2026-01-01"),
    "kind": _("类别只能是“休”或“班”"),
    "festival": _("应写明节日名称"),
    "repeated": _("同一日期出现两次"),
    "weekday": _("“班”只能是周六或周日"),
    "columns": _("首行应为 date,kind,festival"),
    "encoding": _("文件应为UTF-8编码"),
    "quotes": _("引号没有成对，或一格内容过长"),
    "empty": _("文件中没有日期"),
}
