"""Facts, rules and periods in the offices' words; the sentences themselves stand in messages."""

from __future__ import annotations

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .enums import Weight
from .messages import RULES
from .models import Scheme
from .rules.verdict import Facts
from .rules.window import window_start

POLICY_MONTHS, POLICY_LIMIT = 12, 5

READINGS_OF_RULES = {
    "licence_revoked": ("G11",),
    "severe_listed": ("G5",),
    "severe_penalty": ("G4",),
    "serious_consequence": ("G1",),
    "awaiting_confirmation": ("G1",),
}
"""Readings of open points (docs/policy.md, design §7) that acted where a rule applied."""
READING_OF_DISPUTES = "G10"


def facts_in_words(facts: Facts) -> list[str]:
    """What was counted, one phrase each; an enterprise without any says so.

    >>> facts_in_words(Facts(general=3, disputed=True))
    ['一般失信行为 3 次', '其中有信息正在异议处理中']
    """
    said = [
        (facts.revoked, _("营业执照已被吊销")),
        (facts.listed, _("在严重失信主体名单上，未移出")),
        (facts.severe, _("严重失信行为（行政处罚）{count} 次").format(count=facts.severe)),
        (facts.general, _("一般失信行为 {count} 次").format(count=facts.general)),
        (facts.serious, _("已认定造成严重后果")),
        (facts.claimed, _("报送单位称造成严重后果，待认定")),
        (facts.disputed, _("其中有信息正在异议处理中")),
    ]
    return [words for true, words in said if true] or [_("无失信行为记录")]


def rule_in_words(rule: str, *, scheme: Scheme | None = None) -> str:
    """The sentence of a rule in the policy's words, with a scheme's own period and limit.

    Without a scheme those of the policy text. Source: R30, R34–R37, 四(三).
    """
    months = scheme.window_months if scheme else POLICY_MONTHS
    limit = scheme.general_limit if scheme else POLICY_LIMIT
    period = _("1年") if months == POLICY_MONTHS else _("{months}个月").format(months=months)
    return str(RULES[rule]).format(period=period, limit=limit)


def readings_of(rule: str, facts: Facts) -> tuple[str, ...]:
    """Numbers of the readings that acted in a verdict, for the reader to look up."""
    found = READINGS_OF_RULES.get(rule, ())
    return (*found, READING_OF_DISPUTES) if facts.disputed else found


def window_in_words(scheme: Scheme, reference: dt.date) -> str:
    """The period that counts, edges said: the first day is out, the last one in. Gap 2."""
    start = window_start(reference, months=scheme.window_months)
    return _("{first}（不含）至 {last}（含）").format(
        first=start.isoformat(), last=reference.isoformat()
    )


def counted_in_words(weight: str, *, in_window: bool, while_open: bool) -> str | Promise:
    """Which records of a kind count. Source: R30, R36; readings of design §7."""
    if weight == Weight.NONE:
        return _("不计入评价")
    return {
        (True, False): _("计算期内认定的"),
        (True, True): _("计算期内认定，且到评价基准日尚未终止的"),
        (False, True): _("不论何时认定，到评价基准日尚未终止（移出）的"),
        (False, False): _("不论何时认定的"),
    }[in_window, while_open]


SCHEME_READINGS = (
    ("R30", ("G2", "G3")),
    ("R35", ("G4", "G1")),
    ("R36", ("G5",)),
    ("R37", ("G11",)),
    ("R22", ("G6", "G7", "G14")),
    ("R34", ("G8", "G9")),
    ("R29", ("G10",)),
    ("R19", ("G12",)),
    ("R33", ("G13",)),
)
"""Where the text of the standard leaves something open: the requirement, and how it is read."""
