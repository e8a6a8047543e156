"""Penalties: several measures of one decision are one record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake import cells
from intake.layouts import UNCHANGED, Column, Line, Outcome
from roster.layouts import CODE

from ..models import Record
from ..passes import RecordPass
from ..rules.identity import PENALTIES
from ..rules.measures import UNDECIDED, more_severe, read_measures
from ..rules.sums import WAN, is_in_yuan
from ..services import Given
from .columns import AUTHORITY_HINT, NAME, longest, term
from .record import RecordLayout


class PenaltyLayout(RecordLayout):
    """Penalties in the national layouts: the legal-person set of 2019 (26 columns) and the later.

    The columns with the codes of authorities are never taken for the enterprise's: headings count
    as a whole. Lines of one decision are one record, the most severe measure decides its kind.
    Source: R22–R23, R35–R37; domain facts 4; design §7.
    """

    key = "penalties"
    title = _("行政处罚")
    about = _(
        "行政处罚决定，2019 版（26 列）和现行版的法人表都可以。认定机关须为本单位或本级的机构。"
    )
    columns = (
        NAME,
        Column("category", "行政相对人类别", cells.text, few_values=True),
        Column(
            "code", "统一社会信用代码", cells.unified_code, required=True,
            aliases=(
                "行政相对人代码_1(统一社会信用代码)", "行政相对人代码-1(统一社会信用代码)",
                "行政相对人代码1(统一社会信用代码)", "行政相对人代码(统一社会信用代码)",
                "行政相对人统一社会信用代码", *CODE.aliases,
            ),
            hint=_("18 位，须为文本格式。没有时填工商注册号。"),
        ),
        Column(
            "registration_number", "工商注册号", cells.registration_number,
            aliases=(
                "行政相对人代码_2(工商注册号)", "行政相对人代码-2(工商注册号)", "行政相对人代码2(工商注册号)",
                "行政相对人代码_2(工商登记码)", "行政相对人代码_3(工商登记码)", "工商登记码", "工商注册码",
            ),
            hint=_("15 位；只在没有统一社会信用代码时用来查找企业。"),
        ),
        Column(
            "number", "行政处罚决定书文号", cells.limited(120), required=True, filled=True,
            aliases=("决定书文号", "处罚决定书文号", "行政处罚决定文书号", "行政处罚决定书文书号", "处罚文号"),
        ),
        Column("conduct", "违法行为类型", cells.limited(longest("conduct")), aliases=("违法类型",)),
        Column("facts", "违法事实", cells.text, aliases=("主要违法事实", "处罚事由")),
        Column("basis", "处罚依据", cells.text),
        Column(
            "measures", "处罚类别", cells.limited(longest("measures")), required=True, filled=True,
            aliases=("处罚种类", "行政处罚种类", "行政处罚类别"),
            hint=_("行政处罚法第九条的用语，几种之间用顿号分开；吊销营业执照须写明。"),
        ),
        Column("content", "处罚内容", cells.text, aliases=("行政处罚内容", "处罚结果")),
        Column("fine_wan", "罚款金额（万元）", cells.amount("万元"), aliases=("罚款金额", "罚款(万元)")),
        Column(
            "confiscated_wan", "没收违法所得、没收非法财物的金额（万元）", cells.amount("万元"),
            aliases=("没收金额（万元）", "没收金额", "没收违法所得（万元）", "没收违法所得、没收非法财物的金额"),
        ),
        Column("fine_yuan", "罚款金额（元）", cells.amount("元"), in_template=False),
        Column("confiscated_yuan", "没收金额（元）", cells.amount("元"), in_template=False),
        Column(
            "licence", "暂扣或吊销证照名称及编号", cells.limited(longest("licence")),
            aliases=("暂扣或吊销证照名称", "暂扣或吊销的证照名称及编号"),
        ),
        Column(
            "decided_on", "处罚决定日期", cells.date, required=True, filled=True, few_values=True,
            aliases=("行政处罚决定日期", "作出处罚决定日期", "处罚日期"),
        ),
        Column("valid_until", "处罚有效期", term, few_values=True, aliases=("处罚有效期至",)),
        Column("publication_until", "公示截止期", term, few_values=True, aliases=("公示截止日期", "公示期限")),
        Column(
            "authority", "处罚机关", cells.name, required=True, filled=True, few_values=True,
            aliases=("行政处罚机关", "作出处罚机关", "处罚机关名称"), hint=AUTHORITY_HINT,
        ),
        Column("provider", "数据来源单位", cells.name, few_values=True, aliases=("数据来源单位名称",)),
        Column("remark", "备注", cells.limited(longest("remark"))),
    )  # fmt: skip

    def kind_of(self, context: RecordPass, values: dict[str, Any]) -> str | Outcome:
        return values.get("kind") or self._kind(values)

    def family_of(self, context: RecordPass, values: dict[str, Any]) -> str:
        return PENALTIES

    @staticmethod
    def _kind(values: dict[str, Any]) -> str:
        answer = read_measures(
            values["measures"], content=values["content"], licence=values["licence"]
        )
        return answer.kind

    def _read(self, context: RecordPass, line: Line) -> Given | Outcome | None:
        if "自然人" in (line.values["category"] or ""):
            return self.no("category", line.values["category"], "records.natural_person")
        for name in ("fine_wan", "confiscated_wan"):
            given = line.values[name]
            if given and is_in_yuan(given, line.values["content"]):
                shown, wan = (f"{one.normalize():f}" for one in (given, given / WAN))
                return self.no(name, shown, "records.sum_in_yuan", wan=wan)
        return super()._read(context, line)

    def details(self, values: dict[str, Any]) -> dict[str, Any]:
        found = super().details(values)
        for wan, yuan in (("fine_wan", "fine_yuan"), ("confiscated_wan", "confiscated_yuan")):
            if wan not in found and values.get(yuan) is not None:
                found[wan] = (values[yuan] / 10_000).quantize(cells.SIX_PLACES)
        return found

    must_agree = frozenset()
    """Several lines tell of several measures: what they say beside is not held against them."""

    def join(self, values: dict[str, Any], more: dict[str, Any]) -> str:
        """Measures add up, the most severe one gives the kind; of two sums the larger stays."""
        kind = more_severe(values.get("kind") or self._kind(values), self._kind(more))
        for name in ("fine_wan", "confiscated_wan", "fine_yuan", "confiscated_yuan"):
            values[name] = _larger(values[name], more[name])
        values["kind"] = kind
        values["measures"] = _all_measures(values["measures"], more["measures"])
        values["content"] = _both(values["content"], more["content"])
        return super().join(values, {name: new for name, new in more.items() if name in values})

    def combined(self, record: Record, given: Given) -> Given:
        """A line with other measures than the record tells of a part of the decision: it adds,
        like a further line of one file. One with the same measures speaks of the whole decision
        and puts it right. Source: design §7 (one decision, the most severe decides).
        """
        there, told = set(cells.words(record.measures)), set(cells.words(given.measures))
        # a clerk has decided what words left open, unless there are new ones
        decided = given.kind_id == UNDECIDED and told <= there
        kind = record.kind_id if decided else given.kind_id
        if there == told or not there:
            return replace(given, kind_id=kind)
        first = {name: getattr(record, name) for name in SAID_ONCE if getattr(record, name)}
        return replace(
            given,
            **first,
            kind_id=more_severe(record.kind_id, kind),
            measures=_all_measures(record.measures, given.measures),
            content=_both(record.content, given.content),
            fine_wan=_larger(record.fine_wan, given.fine_wan),
            confiscated_wan=_larger(record.confiscated_wan, given.confiscated_wan),
        )

    def unchanged(self, record: Record, given: Given, line: Line) -> Outcome:
        if set(cells.words(given.measures)) < set(cells.words(record.measures)):
            return self.noted(record, FEWER, measures=record.measures)
        return UNCHANGED


FEWER = _(
    "该决定已登记的处罚类别为“{measures}”，这一行只有其中一部分，登记的内容不变。确需更正的，请在该条信息的页面更正。"
)
SAID_ONCE = ("conduct", "facts", "basis", "licence", "valid_until", "publication_until", "remark")
"""What the first of several lines about one penalty says holds for all."""


def _all_measures(one: str, other: str) -> str:
    words = [*cells.words(one), *cells.words(other)]
    return "、".join(dict.fromkeys(words))[: longest("measures")]


def _both(one: str, other: str) -> str:
    """Two texts one after the other, unless one holds the other already."""
    if other in one or one in other:
        return max(one, other, key=len)
    return f"{one}；{other}"


def _larger(one: Any, other: Any) -> Any:
    return max((sum_ for sum_ in (one, other) if sum_ is not None), default=None)
