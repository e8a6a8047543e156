"""Which days are working days. Days the notices do not name follow the week."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from audit.errors import Refused
from workdays.enums import Why

SATURDAY = 5


class CalendarGap(Refused):
    """A year whose calendar is not loaded; it is asked for, never guessed."""

    def __init__(self, year: int) -> None:
        super().__init__("workdays.calendar_gap", year=year)
        self.year = year


@dataclass(frozen=True)
class Calendar:
    """Loaded years, with their days off and their make-up working days."""

    years: frozenset[int]
    off: frozenset[dt.date]
    make_up: frozenset[dt.date]


@dataclass(frozen=True)
class CountedDay:
    day: dt.date
    counted: bool
    why: Why


def judge(day: dt.date, calendar: Calendar) -> CountedDay:
    """Whether a day is a working day, and why.

    Raises CalendarGap when the year of the day is not loaded.
    Source: domain-facts §5, working days follow the State Council's calendar.
    """
    if day.year not in calendar.years:
        raise CalendarGap(day.year)
    if day in calendar.make_up:
        return CountedDay(day, True, Why.MAKE_UP)
    if day in calendar.off:
        return CountedDay(day, False, Why.HOLIDAY)
    if day.weekday() >= SATURDAY:
        return CountedDay(day, False, Why.WEEKEND)
    return CountedDay(day, True, Why.WORKDAY)


def is_workday(day: dt.date, calendar: Calendar) -> bool:
    """Whether a day is a working day. Raises CalendarGap."""
    return judge(day, calendar).counted


def count_days(start: dt.date, days: int, calendar: Calendar) -> Iterator[CountedDay]:
    """Every day after `start` up to the working day number `days`, counted or skipped.

    The day of the event itself is not counted. Raises CalendarGap, and ValueError
    for a negative number.
    """
    if days < 0:
        raise ValueError(f"{days} working days: a limit runs forward.")
    day, left = start, days
    while left:
        day += dt.timedelta(days=1)
        judged = judge(day, calendar)
        left -= judged.counted
        yield judged


def add_workdays(start: dt.date, days: int, calendar: Calendar) -> dt.date:
    """The last day of a limit of `days` working days after `start`; 0 is the day itself.

    >>> week = Calendar(frozenset({2026}), frozenset(), frozenset())
    >>> add_workdays(dt.date(2026, 3, 6), 1, week)  # from a Friday
    datetime.date(2026, 3, 9)

    Raises CalendarGap when the count runs into a year that is not loaded.
    """
    last = start
    for judged in count_days(start, days, calendar):
        last = judged.day
    return last


def workdays_between(start: dt.date, end: dt.date, calendar: Calendar) -> int:
    """Working days after `start` up to and including `end`; 0 when `end` is not later."""
    days = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_workday(day, calendar) for day in days)
