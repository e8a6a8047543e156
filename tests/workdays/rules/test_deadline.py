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
