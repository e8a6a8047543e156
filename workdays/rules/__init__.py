"""Working days and deadlines. Plain Python: the calendar is passed in."""

from workdays.rules.calendar import (
    Calendar,
    CalendarGap,
    CountedDay,
    add_workdays,
    count_days,
    is_workday,
    judge,
    workdays_between,
)
from workdays.rules.deadline import due_on

__all__ = [
    "Calendar",
    "CalendarGap",
    "CountedDay",
    "add_workdays",
    "count_days",
    "due_on",
    "is_workday",
    "judge",
    "workdays_between",
]
