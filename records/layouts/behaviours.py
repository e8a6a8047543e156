"""Every other kind of the composition table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake import cells
from intake.layouts import Column, Line, Outcome
from roster.layouts import CODE
from roster.rules.registration import name_key

from ..enums import Category
from ..models import Record
from ..passes import RecordPass
from ..rules.measures import PENALTY_KINDS
from ..services import Given
from .columns import AUTHORITY_HINT, ENTERPRISE_NAME
from .record import RecordLayout


class BehaviourLayout(RecordLayout):
    """Every other kind of the composition table. Source: R22–R24, 三(一)."""

    key = "behaviours"
    title = _("其他失信信息")
    about = _("信用评价信息构成表中的其他类别，如未履行信用承诺、合同违约、欠缴税费。")
    columns = (
        ENTERPRISE_NAME,
        replace(CODE, filled=True),
        Column(
            "kind", "信息类别", cells.name, required=True, filled=True, few_values=True,
            aliases=("失信行为类别", "行为类别", "类别"), hint=_("信用评价信息构成表中的名称或代码。"),
        ),
        Column("number", "文号", cells.limited(120), aliases=("文书号", "决定文号", "认定文号", "案号")),
        Column("content", "内容摘要", cells.text, aliases=("内容", "摘要", "失信内容")),
        Column(
            "authority", "认定机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("认定单位", "作出机关", "报送机关"), hint=AUTHORITY_HINT,
        ),
        Column("decided_on", "认定日期", cells.date, required=True, filled=True, few_values=True, aliases=("作出日期",)),
        Column("ended_on", "终止日期", cells.date, few_values=True, aliases=("结束日期", "履行完毕日期"), hint=_("缴清、履行完毕之日；仍在持续的留空。")),
        Column(
            "serious_claimed", "是否造成严重后果", cells.yes_no, few_values=True,
            aliases=("造成严重后果",), hint=_("是、否。须经审核人认定后才计入评价。"),
        ),
    )  # fmt: skip

    def for_options(self, options: Mapping[str, str]) -> BehaviourLayout:
        """With a kind given for the whole file, the column may be missing or blank."""
        if not options.get("kind"):
            return self
        layout: BehaviourLayout = copy(self)
        layout.columns = tuple(  # type: ignore[misc,assignment]
            replace(column, required=False, filled=False) if column.name == "kind" else column
            for column in self.columns
        )
        return layout

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        written = values["kind"] or context.default_kind
        if written not in context.named:
            context.named[written] = (
                written
                if written in context.kinds
                else next(
                    (
                        one.pk
                        for one in context.kinds.values()
                        if name_key(one.name) == name_key(written)
                    ),
                    "",
                )
            )
        kind = context.kinds.get(context.named[written])
        if kind is None:
            return self.no("kind", written, "records.unknown_kind")
        if kind.category == Category.BASIC:
            return self.no("kind", written, "records.basic_kind")
        if kind.pk in PENALTY_KINDS:
            return self.no("kind", written, "records.penalty_kind")
        return kind.pk

    def provider_key(self, values: dict[str, Any]) -> str:
        """Two breaches on one day are two records; the same line again is the same one."""
        text = f"{name_key(values['authority'])}|{name_key(values['content'])}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def unchanged(self, record: Record, given: Given, line: Line) -> Outcome:
        if record.serious_claimed and line.values["serious_claimed"] is False:
            return self.noted(record, STILL_CLAIMED)
        return super().unchanged(record, given, line)


STILL_CLAIMED = _(
    "该条信息登记为报送单位称造成严重后果，这一行填“否”，登记的内容不变。确需更正的，请在该条信息的页面更正。"
)
