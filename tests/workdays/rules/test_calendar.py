import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.workdays import plain_calendar, published_calendar, table_rows
from workdays.enums import Why
from workdays.rules import (
    CalendarGap,
    CountedDay,
    add_workdays,
    count_days,
    is_workday,
    judge,
    workdays_between,
)

PUBLISHED = published_calendar()
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2026, 12, 31)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def oracle_workdays() -> list[dt.date]:
    """Every working day of the published years, read off the table and nothing else."""
    named = {row["date"]: row["kind"] for row in table_rows()}
    days = (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    ordinary = {True: "班", False: "休"}
    return [one for one in days if named.get(str(one), ordinary[one.isoweekday() <= 5]) == "班"]


ORACLE = oracle_workdays()


@pytest.mark.parametrize(
    ("date", "counted", "why"),
    [
        ("2026-03-06", True, Why.WORKDAY),
        ("2026-03-07", False, Why.WEEKEND),
        ("2025-10-01", False, Why.HOLIDAY),
        ("2025-10-04", False, Why.HOLIDAY),  # a Saturday inside the holiday
        ("2025-10-11", True, Why.MAKE_UP),  # a Saturday worked for it
        ("2024-02-04", True, Why.MAKE_UP),  # a Sunday before the Spring Festival
        ("2024-02-29", True, Why.WORKDAY),
    ],
)
def test_judge_says_whether_and_why(date, counted, why):
    assert judge(day(date), PUBLISHED) == CountedDay(day(date), counted, why)


@pytest.mark.parametrize(
    ("start", "days", "expected", "case"),
    [
        ("2026-03-02", 0, "2026-03-02", "nothing to count: the day itself"),
        ("2026-03-07", 0, "2026-03-07", "also when it is a Saturday"),
        ("2026-03-02", 1, "2026-03-03", "the day of the event is not counted"),
        ("2026-03-06", 1, "2026-03-09", "over a weekend"),
        ("2026-03-07", 1, "2026-03-09", "an event on a Saturday"),
        ("2026-03-02", 10, "2026-03-16", "R18: ten working days, two weekends"),
        ("2025-09-30", 1, "2025-10-09", "over the National Day holiday"),
        ("2025-09-30", 3, "2025-10-11", "the make-up Saturday counts"),
        ("2024-02-08", 1, "2024-02-09", "2024: 30 December of the old calendar was no day off"),
        ("2024-02-09", 1, "2024-02-18", "the make-up Sunday counts"),
        ("2024-12-31", 1, "2025-01-02", "over the turn of the year"),
        ("2024-02-28", 1, "2024-02-29", "29 February is a day like others"),
    ],
)
def test_add_workdays(start, days, expected, case):
    assert add_workdays(day(start), days, PUBLISHED) == day(expected), case


def test_count_days_shows_each_day_counted_or_skipped():
    counted = [(str(one.day), one.why) for one in count_days(day("2025-10-08"), 3, PUBLISHED)]
    assert counted == [
        ("2025-10-09", Why.WORKDAY),
        ("2025-10-10", Why.WORKDAY),
        ("2025-10-11", Why.MAKE_UP),
    ]


def test_count_days_shows_what_was_skipped():
    skipped = [
        one.day.day for one in count_days(day("2025-04-30"), 1, PUBLISHED) if not one.counted
    ]
    assert skipped == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("date", ["2021-12-31", "2027-01-01", "1999-06-01"])
def test_day_of_a_year_not_loaded_is_asked_for_never_guessed(date):
    with pytest.raises(CalendarGap) as gap:
        is_workday(day(date), PUBLISHED)
    assert gap.value.values == {"year": day(date).year}


def test_limit_that_runs_into_a_year_not_loaded_is_a_gap():
    assert add_workdays(day("2026-12-30"), 1, PUBLISHED) == day("2026-12-31")
    with pytest.raises(CalendarGap) as gap:
        add_workdays(day("2026-12-30"), 2, PUBLISHED)
    assert gap.value.code == "workdays.calendar_gap"
    assert gap.value.year == 2027


def test_gap_in_the_middle_is_not_jumped_over():
    with pytest.raises(CalendarGap):
        add_workdays(dt.date(2030, 12, 30), 300, plain_calendar(2030, 2032))


def test_negative_number_of_days_is_refused():
    with pytest.raises(ValueError, match="runs forward"):
        add_workdays(FIRST, -1, PUBLISHED)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-02", "2026-02-02", 0),
        ("2026-03-06", "2026-03-09", 1),
        ("2025-09-30", "2025-10-11", 3),
    ],
)
def test_workdays_between(start, end, expected):
    assert workdays_between(day(start), day(end), PUBLISHED) == expected


def test_every_day_of_the_published_years_is_as_the_table_says():
    days = (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    assert [one for one in days if is_workday(one, PUBLISHED)] == ORACLE


@given(start=st.dates(FIRST, dt.date(2026, 9, 30)), days=st.integers(1, 40))
def test_add_workdays_agrees_with_the_table(start, days):
    later = [one for one in ORACLE if one > start]
    assert add_workdays(start, days, PUBLISHED) == later[days - 1]


@given(start=st.dates(FIRST, dt.date(2026, 9, 30)), days=st.integers(0, 40))
def test_between_counts_what_add_added(start, days):
    assert workdays_between(start, add_workdays(start, days, PUBLISHED), PUBLISHED) == days
