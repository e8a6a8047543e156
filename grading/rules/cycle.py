"""Reference dates that come round every year. Source: R31, R33, 四(二)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

DAYS_EVERY_YEAR = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30,
                   7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}  # fmt: skip
"""The days of each month that every year has; 29 February is no reference date."""


@dataclass(frozen=True)
class Cycle:
    """A day of every year, from `since` to before `until`."""

    month: int
    day: int
    since: dt.date
    until: dt.date | None = None

    def date_in(self, year: int) -> dt.date | None:
        """The reference date of a year; None where the cycle does not hold on it."""
        day = dt.date(year, self.month, self.day)
        holds = self.since <= day and (self.until is None or day < self.until)
        return day if holds else None

    def newest_before(self, on: dt.date) -> dt.date | None:
        """The reference date within the year before a day; also of a cycle ended since then.

        >>> Cycle(12, 31, dt.date(2022, 6, 30), dt.date(2026, 1, 1)).newest_before(
        ...     dt.date(2026, 3, 1))
        datetime.date(2025, 12, 31)
        """
        year = on.year if (self.month, self.day) < (on.month, on.day) else on.year - 1
        return self.date_in(year)


def coming(cycles: Iterable[Cycle], *, after: dt.date, until: dt.date) -> set[dt.date]:
    """Reference dates later than `after`, up to the first that is not before `until`.

    >>> sorted(coming([Cycle(12, 31, dt.date(2022, 1, 1))],
    ...     after=dt.date(2025, 6, 1), until=dt.date(2026, 2, 1)))
    [datetime.date(2025, 12, 31), datetime.date(2026, 12, 31)]
    """
    years = range(after.year, max(after, until).year + 2)
    found = {cycle.date_in(year) for cycle in cycles for year in years}
    days = sorted(day for day in found if day is not None and day > after)
    last = next((day for day in days if day >= until), None)
    return {day for day in days if last is None or day <= last}
