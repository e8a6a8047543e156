"""Within one year: (reference date − 1 year, reference date]. Source: R30; gap 2."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.rules.window import is_leap_day, window_start


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
