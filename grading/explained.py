"""An explanation in sentences, for the pages that show it: the officers' and the enterprise's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from records.enums import MarkKind
from roster.enums import Status

from . import wording
from .explanation import Explanation
from .messages import KNOWN_LATER, NOT_GRADED, WHY_NOT
from .outlook import Outlook


def page_of(found: Explanation) -> dict[str, Any]:
    """What the page needs beside the explanation: sentences for codes."""
    shown: dict[str, Any] = {
        "title": found.registered.name,
        "found": found,
        "enterprise": found.enterprise,
        "counted": [_line(found, item) for item in found.counted],
        "not_counted": [_line(found, item) for item in found.not_counted],
        "forecasts": [_forecast(found, found.outlook, row) for row in found.outlook.rows]
        if found.outlook
        else [],
    }
    if found.rating and found.facts and found.run:
        rule = found.rating.verdict.rule
        shown |= {
            "rule": wording.rule_in_words(rule, scheme=found.run.scheme),
            "facts": wording.facts_in_words(found.facts),
            "readings": wording.readings_of(rule, found.facts),
            "window": wording.window_in_words(found.run.scheme, found.run.reference_date),
        }
    else:
        shown["missing"] = _missing(found)
    return shown


def _line(found: Explanation, item: Any) -> dict[str, Any]:
    marks = {
        "withdrawn": MarkKind.WITHDRAWN,
        "repaired": MarkKind.REPAIRED,
    }
    said = [shown for shown in item.marks if shown.mark.kind in marks.values()]
    return {
        "item": item,
        "record": item.record,
        "why_not": [_reason(found, item, code, said) for code in item.why_not],
    }


def _reason(found: Explanation, item: Any, code: str, said: list[Any]) -> Any:
    """The mark itself where it is the reason; it says more than "withdrawn or repaired". The same
    for who came too late, or was taken down."""
    if code == "known_later" and found.next_reference is not None:
        ahead = str(KNOWN_LATER[item.counts_next]).format(on=found.next_reference.isoformat())
        return f"{WHY_NOT[code]}；{ahead}"
    if code == "taken_away":
        day = timezone.localtime(item.record.retracted_at).date().isoformat()
        return f"{WHY_NOT[code]}（{day}，{item.record.retract_reason}）"
    if code == "withdrawn_or_repaired" and said:
        return "、".join(
            f"{shown.mark.get_kind_display()}（{shown.mark.since:%Y-%m-%d}）" for shown in said
        )
    return WHY_NOT[code]


def _forecast(found: Explanation, ahead: Outlook, row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "is_today": row is ahead.today,
        "is_pending": row in ahead.pending,
        "rule": wording.rule_in_words(row.rule.code, scheme=ahead.scheme),
        "facts": wording.facts_in_words(row.facts),
        "leaving": [found.forecast_items[pk] for pk in row.leaving],
    }


def _missing(found: Explanation) -> str:
    part = found.missing_part
    return str(NOT_GRADED[found.missing]).format(
        status=Status(found.enterprise.status).label,
        roster=part.region if part else found.enterprise.keeper,
        reference=part.run.reference_date.isoformat() if part else "",
    )
