"""What a decision does to records and to the grade, in one act. Source: R29; design ideas 3 and 4."""

import datetime as dt

import pytest

from audit.models import Event
from audit.refusal import Refused
from grading import corrections, regrading
from grading.enums import Settlement
from grading.replay import verify_current, verify_run
from grading.rules.verdict import Facts
from grading.settling import (
    Settled,
    Standing,
    effect_of_settling,
    lift_disputes,
    mark_disputed,
    settle,
)
from records import services as records
from records.enums import MarkKind
from records.models import Mark, Record
from roster.enums import Status
from roster.models import Enterprise
from tests.factories.grading import OPERATOR, TODAY, code

INSIDE = "2025-06-01"
NOTHING = Standing()
CASE = "冀信异〔2026〕130102-0001"


@pytest.fixture
def graded(county):
    """One enterprise that is C by a revoked licence and one fine; published."""
    county.register([code(1), code(2)])
    county.severe = county.give(code(1), "licence_revoked", INSIDE)
    county.fine = county.give(code(1), "penalty_other", INSIDE)
    county.publish(county.run())
    return county


def current(enterprise: str = code(1)) -> str:
    return regrading.current_rating(enterprise).grade


def decided(county, outcome, record=None, standing=NOTHING, **values):
    one = [Settled((record or county.severe).pk, outcome, **values)] if outcome else []
    return settle(
        by=county.approver, code=code(1), settled=one, standing=standing, reason="经核查属实",
        reference=CASE, on=TODAY,
    )  # fmt: skip


def live(record: Record) -> Record | None:
    return Record.objects.live().filter(identity=record.identity, enterprise=code(1)).first()


@pytest.mark.parametrize(
    ("outcome", "changes", "after"),
    [
        (Settlement.DELETE, {}, "B"),
        (Settlement.CORRECT, {"kind_id": "penalty_other"}, "B"),
        (Settlement.COMPLETE, {"conduct": "未按期年报"}, "C"),
        (Settlement.END_PUBLICATION, {}, "C"),
        (Settlement.REPAIR, {}, "B"),
        (Settlement.KEEP, {}, "C"),
    ],
)
def test_outcome_and_the_grade_that_follows(graded, outcome, changes, after):
    effect = decided(graded, outcome, changes=changes)

    assert (effect.before, effect.after) == ("C", after)
    assert current() == after
    assert verify_current().ok
    assert verify_run(graded_run(graded)).ok


def graded_run(county):
    return regrading.current_rating(code(2)).part.run


def test_decision_is_one_event_and_says_what_it_did(graded):
    events = Event.objects.count()

    decided(graded, Settlement.DELETE)

    assert Event.objects.count() == events + 1
    event = Event.objects.latest("number")
    assert event.act == "grading.settled"
    assert CASE in regrading.current_rating(code(1)).correction.cause


def test_repaired_record_stays_marked_and_is_no_longer_published(graded):
    decided(graded, Settlement.REPAIR)

    record = live(graded.severe)
    mark = Mark.objects.live().get(record=record)
    assert (mark.kind, mark.reference) == (MarkKind.REPAIRED, CASE)
    assert record.publication_until == TODAY


def test_publication_that_has_ended_already_is_left_as_it_is(graded):
    ended = graded.give(
        code(1), "penalty_other", "2025-01-02", publication_until=dt.date(2025, 5, 1)
    )

    decided(graded, Settlement.END_PUBLICATION, ended)

    assert live(ended).pk == ended.pk


@pytest.mark.parametrize(
    "outcome", [Settlement.KEEP, Settlement.REPAIR, Settlement.END_PUBLICATION]
)
def test_mark_of_the_dispute_goes_whatever_is_decided(graded, outcome):
    mark_disputed(
        by=graded.clerk,
        code=code(1),
        record_ids=[graded.severe.pk],
        reference=CASE,
        reason="正在核查",
        on=TODAY,
    )

    decided(graded, outcome)

    assert not Mark.objects.live().filter(kind=MarkKind.DISPUTED).exists()
    assert Mark.objects.filter(kind=MarkKind.DISPUTED, reference=CASE).exists()


def test_dispute_is_marked_once_and_changes_no_grade(graded):
    for _again in range(2):
        mark_disputed(
            by=graded.clerk, code=code(1), record_ids=[graded.severe.pk, graded.fine.pk],
            reference=CASE, reason="正在核查", on=TODAY,
        )  # fmt: skip

    assert Mark.objects.filter(kind=MarkKind.DISPUTED).count() == 2
    assert current() == "C"
    assert Facts.parse(regrading.current_rating(code(1)).verdict.facts).disputed
    assert verify_current().ok


@pytest.mark.parametrize(
    ("reference", "stays"), [(CASE, False), ("冀信异〔2026〕130102-0002", True)]
)
def test_case_that_ends_undecided_takes_its_own_marks_with_it(graded, reference, stays):
    mark_disputed(
        by=graded.clerk, code=code(1), record_ids=[graded.severe.pk], reference=CASE,
        reason="正在核查", on=TODAY,
    )  # fmt: skip

    lift_disputes(
        by=graded.clerk, code=code(1), record_ids=[graded.severe.pk], reference=reference,
        reason="撤回申请",
    )  # fmt: skip

    assert Mark.objects.live().filter(kind=MarkKind.DISPUTED).exists() == stays
    assert Facts.parse(regrading.current_rating(code(1)).verdict.facts).disputed == stays
    assert verify_current().ok


def test_removal_from_a_list_ends_the_state(county):
    county.register([code(1)])
    listing = county.give(code(1), "seriously_dishonest", "2023-05-04")
    county.publish(county.run())

    effect = decided(county, Settlement.REMOVE, listing, ended_on=dt.date(2025, 12, 1))

    assert (effect.before, effect.after) == ("C", "A")
    assert live(listing).ended_on == dt.date(2025, 12, 1)


def test_what_came_after_the_published_run_does_not_enter_by_a_decision(graded):
    for n in range(6):
        graded.give(code(1), "penalty_other", f"2025-07-0{n + 1}")

    effect = decided(graded, Settlement.DELETE)

    assert (effect.before, effect.after) == ("C", "B")


def test_decision_survives_a_run_that_was_computed_before_it(graded):
    run = graded.run(dt.date(2026, 3, 31), kind="quarterly")
    decided(graded, Settlement.DELETE)

    graded.publish(run)

    assert current() == "B"
    assert verify_current().ok


def test_effect_is_told_and_nothing_is_written(graded):
    before = Record.objects.count(), Event.objects.count()

    effect = effect_of_settling(
        by=graded.approver, code=code(1), settled=[Settled(graded.severe.pk, Settlement.DELETE)],
        standing=Standing(), reference=CASE, on=TODAY,
    )  # fmt: skip

    assert (effect.before, effect.after) == ("C", "B")
    assert (Record.objects.count(), Event.objects.count()) == before
    assert current() == "C"


def test_correction_that_waits_for_a_second_person_comes_first(graded):
    corrections.change_record(
        by=graded.clerk, record_id=graded.severe.pk, kind="correct",
        changes={"kind_id": "penalty_other"}, reason="误录", on=TODAY,
    )  # fmt: skip

    with pytest.raises(Refused) as refused:
        decided(graded, Settlement.DELETE)

    assert refused.value.code == "grading.change_waiting"


def test_record_that_was_taken_down_meanwhile_is_told(graded):
    records.retract_record(by=OPERATOR, record_id=graded.severe.pk, reason="原机关撤回")

    with pytest.raises(Refused) as refused:
        decided(graded, Settlement.DELETE)

    assert refused.value.code == "records.retracted"


@pytest.mark.parametrize("name", ["enterprise_id", "authority_id"])
def test_decision_gives_no_record_to_somebody_else(graded, name):
    with pytest.raises(ValueError, match=name):
        decided(graded, Settlement.CORRECT, changes={name: "1"})


def test_correction_that_stands_already_is_carried_out(graded):
    before = Record.objects.live().count()

    decided(graded, Settlement.CORRECT, changes={"kind_id": "licence_revoked"})

    assert (Record.objects.count(), Record.objects.live().count()) == (before, before)


def test_state_of_registration_is_put_right_and_the_grade_with_it(county):
    county.register([code(1)], status=Status.REVOKED, status_on=dt.date(2025, 3, 1))
    county.publish(county.run())
    standing = Standing(registration={"status": Status.OPEN, "status_on": None})

    effect = decided(county, None, standing=standing)

    assert (effect.before, effect.after) == ("D", "A")
    assert Enterprise.objects.get(pk=code(1)).status == Status.OPEN
    assert verify_current().ok


def test_roster_is_put_right_and_the_grade_stays_until_the_next_run(graded):
    effect = decided(graded, None, standing=Standing(roster=("130104", "county")))

    assert (effect.before, effect.after) == ("C", "C")
    enterprise = Enterprise.objects.get(pk=code(1))
    assert enterprise.keeper_id == "130104"
    assert enterprise.entries.filter(retracted_at=None, left_on=None).get().override
