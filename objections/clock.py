"""The clock of a case: its legs with their limits, reckoned from the steps. Design idea 8."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.db.models import QuerySet

from audit.acts import stamp
from workdays.enums import Unit
from workdays.models import Limit
from workdays.queries import Limits, loaded_calendar
from workdays.rules import Calendar, CalendarGap
from workdays.rules.clock import Leg as RunningLeg
from workdays.rules.clock import days_taken, last_day, walk

from .enums import CaseKind, Leg
from .models import Case, CaseStep, Verification
from .rules.legs import Stretch, Taken, stretches
from .rules.workflow import EXTENDED, LIMITS


@dataclass(frozen=True)
class Reckoned:
    """A stretch with its limit. due_on: None while it stands still, and when the calendar of
    `gap_year` is missing."""

    stretch: Stretch
    limit: Limit
    running: RunningLeg
    calendar: Calendar
    due_on: dt.date | None
    gap_year: int | None = None

    @property
    def stands_still(self) -> bool:
        return self.due_on is None and self.gap_year is None

    def used(self, on: dt.date) -> int | None:
        """How many of its days have counted up to a day, or to its end; None where the calendar is
        missing."""
        try:
            return days_taken(self.running, self.stretch.ended_on or on, self.calendar)
        except CalendarGap:
            return None

    def is_overdue(self, on: dt.date) -> bool:
        return self.stretch.runs and self.due_on is not None and self.due_on < on


def legs_of(case: Case, *, calendar: Calendar) -> list[Reckoned]:
    """Every leg of a case in the order in which it began. Raises LimitGap."""
    kind, limits = CaseKind(case.kind), Limits()
    taken = map(_taken, CaseStep.objects.filter(case=case).order_by("pk"))
    return [_reckoned(kind, one, limits, calendar) for one in stretches(kind, taken)]


def legs_of_many(
    cases: QuerySet[Case], *, calendar: Calendar
) -> Iterator[tuple[int, CaseKind, int | None, Reckoned]]:
    """The legs of many cases: key and kind of the case, and the source department's key, None for
    the unit's own; without those that went on without an answer. In three queries, without the
    reasons. Raises LimitGap."""
    limits, keys = Limits(), cases.order_by().values("pk")
    steps = CaseStep.objects.filter(case__in=keys).order_by("case", "pk")
    rows = steps.values_list("case", "case__kind", "source", "action", "target", "on")
    for (case, kind), found in groupby(rows.iterator(), key=itemgetter(0, 1)):
        for one in stretches(kind, (Taken(*row[2:]) for row in found)):
            yield case, CaseKind(kind), None, _reckoned(CaseKind(kind), one, limits, calendar)
    asked = Verification.objects.filter(case__in=keys, dropped_on=None).select_related("case")
    for row in asked.order_by("pk").iterator():
        kind = CaseKind(row.case.kind)
        yield row.case_id, kind, row.agency_id, _of_source(kind, row, limits, calendar)


def leg_of_source(verification: Verification, *, calendar: Calendar) -> Reckoned:
    """The leg of a source department. Raises LimitGap."""
    kind = CaseKind(verification.case.kind)
    return _of_source(kind, verification, Limits(), calendar)


@dataclass(frozen=True)
class Day:
    """A day of a leg: `number` says which of its days it is, 0 when it is left out."""

    day: dt.date
    number: int
    why: str

    @property
    def counted(self) -> bool:
        return self.number > 0


def days_of(one: Reckoned, *, on: dt.date) -> list[Day]:
    """Every calendar day of a leg, counted or left out and why; of one that stands still up to
    today, of one that runs into a year without a calendar up to that year."""
    found, number = [], 0
    for counted in walk(one.running, one.calendar, until=on):
        number += counted.counted
        found.append(Day(counted.day, number if counted.counted else 0, str(counted.why.label)))
    return found


def reckon(case: Case) -> None:
    """Put down the running leg of the office and its last day, and the enterprise's for papers; the
    caller saves the case."""
    calendar = loaded_calendar()
    running = [one for one in legs_of(case, calendar=calendar) if one.stretch.runs]
    own = [one for one in running if not one.stretch.is_enterprises]
    papers = [one for one in running if one.stretch.leg == Leg.SUPPLY]
    binding = own[-1] if own else None
    case.leg = binding.stretch.leg if binding else ""
    case.due_on = binding.due_on if binding else None
    case.papers_due_on = papers[-1].due_on if papers else None
    gaps = [one.gap_year for one in (binding, *papers) if one and one.gap_year]
    case.gap_year = gaps[0] if gaps else None
    case.reckoned_at = stamp()


def reckon_source(verification: Verification) -> None:
    """The same for a source department; the caller saves the row."""
    found = leg_of_source(verification, calendar=loaded_calendar())
    verification.due_on, verification.gap_year = found.due_on, found.gap_year


def _of_source(
    kind: CaseKind, verification: Verification, limits: Limits, calendar: Calendar
) -> Reckoned:
    one = Stretch(
        Leg.PROVIDER,
        verification.asked_on,
        extended=(verification.extension_reason,) if verification.extended_on else (),
        ended_on=verification.answered_on or verification.dropped_on,
    )
    return _reckoned(kind, one, limits, calendar)


def _taken(step: CaseStep) -> Taken:
    return Taken(step.source, step.action, step.target, step.on, step.reason)


def _reckoned(kind: CaseKind, one: Stretch, limits: Limits, calendar: Calendar) -> Reckoned:
    found = limits.on(LIMITS[kind, Leg(one.leg)], one.start)
    extra = _extra(kind, limits, on=one.start) if one.extended else 0
    running = RunningLeg(one.start, found.days, Unit(found.unit), extra=extra, stops=one.stops)
    try:
        return Reckoned(one, found, running, calendar, last_day(running, calendar))
    except CalendarGap as gap:
        return Reckoned(one, found, running, calendar, None, gap.year)


def _extra(kind: CaseKind, limits: Limits, *, on: dt.date) -> int:
    """What an extension adds: to the source department's leg and to the whole, once."""
    short, long = EXTENDED[kind]
    return limits.on(long, on).days - limits.on(short, on).days
