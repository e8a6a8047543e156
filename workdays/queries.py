"""What is loaded, and what is missing."""

import datetime as dt

from audit.errors import Refused
from workdays.enums import DayKind, Unit
from workdays.models import CalendarDay, CalendarYear, Limit
from workdays.rules import Calendar, due_on

LOOK_AHEAD = dt.timedelta(days=60)  # the longest limit is 20 working days; Default, no source


class LimitGap(Refused):
    """No limit of this code is in force on the day."""

    def __init__(self, code: str, on: dt.date) -> None:
        super().__init__("workdays.limit_gap", limit=code, on=on)


def loaded_calendar() -> Calendar:
    """All loaded years, in two queries. Take it once and pass it on."""
    days: dict[str, set[dt.date]] = {kind: set() for kind in DayKind.values}
    for day, kind in CalendarDay.objects.values_list("date", "kind"):
        days[kind].add(day)
    return Calendar(
        years=frozenset(CalendarYear.objects.values_list("year", flat=True)),
        off=frozenset(days[DayKind.OFF]),
        make_up=frozenset(days[DayKind.MAKE_UP]),
    )


def missing_years(today: dt.date) -> list[int]:
    """Years a deadline that starts today may reach and whose calendar is not loaded.

    The coming year is asked for from the beginning of November, when its notice is due.
    """
    reached = {today.year, (today + LOOK_AHEAD).year}
    return sorted(reached - set(CalendarYear.objects.values_list("year", flat=True)))


def limit(code: str, *, on: dt.date) -> Limit:
    """The limit in force on a day. Raises LimitGap."""
    found = Limit.objects.effective_on(on).filter(code=code).first()
    if found is None:
        raise LimitGap(code, on)
    return found


class Limits:
    """Every dated limit whose code begins so, read once: for many days `limit` would ask for each."""

    def __init__(self, prefix: str = "") -> None:
        self._rows = list(Limit.objects.filter(code__startswith=prefix))

    def on(self, code: str, day: dt.date) -> Limit:
        """The limit in force on a day. Raises LimitGap."""
        for one in self._rows:
            begun = one.since is None or one.since <= day
            if one.code == code and begun and (one.until is None or day < one.until):
                return one
        raise LimitGap(code, day)


def deadline(code: str, *, start: dt.date, calendar: Calendar | None = None) -> dt.date:
    """The last day of the limit in force when the event happened.

    Raises LimitGap, CalendarGap.
    """
    found = limit(code, on=start)
    return due_on(start, found.days, Unit(found.unit), calendar or loaded_calendar())
