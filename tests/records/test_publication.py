"""How long a record is published, by the rules of the day of its decision. Domain facts 3."""

import datetime as dt

import pytest

from records.publication import publication_of
from tests.factories.grading import County, code, load_reference


@pytest.fixture
def county(db) -> County:
    load_reference()
    return County.make()


@pytest.mark.parametrize(
    ("kind", "measures", "decided_on", "least_until", "until"),
    [
        ("penalty_other", "警告", "2026-05-04", "2026-05-04", "2026-08-04"),
        ("penalty_other", "罚款", "2026-05-04", "2026-08-04", "2027-05-04"),
        ("penalty_other", "罚款", "2026-03-31", "2026-06-30", "2029-03-31"),
        ("penalty_other", "罚款", "2026-04-01", "2026-07-01", "2027-04-01"),
        ("licence_revoked", "吊销许可证件", "2024-02-29", "2025-02-28", "2027-02-28"),
        ("licence_suspended", "暂扣许可证件", "2026-11-30", "2027-02-28", "2027-11-30"),
    ],
)
def test_publication_by_class_and_day(county, kind, measures, decided_on, least_until, until):
    county.register([code(1)])
    record = county.give(code(1), kind, decided_on, measures=measures)

    found = publication_of(record)

    assert found.least_until == dt.date.fromisoformat(least_until)
    assert found.until == dt.date.fromisoformat(until)


@pytest.mark.parametrize(
    ("given", "until"), [("2026-09-01", "2026-09-01"), ("2031-01-01", "2027-05-04")]
)
def test_end_that_was_given_shortens_and_never_lengthens(county, given, until):
    county.register([code(1)])
    record = county.give(
        code(1), "penalty_other", "2026-05-04", measures="罚款",
        publication_until=dt.date.fromisoformat(given),
    )  # fmt: skip

    assert publication_of(record).until == dt.date.fromisoformat(until)
