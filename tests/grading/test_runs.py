"""Runs against the policy clause by clause, and against the oracle on random histories."""

import datetime as dt
import random

import pytest

from grading import services
from grading.models import Rating
from grading.replay import verify_current, verify_run
from records import services as records
from records.models import Mark, Record
from roster.models import Enterprise
from roster.services import register_enterprise
from tests.factories.grading import OPERATOR, REFERENCE, TODAY, code
from tests.grading import oracle

YEAR_AGO = "2024-12-31"
INSIDE = "2025-01-01"


def grade_of(run, enterprise: str) -> str:
    return Rating.objects.get(part__run=run, enterprise=enterprise, correction=None).grade


@pytest.mark.parametrize(
    ("decided_on", "grade"),
    [
        ("2024-12-30", "A"),
        ("2024-12-31", "A"),
        ("2025-01-01", "B"),
        ("2025-12-30", "B"),
        ("2025-12-31", "B"),
        ("2026-01-01", "A"),
    ],
)
def test_general_record_counts_within_the_year_to_the_day(county, decided_on, grade):
    """R30, 四(一): the day before, on and after each edge."""
    county.register([code(1)])
    county.give(code(1), "penalty_other", decided_on)
    assert grade_of(county.run(), code(1)) == grade


@pytest.mark.parametrize(
    ("reference", "decided_on", "grade"),
    [
        ("2024-02-28", "2023-02-28", "A"),
        ("2024-02-28", "2023-03-01", "B"),
        ("2025-02-28", "2024-02-28", "A"),
        ("2025-02-28", "2024-02-29", "B"),
    ],
)
def test_the_year_is_a_calendar_year_in_leap_years(county, reference, decided_on, grade):
    county.register([code(1)])
    county.give(code(1), "penalty_other", decided_on)
    assert grade_of(county.run(dt.date.fromisoformat(reference)), code(1)) == grade


@pytest.mark.parametrize(("count", "grade"), [(0, "A"), (1, "B"), (5, "B"), (6, "C")])
def test_number_of_general_records(county, count, grade):
    """R34–R36: 0, 1, 5 (含5次) and 6."""
    county.register([code(1)])
    for _ in range(count):
        county.give(code(1), "penalty_other", INSIDE)
    assert grade_of(county.run(), code(1)) == grade


@pytest.mark.parametrize("kind", sorted(oracle.SEVERE))
def test_each_severe_measure_within_the_year_gives_c(county, kind):
    """R36, 四(三): the seven measures."""
    county.register([code(1), code(2)])
    county.give(code(1), kind, INSIDE)
    county.give(code(2), kind, YEAR_AGO)
    run = county.run()
    assert (grade_of(run, code(1)), grade_of(run, code(2))) == ("C", "A")


@pytest.mark.parametrize("kind", sorted(oracle.GENERAL))
def test_each_general_kind_gives_b(county, kind):
    """R22, R35."""
    county.register([code(1)])
    county.give(code(1), kind, INSIDE)
    assert grade_of(county.run(), code(1)) == "B"


@pytest.mark.parametrize("kind", ["registration_change", "corrective_order"])
def test_kinds_outside_the_scheme_do_not_count(county, kind):
    county.register([code(1)])
    county.give(code(1), kind, INSIDE)
    assert grade_of(county.run(), code(1)) == "A"


@pytest.mark.parametrize(
    ("removed_on", "grade"),
    [(None, "C"), ("2025-12-30", "A"), ("2025-12-31", "A"), ("2026-01-01", "C")],
)
def test_severe_list_is_a_state_of_any_age(county, removed_on, grade):
    """R36: listed in 2015 and not removed; removed the day before, on the day, the day after."""
    county.register([code(1)])
    ended = removed_on and dt.date.fromisoformat(removed_on)
    county.give(code(1), "seriously_dishonest", "2015-06-01", ended_on=ended)
    assert grade_of(county.run(), code(1)) == grade


@pytest.mark.parametrize(
    ("kind", "ended_on", "grade"),
    [
        ("judgment", None, "B"),
        ("judgment", "2025-12-01", "A"),
        ("abnormal_operation", "2025-12-01", "B"),
    ],
)
def test_judgments_count_while_unperformed_other_states_by_their_listing(
    county, kind, ended_on, grade
):
    county.register([code(1)])
    ended = ended_on and dt.date.fromisoformat(ended_on)
    county.give(code(1), kind, "2025-06-01", ended_on=ended)
    assert grade_of(county.run(), code(1)) == grade


def test_other_licence_gives_c_and_business_licence_d(county):
    """R36–R37: 吊销许可证件不含吊销营业执照."""
    county.register([code(1), code(2)])
    county.register([code(3)], status="2", status_on=dt.date(2019, 5, 1))
    county.give(code(1), "licence_revoked", "2025-06-01")
    county.give(code(2), "business_licence_revoked", "2012-06-01")
    run = county.run()
    assert [grade_of(run, code(number)) for number in (1, 2, 3)] == ["C", "D", "D"]


def test_licence_revoked_after_the_reference_date_is_not_yet_d(county):
    county.register([code(1)], status="2", status_on=dt.date(2026, 1, 1))
    assert grade_of(county.run(), code(1)) == "A"


def test_serious_consequence_needs_a_confirmation(county):
    """Gap 1: B and awaiting until a named person confirms, then C."""
    county.register([code(1)])
    record = county.give(code(1), "penalty_other", INSIDE, serious_claimed=True)
    first = county.run()
    rating = Rating.objects.select_related("verdict").get(part__run=first)
    assert (rating.grade, rating.verdict.rule) == ("B", "awaiting_confirmation")
    services.ask_withdrawal(by=county.clerk, part_id=county.part(first).pk, reason="待认定")
    services.withdraw_part(by=county.approver, part_id=county.part(first).pk)
    records.mark_record(
        by=OPERATOR, record_id=record.pk, kind="serious", since=TODAY, reason="致人伤亡"
    )
    assert grade_of(county.run(), code(1)) == "C"


def test_only_enterprises_on_the_roster_on_the_reference_date_are_graded(county):
    """R38; registered later: not yet graded. R19: deregistered before: left."""
    county.register([code(1)])
    county.register([code(2)], established_on=dt.date(2026, 1, 1))
    county.register([code(3)], established_on=REFERENCE)
    county.register([code(4)], status="4", status_on=dt.date(2025, 1, 1))
    run = county.run()
    assert sorted(
        Rating.objects.filter(part__run=run).values_list("enterprise_id", flat=True)
    ) == sorted([code(1), code(3)])


KINDS = [*sorted(oracle.GENERAL), *sorted(oracle.SEVERE), *sorted(oracle.LISTS),
         "business_licence_revoked", "corrective_order", "registration_change"]  # fmt: skip
EDGES = [dt.date(2024, 12, 30), dt.date(2024, 12, 31), dt.date(2025, 1, 1),
         dt.date(2025, 6, 15), dt.date(2025, 12, 31), dt.date(2026, 1, 1)]  # fmt: skip


def random_history(county, chance: random.Random, codes: list[str]) -> None:
    """Give, correct, retract and mark at random."""
    for _ in range(len(codes) * 4):
        decided_on = chance.choice(EDGES)
        ended_on = chance.choice([None, None, REFERENCE, TODAY])
        county.give(
            chance.choice(codes),
            chance.choice(KINDS),
            decided_on.isoformat(),
            ended_on=ended_on if ended_on and ended_on >= decided_on else None,
            serious_claimed=chance.random() < 0.2,
        )
    shake(chance, share=0.3)


def shake(chance: random.Random, *, share: float) -> None:
    """Change a share of the live records in every way there is."""
    live = list(Record.objects.live().order_by("pk"))
    for record in chance.sample(live, int(len(live) * share)):
        act = chance.choice(["correct", "retract", "withdrawn", "repaired", "serious", "disputed"])
        if act == "correct":
            records.replace_record(
                by=OPERATOR, record_id=record.pk, reason="误录", on=TODAY,
                changes={"kind_id": chance.choice(KINDS), "decided_on": chance.choice(EDGES),
                         "ended_on": None},
            )  # fmt: skip
        elif act == "retract":
            records.retract_record(by=OPERATOR, record_id=record.pk, reason="不应登记")
        elif not Mark.objects.live().filter(record=record, kind=act).exists():
            records.mark_record(
                by=OPERATOR, record_id=record.pk, kind=act, since=TODAY, reason="标注"
            )


@pytest.mark.parametrize("seed", range(6))
def test_set_based_run_agrees_with_the_oracle_and_can_be_replayed(county, seed):
    """Random histories; the same grades row by row; the same digest after later changes."""
    chance = random.Random(seed)
    codes = [code(number) for number in range(1, 31)]
    county.register(codes[:20])
    county.register(codes[20:25], status="2", status_on=chance.choice(EDGES))
    county.register(codes[25:], established_on=chance.choice(EDGES))
    random_history(county, chance, codes)
    run = county.run()
    expected = oracle.grades(run)
    assert (
        dict(Rating.objects.filter(part__run=run).values_list("enterprise_id", "grade")) == expected
    )
    assert len(expected) >= 20
    shake(chance, share=0.5)
    assert verify_run(run).ok
    assert oracle.grades(run) == expected
    county.publish(run)
    assert (verify_run(run).ok, verify_current().ok) == (True, True)


def test_run_of_another_known_instant_gives_another_digest(county):
    county.register([code(1)])
    first = county.run()
    county.publish(first)
    county.give(code(1), "penalty_other", INSIDE)
    second = county.run()
    assert first.digest != second.digest


def test_a_state_given_without_a_date_holds_from_the_day_it_was_told(county):
    """A revocation told in March 2026 without a date says nothing about December 2025."""
    county.register([code(1)], status="7", status_on=dt.date(2023, 1, 1))
    register_enterprise(
        by=county.clerk, code=code(1), given={"status": "2"}, source="手工", on=TODAY, version=1
    )
    assert Enterprise.objects.get(pk=code(1)).status_on is None
    assert grade_of(county.run(), code(1)) == "A"
