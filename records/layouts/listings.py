"""Lists that enterprises are put on and taken from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake import cells
from intake.layouts import Column, Outcome
from roster.layouts import CODE
from roster.rules.registration import name_key

from ..passes import RecordPass
from ..rules.lists import kind_of_list
from .columns import AUTHORITY_HINT, ENTERPRISE_NAME, longest
from .record import RecordLayout


class ListingLayout(RecordLayout):
    """Listings: states with a start and an end. A removal is news about the same listing.

    Source: R22–R23 (经营异常名录, 严重失信主体名单); domain facts 4.
    """

    key = "listings"
    title = _("名单列入与移出")
    about = _("经营异常名录、严重失信主体名单等的列入和移出。移出时填写移出日期，原记录随之更新。")
    columns = (
        ENTERPRISE_NAME,
        replace(CODE, filled=True),
        Column(
            "list", "名单名称", cells.text, required=True, filled=True, few_values=True,
            aliases=("名单类别", "列入名单", "列入名单名称"), hint=_("如：经营异常名录、严重失信主体名单、失信被执行人名单。"),
        ),
        Column("facts", "列入原因", cells.text, aliases=("列入事由", "列入严重失信名单原因", "列入经营异常名录原因")),
        Column("number", "列入文号", cells.limited(120), aliases=("列入决定书文号", "列入决定文号", "认定文书文号")),
        Column(
            "authority", "列入机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("列入决定机关", "认定机关", "作出列入决定机关"), hint=AUTHORITY_HINT,
        ),
        Column("decided_on", "列入日期", cells.date, required=True, filled=True, few_values=True, aliases=("列入决定日期",)),
        Column("ended_on", "移出日期", cells.date, few_values=True, aliases=("移出决定日期",), hint=_("未移出的留空。")),
        Column("end_reason", "移出原因", cells.limited(longest("end_reason")), aliases=("移出事由",)),
    )  # fmt: skip

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        written = values["list"]
        if written not in context.named:
            context.named[written] = kind_of_list(name_key(written), context.lists)
        return context.named[written] or self.no("list", written, "records.unknown_list")
