"""A limit that may stand still and be extended: its last day, and every day on the way.

The day of an event is not counted: who must act within two working days of Friday has Monday and
Tuesday. The same for stops: standing still from Tuesday to Thursday, Wednesday and Thursday are
left out, and Friday is the next that counts. Source: domain facts 5; design idea 8.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from workdays.enums import Unit, Why
from workdays.rules.calendar import Calendar, CountedDay, judge
from workdays.rules.deadline import add_months

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Stop:
    """The clock stands still after `since` up to and including `until`; None: it still does."""

    since: dt.date
    until: dt.date | None = None
    reason: str = ""

    def covers(self, day: dt.date) -> bool:
        return self.since < day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Leg:
    """A limit of so many days after `start`; `extra` is what an extension added, in the unit."""

    start: dt.date
    days: int
    unit: Unit
    extra: int = 0
    stops: tuple[Stop, ...] = ()


def last_day(leg: Leg, calendar: Calendar) -> dt.date | None:
    """The last day of a leg; None while it stands still before its days have run out.

    Raises CalendarGap for working days in a year that is not loaded.
    """
    last = leg.start
    for counted in _days(leg, calendar):
        if counted is None:
            return None
        last = counted.day
    return last


def walk(leg: Leg, calendar: Calendar, *, until: dt.date) -> list[CountedDay]:
    """Every day after the start, counted or left out and why, up to the last day; of a leg that
    stands still, or runs into a year that is not loaded, up to `until` or that year.

    Raises CalendarGap when the first days already are in a year that is not loaded.
    """
    found: list[CountedDay] = []
    for counted in _days(leg, calendar, known_only=True):
        if counted is None:
            return found + _standing(found[-1].day if found else leg.start, until)
        found.append(counted)
    return found


def days_taken(leg: Leg, ended_on: dt.date, calendar: Calendar) -> int:
    """How many days counted from the start of a leg to the day on which it ended, whatever its limit.

    Raises CalendarGap for working days in a year that is not loaded.
    """
    days = (leg.start + DAY * n for n in range(1, (ended_on - leg.start).days + 1))
    standing = (day for day in days if not any(stop.covers(day) for stop in leg.stops))
    return sum(_judge(leg, day, calendar).counted for day in standing)


def _standing(since: dt.date, until: dt.date) -> list[CountedDay]:
    """The days after one, up to another, on which the clock stands."""
    days = (since + DAY * n for n in range(1, (until - since).days + 1))
    return [CountedDay(day, False, Why.STOPPED) for day in days]


def _days(leg: Leg, calendar: Calendar, *, known_only: bool = False) -> Iterator[CountedDay | None]:
    """The days of a leg in order; None, and the end, where a stop goes on without an end."""
    left, day = _to_count(leg), leg.start
    while left > 0:
        day += DAY
        stop = next((one for one in leg.stops if one.covers(day)), None)
        if stop is not None and stop.until is None:
            yield None
            return
        if stop is not None:
            yield CountedDay(day, False, Why.STOPPED)
            continue
        if known_only and leg.unit == Unit.WORKDAYS and day.year not in calendar.years:
            return
        counted = _judge(leg, day, calendar)
        left -= counted.counted
        yield counted


def _to_count(leg: Leg) -> int:
    """How many days count; months are as many days as they have when nothing stands still."""
    days = leg.days + leg.extra
    if days < 0:
        raise ValueError(f"{days} days: a limit runs forward.")
    if leg.unit == Unit.MONTHS:
        return (add_months(leg.start, days) - leg.start).days
    return days


def _judge(leg: Leg, day: dt.date, calendar: Calendar) -> CountedDay:
    if leg.unit == Unit.WORKDAYS:
        return judge(day, calendar)
    return CountedDay(day, True, Why.DAY)
