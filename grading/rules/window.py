"""Which days lie within one year of a reference date. Source: R30, 四(一); gap 2."""

from __future__ import annotations

import calendar
import datetime as dt

FIRST_REFERENCE_DATE = dt.date(2000, 1, 1)
"""No run looks further back. Default, no source."""


def window_start(reference: dt.date, *, months: int) -> dt.date:
    """The day after which a counting date lies in the window `(start, reference]`.

    The same day of the month, `months` earlier, or the month's last day where that month is
    shorter. Consecutive windows neither overlap nor leave a day out.

    >>> window_start(dt.date(2025, 12, 31), months=12)
    datetime.date(2024, 12, 31)
    """
    index = reference.year * 12 + reference.month - 1 - months
    year, month = divmod(index, 12)
    day = min(reference.day, calendar.monthrange(year, month + 1)[1])
    return dt.date(year, month + 1, day)


def is_leap_day(day: dt.date) -> bool:
    """29 February is no reference date of an annual or quarterly run: it has no yearly twin."""
    return (day.month, day.day) == (2, 29)


def last_day_in_window(day: dt.date, *, months: int) -> dt.date:
    """The last reference date whose window still holds a counting date.

    >>> last_day_in_window(dt.date(2025, 3, 1), months=12)
    datetime.date(2026, 2, 28)
    >>> last_day_in_window(dt.date(2024, 2, 29), months=12)
    datetime.date(2025, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    reference = dt.date(year, month + 1, min(day.day, last))
    while window_start(reference, months=months) >= day:
        reference -= dt.timedelta(days=1)
    return reference
