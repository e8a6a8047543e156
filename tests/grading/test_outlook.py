"""What would become of a grade, case by case as an officer would tell them."""

import datetime as dt

import pytest
from django.utils import timezone

from grading.models import RunSchedule
from grading.outlook import outlook
from grading.services import published_scheme
from records.enums import MarkKind
from records.services import mark_record
from tests.factories.grading import OPERATOR, TODAY, County, code

A = code(1)
NEW_YEAR = dt.date(2026, 12, 31)


def rows(on: dt.date = TODAY) -> list[tuple[str, str, int, bool]]:
    """Date, grade, how many records leave, whether a run falls due."""
    found = outlook(A, scheme=published_scheme(), on=on, known_at=timezone.now())
    return [
        (row.on.isoformat(), row.rule.grade, len(row.leaving), row.is_reference_date)
        for row in found.rows
    ]


@pytest.fixture
def given(county: County) -> County:
    county.register([A])
    return county


def test_an_enterprise_without_records_stays_an_a(given: County) -> None:
    assert rows() == [("2026-03-02", "A", 0, False), ("2026-12-31", "A", 0, True)]


def test_one_general_record_leaves_a_year_after_its_day(given: County) -> None:
    given.give(A, "penalty_other", "2025-07-10")
    assert rows() == [
        ("2026-03-02", "B", 0, False),
        ("2026-07-10", "A", 1, False),
        ("2026-12-31", "A", 0, True),
    ]


def test_six_general_records_are_a_c_then_a_b_then_an_a(given: County) -> None:
    for day in ("2025-04-01", "2025-05-01", "2025-06-01", "2025-07-01", "2025-08-01"):
        given.give(A, "penalty_other", day)
    given.give(A, "tax_arrears", "2026-01-15")
    assert rows() == [
        ("2026-03-02", "C", 0, False),
        ("2026-04-01", "B", 1, False),
        ("2026-12-31", "B", 0, True),
        ("2027-01-15", "A", 1, False),
        ("2027-12-31", "A", 0, True),
    ]


def test_two_records_of_one_day_leave_together(given: County) -> None:
    given.give(A, "penalty_other", "2025-07-10")
    given.give(A, "breach_of_contract", "2025-07-10")
    assert rows()[1] == ("2026-07-10", "A", 2, False)


def test_a_severe_penalty_gives_way_to_the_general_ones_beside_it(given: County) -> None:
    given.give(A, "production_stopped", "2025-05-05")
    given.give(A, "penalty_other", "2025-09-09")
    assert rows() == [
        ("2026-03-02", "C", 0, False),
        ("2026-05-05", "B", 1, False),
        ("2026-09-09", "A", 1, False),
        ("2026-12-31", "A", 0, True),
    ]


def test_a_listing_does_not_pass_by_itself(given: County) -> None:
    given.give(A, "seriously_dishonest", "2019-05-05")
    assert rows() == [("2026-03-02", "C", 0, False), ("2026-12-31", "C", 0, True)]


def test_a_revoked_licence_does_not_pass_by_itself(given: County) -> None:
    given.give(A, "business_licence_revoked", "2015-05-05")
    assert rows() == [("2026-03-02", "D", 0, False), ("2026-12-31", "D", 0, True)]


def test_a_record_of_a_leap_day_leaves_after_the_last_of_february(given: County) -> None:
    given.give(A, "penalty_other", "2024-02-29")
    assert rows(on=dt.date(2025, 2, 1))[:2] == [
        ("2025-02-01", "B", 0, False),
        ("2025-03-01", "A", 1, False),
    ]


def test_a_record_of_28_february_leaves_on_28_february_of_the_leap_year(given: County) -> None:
    given.give(A, "penalty_other", "2023-02-28")
    assert rows(on=dt.date(2024, 2, 1))[1] == ("2024-02-28", "A", 1, False)


def test_what_is_withdrawn_or_repaired_does_not_leave_because_it_does_not_count(
    given: County,
) -> None:
    for kind in (MarkKind.WITHDRAWN, MarkKind.REPAIRED):
        record = given.give(A, "penalty_other", "2025-07-10")
        mark_record(by=OPERATOR, record_id=record.pk, kind=kind, since=TODAY, reason="复议撤销")
    assert rows() == [("2026-03-02", "A", 0, False), ("2026-12-31", "A", 0, True)]


def test_days_on_which_the_grade_stays_are_not_shown(given: County) -> None:
    given.give(A, "penalty_other", "2025-07-10")
    given.give(A, "penalty_other", "2025-08-10")
    found = outlook(A, scheme=published_scheme(), on=TODAY, known_at=timezone.now())
    assert [row.on.isoformat() for row in found.forecasts] == [
        "2026-03-02",
        "2026-07-10",
        "2026-08-10",
        "2026-12-31",
    ]
    assert [row.on.isoformat() for row in found.turns] == ["2026-08-10"]


def test_a_confirmed_consequence_keeps_the_c_until_its_record_leaves(given: County) -> None:
    record = given.give(A, "penalty_other", "2025-07-10", serious_claimed=True)
    given.give(A, "penalty_other", "2025-10-10")
    mark_record(
        by=OPERATOR, record_id=record.pk, kind=MarkKind.SERIOUS, since=TODAY, reason="造成停产"
    )
    assert rows()[:3] == [
        ("2026-03-02", "C", 0, False),
        ("2026-07-10", "B", 1, False),
        ("2026-10-10", "A", 1, False),
    ]


def test_quarterly_dates_are_reference_dates_too(given: County) -> None:
    RunSchedule.objects.create(kind="quarterly", month=3, day=31, since=dt.date(2026, 1, 1))
    assert rows() == [("2026-03-02", "A", 0, False), ("2026-03-31", "A", 0, True)]


def test_the_run_that_waits_for_late_information_is_the_next_one(given: County) -> None:
    """In January the run of 31 December is still to come, and counts what comes in late."""
    given.give(A, "penalty_other", "2025-12-20")
    assert rows(dt.date(2026, 1, 15))[:2] == [
        ("2025-12-31", "B", 0, True),
        ("2026-01-15", "B", 0, False),
    ]
    given.run()
    assert rows(dt.date(2026, 1, 15))[0] == ("2026-01-15", "B", 0, False)
    assert rows(dt.date(2026, 2, 15))[0] == ("2026-02-15", "B", 0, False)
