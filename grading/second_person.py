"""Which changes of a record wait for a second person. Source: design idea 3; decision 14."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Max

from records.models import Record
from records.services import GRADE_FIELDS
from roster.models import Enterprise

from .enums import OPEN_STATES, PartState
from .models import Rating, RosterRun, SchemeKind
from .queries import CURRENT_KINDS

BEFORE_ALL = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
NEWS = frozenset({"ended_on", "number"})
"""What can be told later about a record without taking anything back: it was empty before."""


def needs_second_person(record: Record, changes: Mapping[str, object], *, look: Look) -> bool:
    """Whether a change to a record waits, on its page and by file alike.

    All that can change a grade does. News (the end of a state, the number of what had none) takes
    nothing back: it waits only where a run has counted the state on a day on which it had ended
    already. Source: design idea 3.
    """
    touched = GRADE_FIELDS & set(changes)
    if not touched:
        return False
    if not touched <= NEWS or any(getattr(record, name) for name in touched):
        return True
    ended_on = changes.get("ended_on")
    counted = record.first_known_at <= look.at and record.kind_id in look.states
    return counted and isinstance(ended_on, dt.date) and ended_on <= look.reference


@dataclass(frozen=True)
class Look:
    """What yearly and quarterly runs have looked at of one enterprise, published or still to be.

    at: up to when; reference: the newest reference date; states: kinds that count until they end.
    """

    at: dt.datetime
    reference: dt.date
    states: frozenset[str]


def looks(codes: Collection[str]) -> dict[str, Look]:
    """By enterprise: of the parts that rated it, and of the open part of its roster; four
    queries."""
    states = frozenset(
        SchemeKind.objects.filter(while_open=True).values_list("kind", flat=True).distinct()
    )
    rated = (
        Rating.objects.filter(enterprise__one_of=codes, part__run__kind__in=CURRENT_KINDS)
        .exclude(part__state=PartState.WITHDRAWN)
        .values_list("enterprise")
        .annotate(at=Max("part__run__known_at"), reference=Max("part__run__reference_date"))
        .order_by()
    )
    found = {code: (at, reference) for code, at, reference in rated}
    opened = RosterRun.objects.filter(state__in=OPEN_STATES, run__kind__in=CURRENT_KINDS)
    under_way = {
        region: (at, reference)
        for region, at, reference in opened.values_list(
            "region", "run__known_at", "run__reference_date"
        )
    }
    keepers = Enterprise.objects.filter(code__one_of=codes).values_list("code", "keeper")
    never = (BEFORE_ALL, dt.date.min)
    seen: dict[str, Look] = {}
    for code, keeper in keepers:
        both = found.get(code, never), under_way.get(str(keeper), never)
        seen[code] = Look(max(at for at, _ in both), max(day for _, day in both), states)
    return seen
