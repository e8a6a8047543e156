"""The last day of a limit."""

import datetime as dt

from workdays.enums import Unit
from workdays.rules.calendar import Calendar, add_workdays


def due_on(start: dt.date, days: int, unit: Unit, calendar: Calendar) -> dt.date:
    """The last day of a limit that starts with an event on `start`, that day not counted.

    A limit in plain days needs no calendar and ends on any day of the week: Default,
    no source. Raises CalendarGap for working days in a year that is not loaded.
    """
    match Unit(unit):
        case Unit.WORKDAYS:
            return add_workdays(start, days, calendar)
        case Unit.DAYS:
            return start + dt.timedelta(days=days)
