"""The last day of a limit."""

import datetime as dt
from calendar import monthrange

from workdays.enums import Unit
from workdays.rules.calendar import Calendar, add_workdays


def due_on(start: dt.date, days: int, unit: Unit, calendar: Calendar) -> dt.date:
    """The last day of a limit that starts with an event on `start`, that day not counted.

    A limit in plain days or months needs no calendar and ends on any day of the week; a month that
    has no such day ends on its last: Default, no source. Raises CalendarGap for working days in a
    year that is not loaded.
    """
    match Unit(unit):
        case Unit.WORKDAYS:
            return add_workdays(start, days, calendar)
        case Unit.DAYS:
            return start + dt.timedelta(days=days)
        case Unit.MONTHS:
            return add_months(start, days)


def add_months(start: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month.

    >>> add_months(dt.date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(start.day, last))
