"""How the channel works: what came, what became of it, how long it took, and what went wrong at the
same place again and again. Each figure says by what the list is narrowed that shows its rows.

Source: R29 (畅通企业信用等级评价异议受理渠道), R44.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, Q
from django.utils.http import urlencode

from intake.sources import batches_of
from roster.models import Agency
from roster.scope import Actor
from workdays.models import Limit
from workdays.queries import loaded_calendar

from .clock import Reckoned, legs_of_many
from .enums import Action, CaseKind, Leg, RefusalReason, Stage
from .models import Case, CaseItem, CaseStep
from .queries import CaseItemQuerySet, CaseQuerySet
from .rules.workflow import LIMITS, OPEN
from .words import name_of_charge

REPEATED = 2
"""So often at one place, and it is a cause to look into. Default, no source."""
LONGEST = 200
"""So many of the longest are listed."""


@dataclass(frozen=True)
class Period:
    """Cases are counted by the day on which they were brought, both days included."""

    since: dt.date
    until: dt.date

    @property
    def narrowed(self) -> dict[str, str]:
        return {"submitted_on_after": f"{self.since}", "submitted_on_before": f"{self.until}"}


@dataclass(frozen=True)
class Figure:
    """A count, and what narrows the list to its rows."""

    count: int
    narrowed: Mapping[str, str]

    @property
    def query(self) -> str:
        return urlencode(self.narrowed)


@dataclass(frozen=True)
class Row:
    """Figures of one thing, in the order of the columns."""

    label: Any
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Took:
    """A leg of an office that has ended, and its days in the unit of its limit. `source`: the key
    of the department, None for the unit that has the case."""

    case: int
    kind: CaseKind
    source: int | None
    leg: Reckoned
    days: int

    @property
    def is_late(self) -> bool:
        ended = self.leg.stretch.ended_on
        return self.leg.due_on is not None and ended is not None and self.leg.due_on < ended


@dataclass(frozen=True)
class Duration:
    """The legs of a kind that have ended: `median` and `worst` in the unit of `limit`, the one that
    was in force last."""

    kind: CaseKind
    leg: Leg
    limit: Limit
    count: int
    median: float
    worst: int
    late: int


@dataclass(frozen=True)
class Cause:
    """The same mistake of one source, several times: where it lay, and with which file it came."""

    source: str
    what: Any
    batch: int | None
    figure: Figure


@dataclass(frozen=True)
class Channel:
    """What the page shows of a period."""

    kinds: Sequence[Row]
    refused: Sequence[Row]
    sources: Sequence[Row]
    causes: Sequence[Cause]
    durations: Sequence[Duration]


STAGES = (Stage.ACCEPTED, Stage.REFUSED, Stage.WITHDRAWN, Stage.ENDED, Stage.UPHELD)


def channel(user: Actor, period: Period, *, on: dt.date) -> Channel:
    """The figures of the cases that the user may see; the number of queries grows only with every
    thousand cases."""
    cases = Case.objects.visible_to(user).of_days(period.since, period.until)
    items = CaseItem.objects.visible_to(user).of_days(period.since, period.until).of_sources()
    return Channel(
        kinds=_kinds(cases, period, on=on),
        refused=_refused(cases, period),
        sources=_sources(items, period),
        causes=_causes(items.upheld(), period),
        durations=_durations(took(cases)),
    )


def _kinds(cases: CaseQuerySet, period: Period, *, on: dt.date) -> list[Row]:
    """By kind of case: received, how far they came, still open, overdue today."""
    reached = {stage.value: Count("pk", filter=cases.at_stage(stage)) for stage in STAGES}
    is_open = Q(state__in=OPEN)
    counted = cases.order_by().values("kind").annotate(
        **reached, received=Count("pk"), open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(due_on__lt=on)),
    )  # fmt: skip
    by_kind = {row["kind"]: row for row in counted}
    return [Row(kind.label, _of_kind(kind, by_kind.get(kind, {}), period)) for kind in CaseKind]


def _of_kind(kind: CaseKind, counted: Mapping[str, int], period: Period) -> list[Figure]:
    rest = {**period.narrowed, "kind": kind.value}
    reached = {stage.value: {"state": "all", "came_to": stage.value} for stage in STAGES}
    narrowed = {
        "received": {"state": "all"}, **reached, "open": {}, "overdue": {"due": "overdue"},
    }  # fmt: skip
    return [Figure(counted.get(name, 0), {**rest, **own}) for name, own in narrowed.items()]


def _refused(cases: CaseQuerySet, period: Period) -> list[Row]:
    steps = CaseStep.objects.filter(case__in=cases.values("pk"), action=Action.REFUSE)
    counted = dict(steps.order_by().values_list("code").annotate(Count("case", distinct=True)))
    rest = {**period.narrowed, "state": "all"}
    return [
        Row(one.label, [Figure(counted[one], {**rest, "refused_for": one.value})])
        for one in RefusalReason
        if one in counted
    ]


# --- how long it took ----------------------------------------------------------------------------


def took(cases: CaseQuerySet) -> Iterator[Took]:
    """Every leg of an office that has ended; left out where the calendar does not reach."""
    calendar = loaded_calendar()
    for case, kind, source, leg in legs_of_many(cases, calendar=calendar):
        ended_on = leg.stretch.ended_on
        if ended_on is None or leg.stretch.is_enterprises:
            continue
        if (days := leg.used(ended_on)) is not None:
            yield Took(case, kind, source, leg, days)


def longest(user: Actor, period: Period, *, kind: str, leg: str) -> list[tuple[Took, Case, Agency]]:
    """The legs behind a duration, each with its case and whose it was; the longest first, not more
    than `LONGEST`."""
    cases = Case.objects.visible_to(user).of_days(period.since, period.until).filter(kind=kind)
    found = [one for one in took(cases) if one.leg.stretch.leg == leg]
    first = sorted(found, key=lambda one: (-one.days, one.case))[:LONGEST]
    by_key = cases.select_related("enterprise", "agency").in_bulk([one.case for one in first])
    sources = Agency.objects.in_bulk([one.source for one in first if one.source])
    return [
        (one, case := by_key[one.case], sources[one.source] if one.source else case.agency)
        for one in first
    ]


def _durations(found: Iterator[Took]) -> list[Duration]:
    by_leg: dict[tuple[str, str], list[Took]] = defaultdict(list)
    for one in found:
        by_leg[one.kind, one.leg.stretch.leg].append(one)
    return [
        _duration(kind, leg, by_leg[kind, leg]) for kind, leg in LIMITS if (kind, leg) in by_leg
    ]


def _duration(kind: CaseKind, leg: Leg, rows: Sequence[Took]) -> Duration:
    days = [one.days for one in rows]
    last = max(rows, key=lambda one: one.leg.stretch.start)
    return Duration(
        kind, leg, last.leg.limit, len(rows), median(days), max(days), sum(r.is_late for r in rows)
    )


# --- whose information was wrong ------------------------------------------------------------------


def _sources(items: CaseItemQuerySet, period: Period) -> list[Row]:
    """By source department and kind of information: decided, and upheld; the most upheld first."""
    columns = ("record__authority__code", "record__authority__name", "record__kind",
               "record__kind__name")  # fmt: skip
    counted = items.order_by().values_list(*columns).annotate(
        decided=Count("pk"), upheld=Count("pk", filter=items.is_upheld())
    ).order_by("-upheld", "-decided", *columns)  # fmt: skip
    return [
        Row(
            (name, kind_name),
            [
                Figure(count, {**period.narrowed, "source": code, "kind": kind, "outcome": outcome})
                for count, outcome in ((decided, "decided"), (upheld, "upheld"))
            ],
        )
        for code, name, kind, kind_name, decided, upheld in counted
    ]


def _causes(items: CaseItemQuerySet, period: Period) -> list[Cause]:
    """Upheld items charged to their source, file and field, where there are several of one place."""
    counted: Counter[tuple[str, str, int | None, str]] = Counter()
    rows = items.select_related("record__authority").prefetch_related("reviewing_items")
    for item in rows.iterator(chunk_size=1_000):
        assert item.record is not None  # noqa: S101 -- items of sources have one
        agency, batches = item.record.authority, batches_of([item.record.source])
        for what in item.charges:
            counted[agency.code, agency.name, batches[0] if batches else None, what] += 1
    return [
        Cause(name, name_of_charge(what), batch, Figure(count, _charged(period, code, batch, what)))
        for (code, name, batch, what), count in counted.most_common()
        if count >= REPEATED
    ]


def _charged(period: Period, code: str, batch: int | None, what: str) -> dict[str, str]:
    place = {"source": code, "batch": str(batch or 0), "charged_to": what}
    return {**period.narrowed, "outcome": "upheld", **place}


__all__ = ["Cause", "Channel", "Duration", "Figure", "Period", "Row", "Took", "channel", "longest"]
