"""Days of every year on which a run falls due. Source: R31, R33."""

import datetime as dt

import pytest

from grading.rules.cycle import Cycle, coming

YEARLY = Cycle(12, 31, dt.date(2022, 6, 30))
JUNE = Cycle(6, 30, dt.date(2022, 1, 1))
FROM_2026 = Cycle(3, 31, dt.date(2026, 1, 1))
TO_2026 = Cycle(12, 31, dt.date(2022, 1, 1), dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("cycles", "after", "until", "expected"),
    [
        ([], "2025-06-01", "2026-06-01", []),
        ([YEARLY], "2025-06-01", "2025-06-01", ["2025-12-31"]),
        ([YEARLY], "2025-12-31", "2025-12-31", ["2026-12-31"]),
        ([YEARLY], "2025-12-30", "2026-01-01", ["2025-12-31", "2026-12-31"]),
        ([YEARLY], "2025-06-01", "2025-12-31", ["2025-12-31"]),
        ([FROM_2026], "2025-01-01", "2025-02-01", ["2026-03-31"]),
        ([TO_2026], "2025-06-01", "2027-01-01", ["2025-12-31"]),
        ([YEARLY, JUNE], "2025-06-30", "2026-07-01", ["2025-12-31", "2026-06-30", "2026-12-31"]),
    ],
)
def test_coming_reference_dates(cycles, after, until, expected) -> None:
    found = coming(cycles, after=dt.date.fromisoformat(after), until=dt.date.fromisoformat(until))
    assert sorted(day.isoformat() for day in found) == expected


@pytest.mark.parametrize(
    ("cycle", "on", "expected"),
    [
        (YEARLY, "2026-12-31", "2025-12-31"),
        (YEARLY, "2027-01-01", "2026-12-31"),
        (YEARLY, "2022-06-30", None),
        (TO_2026, "2026-03-01", "2025-12-31"),
        (TO_2026, "2027-01-01", None),
        (FROM_2026, "2026-03-31", None),
        (FROM_2026, "2026-04-01", "2026-03-31"),
    ],
)
def test_the_newest_reference_date(cycle, on, expected) -> None:
    found = cycle.newest_before(dt.date.fromisoformat(on))
    assert (found and found.isoformat()) == expected
