import datetime as dt

import pytest

from tests.factories.workdays import plain_calendar
from workdays.enums import Unit
from workdays.rules import Calendar, CalendarGap, due_on

NOTHING_LOADED = Calendar(frozenset(), frozenset(), frozenset())


def test_working_days_are_counted_in_the_calendar():
    due = due_on(dt.date(2026, 3, 6), 3, Unit.WORKDAYS, plain_calendar(2026))
    assert due == dt.date(2026, 3, 11)


def test_plain_days_need_no_calendar():
    assert due_on(dt.date(2026, 12, 25), 15, Unit.DAYS, NOTHING_LOADED) == dt.date(2027, 1, 9)


def test_working_days_without_a_calendar_are_a_gap():
    with pytest.raises(CalendarGap):
        due_on(dt.date(2026, 3, 6), 3, Unit.WORKDAYS, NOTHING_LOADED)


def test_unit_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="weeks"):
        due_on(dt.date(2026, 3, 6), 3, "weeks", NOTHING_LOADED)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-05-04", 3, "2026-08-04"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-31", 36, "2029-12-31"),
        ("2026-05-04", 0, "2026-05-04"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start, months, last):
    due = due_on(dt.date.fromisoformat(start), months, Unit.MONTHS, NOTHING_LOADED)
    assert due == dt.date.fromisoformat(last)
