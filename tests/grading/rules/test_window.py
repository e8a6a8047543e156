"""Within one year: (reference date − 1 year, reference date]. Source: R30; gap 2."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.rules.window import is_leap_day, last_day_in_window, window_start


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("reference", "months", "start"),
    [
        ("2025-12-31", 12, "2024-12-31"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2025-02-28", 12, "2024-02-28"),
        ("2024-03-01", 12, "2023-03-01"),
        ("2025-03-31", 1, "2025-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2025-01-15", 1, "2024-12-15"),
        ("2025-06-30", 24, "2023-06-30"),
    ],
)
def test_window_start(reference, months, start):
    assert window_start(d(reference), months=months) == d(start)


@given(
    st.dates(dt.date(2001, 1, 1), dt.date(2090, 12, 31)).filter(lambda day: not is_leap_day(day))
)
def test_consecutive_years_neither_overlap_nor_leave_a_day_out(reference):
    following = reference.replace(year=reference.year + 1)
    assert window_start(following, months=12) == reference


@pytest.mark.parametrize(
    ("day", "leap"), [("2024-02-29", True), ("2024-02-28", False), ("2025-03-01", False)]
)
def test_is_leap_day(day, leap):
    assert is_leap_day(d(day)) is leap


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("2025-07-10", 12, "2026-07-09"),
        ("2025-01-01", 12, "2025-12-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-03-01", 12, "2024-02-29"),
        ("2023-02-28", 12, "2024-02-27"),
        ("2025-01-31", 1, "2025-02-28"),
    ],
)
def test_last_reference_date_that_counts_a_day(day: str, months: int, last: str) -> None:
    answer = last_day_in_window(dt.date.fromisoformat(day), months=months)
    assert answer.isoformat() == last


@pytest.mark.parametrize("months", [1, 3, 12, 24])
def test_last_day_is_the_last_whose_window_holds_it(months: int) -> None:
    for shift in range(800):
        day = dt.date(2022, 12, 1) + dt.timedelta(shift)
        last = last_day_in_window(day, months=months)
        after = last + dt.timedelta(1)
        assert window_start(last, months=months) < day <= last, day
        assert window_start(after, months=months) >= day, day
