"""Corrections on top of a published part. Source: design ideas 3 and 4."""

import datetime as dt
from dataclasses import replace

import pytest

from audit.found import Found
from audit.models import Event
from audit.refusal import NotPermitted, Refused
from grading import corrections, regrading, replay, services
from grading.models import Correction, Proposal, Rating
from grading.replay import verify_current, verify_run
from records import services as records
from records.models import Mark, Record
from tests.factories.grading import OPERATOR, TODAY, County, code, person

INSIDE = "2025-06-01"
NEXT = dt.date(2026, 12, 31)


@pytest.fixture
def graded(county):
    """One enterprise that is C by a revoked licence and one fine; published."""
    county.register([code(1), code(2)])
    county.severe = county.give(code(1), "licence_revoked", INSIDE)
    county.fine = county.give(code(1), "penalty_other", INSIDE)
    county.publish(county.run())
    return county


def current(enterprise: str) -> str:
    return regrading.current_rating(enterprise).grade


def propose(county, kind="correct", record=None, **changes) -> Proposal:
    return corrections.change_record(
        by=county.clerk, record_id=(record or county.severe).pk, kind=kind, changes=changes,
        reason="误录", on=TODAY,
    )  # fmt: skip


def decide(county, proposal, *, by=None, agree=True, reason="") -> Proposal:
    return corrections.decide_change(
        by=by or county.approver, proposal_id=proposal.pk, agree=agree, reason=reason, on=TODAY
    )


def test_correction_waits_with_its_effect_shown_and_changes_nothing_yet(graded):
    before = (Record.objects.count(), Rating.objects.count())
    proposal = propose(graded, kind_id="penalty_other")
    assert (proposal.effect["before"], proposal.effect["after"]) == ("C", "B")
    assert (Record.objects.count(), Rating.objects.count()) == before
    assert current(code(1)) == "C"
    assert proposal.due_on == dt.date(2026, 3, 16)


def test_confirmed_correction_regrades_in_the_same_act(graded):
    proposal = propose(graded, kind_id="penalty_other")
    events = Event.objects.count()
    decide(graded, proposal)
    assert current(code(1)) == "B"
    assert Event.objects.count() == events + 1
    assert Correction.objects.get().enterprise_id == code(1)
    assert verify_current().ok
    assert verify_run(Rating.objects.first().part.run).ok


def test_a_correction_confirmed_while_a_run_is_replayed_is_no_fault(graded, monkeypatch):
    """The replay has read the figures of the part before, and counts its ratings after."""
    proposal = propose(graded, kind_id="penalty_other")
    check_slices, run = replay._check_part, Rating.objects.first().part.run

    def confirmed_meanwhile(part):
        yield from check_slices(part)
        decide(graded, proposal)

    monkeypatch.setattr(replay, "_check_part", confirmed_meanwhile)

    assert verify_run(run) == Found(ok=True, checked=3)
    assert current(code(1)) == "B"


def test_the_proposer_cannot_confirm(graded):
    """Also not somebody who holds both posts."""
    proposal = propose(graded, kind_id="penalty_other")
    with pytest.raises(NotPermitted):
        decide(graded, proposal, by=graded.clerk)
    both = person("both", graded.agency, "lead_clerk")
    both.postings.create(agency=graded.agency, role="lead_approver", since=dt.date(2020, 1, 1))
    second = corrections.change_record(
        by=both, record_id=graded.fine.pk, kind="retract", changes={}, reason="误录", on=TODAY
    )
    with pytest.raises(Refused, match="second_person"):
        decide(graded, second, by=both)
    assert current(code(1)) == "C"


def test_refused_correction_leaves_everything_and_says_why(graded):
    proposal = propose(graded, kind_id="penalty_other")
    with pytest.raises(Refused, match="reason_missing"):
        decide(graded, proposal, agree=False)
    decide(graded, proposal, agree=False, reason="原记录无误")
    assert (current(code(1)), Proposal.objects.get().state) == ("C", "refused")
    with pytest.raises(Refused, match="already_decided"):
        decide(graded, proposal)


def test_correction_that_cannot_change_a_grade_takes_effect_at_once(graded):
    answer = propose(graded, content="补充说明")
    assert (answer.supersedes_id, answer.content) == (graded.severe.pk, "补充说明")
    assert answer.first_known_at == graded.severe.first_known_at
    assert current(code(1)) == "C"


def test_a_version_that_was_corrected_since_is_refused(graded):
    propose(graded, content="补充说明")
    with pytest.raises(Refused, match="record_changed"):
        propose(graded, content="再补充")


def test_a_waiting_correction_keeps_others_out(graded):
    propose(graded, kind_id="penalty_other")
    with pytest.raises(Refused, match="change_waiting"):
        propose(graded, kind_id="enforcement")


@pytest.mark.parametrize("kind", ["withdraw", "retract"])
def test_withdrawn_or_wrong_decision_no_longer_counts(graded, kind):
    decide(graded, propose(graded, kind=kind))
    assert current(code(1)) == "B"
    assert verify_current().ok


def test_later_news_waits_for_the_next_run(graded):
    """An objection never makes a grade worse by bringing in news."""
    for _ in range(6):
        graded.give(code(1), "penalty_other", INSIDE)
    decide(graded, propose(graded, kind="withdraw"))
    assert current(code(1)) == "B"
    graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    assert current(code(1)) == "C"


def test_news_of_a_revocation_waits_for_the_next_run_too(graded):
    """Told after the run, of a day before its reference date: a correction brings it not in."""
    graded.register([code(1)], status="2", status_on=dt.date(2025, 7, 1))
    decide(graded, propose(graded, kind="withdraw"))
    assert current(code(1)) == "B"
    assert verify_current().ok
    graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    assert current(code(1)) == "D"


def test_correction_between_run_and_publication_counts_at_publication(county):
    county.register([code(1)])
    severe = county.give(code(1), "licence_revoked", INSIDE)
    run = county.run()
    records.retract_record(by=OPERATOR, record_id=severe.pk, reason="不应登记")
    assert regrading.touched_since(county.part(run)) == [code(1)]
    county.publish(run)
    assert current(code(1)) == "A"
    assert (verify_current().ok, verify_run(run).ok) == (True, True)


def test_a_correction_survives_the_publication_of_a_run_computed_before_it(graded):
    newer = graded.run(dt.date(2026, 1, 31), kind="quarterly")
    decide(graded, propose(graded, kind="withdraw"))
    assert current(code(1)) == "B"
    graded.publish(newer)
    assert current(code(1)) == "B"
    assert verify_current().ok


def test_serious_consequence_confirmed_after_publication_waits_for_the_next_run(graded):
    decide(graded, propose(graded, kind="withdraw"))
    corrections.confirm_consequence(
        by=graded.approver, record_id=graded.fine.pk, reason="致人伤亡", on=TODAY
    )
    assert current(code(1)) == "B"
    graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    assert current(code(1)) == "C"


@pytest.mark.parametrize("published", [True, False])
def test_a_consequence_that_was_claimed_counts_as_soon_as_it_is_confirmed(county, published):
    """The claim was known to the run: B until then, C from then on. Gap 1."""
    county.register([code(1)])
    fine = county.give(code(1), "penalty_other", INSIDE, serious_claimed=True)
    run = county.run()
    if published:
        county.publish(run)
        assert current(code(1)) == "B"
    effect = corrections.confirm_consequence(
        by=county.approver, record_id=fine.pk, reason="致人伤亡", on=TODAY
    )
    if not published:
        assert effect == corrections.Effect("", "", "")
        county.publish(run)
    assert current(code(1)) == "C"
    assert (verify_current().ok, verify_run(run).ok) == (True, True)


def test_a_consequence_claimed_after_the_run_is_news(graded):
    decide(graded, propose(graded, kind="withdraw"))
    decide(graded, propose(graded, record=graded.fine, serious_claimed=True))
    claimed = Record.objects.live().get(kind="penalty_other")
    effect = corrections.confirm_consequence(
        by=person("third", graded.agency, "lead_approver"), record_id=claimed.pk,
        reason="致人伤亡", on=TODAY,
    )  # fmt: skip
    assert (effect.before, effect.after, current(code(1))) == ("B", "B", "B")


def test_who_recorded_a_behaviour_does_not_confirm_its_consequence(graded):
    both = person("both", graded.agency, "lead_clerk")
    both.postings.create(agency=graded.agency, role="lead_approver", since=dt.date(2020, 1, 1))
    given = replace(records.given_from(graded.fine), number="测字〔2025〕9号", serious_claimed=True)
    own = records.give_record(by=both, given=given, source="手工", on=TODAY)
    with pytest.raises(Refused) as refused:
        corrections.confirm_consequence(by=both, record_id=own.pk, reason="致人伤亡", on=TODAY)
    assert (refused.value.code, refused.value.values) == (
        "grading.second_person",
        {"name": "both"},
    )
    assert not Mark.objects.exists()
    corrections.confirm_consequence(
        by=graded.approver, record_id=own.pk, reason="致人伤亡", on=TODAY
    )
    assert Mark.objects.get().recorded_by == graded.approver.username


def test_publication_needs_two_people_and_the_parts_own_agency(county):
    county.register([code(1)])
    neighbour = County.make("130104")
    part = county.part(county.run())
    with pytest.raises(NotPermitted):
        services.review_part(by=neighbour.clerk, part_id=part.pk, digest=part.digest)
    services.review_part(by=county.approver, part_id=part.pk, digest=part.digest)
    with pytest.raises(Refused, match="second_person"):
        services.publish_part(by=county.approver, part_id=part.pk, digest=part.digest)
    with pytest.raises(Refused, match="person_needed"):
        services.publish_part(by=OPERATOR, part_id=part.pk, digest=part.digest)


def test_what_was_reviewed_is_what_is_published(county):
    county.register([code(1)])
    part = county.part(county.run())
    with pytest.raises(Refused, match="part_changed"):
        services.review_part(by=county.clerk, part_id=part.pk, digest="0" * 64)
    with pytest.raises(Refused, match="not_to_publish"):
        services.publish_part(by=county.approver, part_id=part.pk, digest=part.digest)


def test_withdrawn_part_gives_the_place_back_to_the_one_before(graded):
    before = regrading.current_parts()
    graded.give(code(2), "penalty_other", "2026-01-10")
    newer = graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    assert current(code(2)) == "B"
    services.ask_withdrawal(by=graded.clerk, part_id=newer.pk, reason="数据源有误")
    services.withdraw_part(by=graded.approver, part_id=newer.pk)
    assert regrading.current_parts() == before
    assert current(code(2)) == "A"


@pytest.mark.parametrize(
    ("kind", "date", "code_"),
    [
        ("annual", dt.date(2026, 3, 3), "grading.future_reference_date"),
        ("annual", dt.date(2024, 2, 29), "grading.leap_day"),
        ("quarterly", dt.date(2024, 2, 29), "grading.leap_day"),
    ],
)
def test_reference_dates_that_are_refused(county, kind, date, code_):
    county.register([code(1)])
    with pytest.raises(Refused) as refused:
        services.open_run(by=county.clerk, kind=kind, reference_date=date, on=TODAY)
    assert refused.value.code == code_


def test_a_missed_due_day_is_caught_up_once(county):
    county.register([code(1)])
    runs = services.open_due_runs(on=dt.date(2026, 2, 20))
    assert [(run.kind, run.reference_date) for run in runs] == [("annual", dt.date(2025, 12, 31))]
    assert services.open_due_runs(on=dt.date(2026, 2, 21)) == []


def test_a_roster_with_nobody_on_the_reference_date_falls_due_with_nothing(county):
    county.register([code(1)], established_on=dt.date(2026, 1, 5))
    assert services.open_due_runs(on=dt.date(2026, 2, 20)) == []


def test_a_cycle_that_ended_after_its_last_reference_date_still_falls_due(county):
    county.register([code(1)])
    services.RunSchedule.objects.update(until=dt.date(2026, 1, 1))
    assert len(services.open_due_runs(on=dt.date(2026, 2, 20))) == 1


def test_giving_up_a_part_keeps_what_was_put_right_while_it_was_in_force(graded):
    newer = graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    decide(graded, propose(graded, kind="withdraw"))
    services.ask_withdrawal(by=graded.clerk, part_id=newer.pk, reason="数据源有误")
    services.withdraw_part(by=graded.approver, part_id=newer.pk)
    assert current(code(1)) == "B"
    assert verify_current().ok


def test_a_record_of_another_enterprise_counts_there_also_in_a_part_still_to_be_published(graded):
    newer = graded.run(dt.date(2026, 1, 31), kind="quarterly")
    decide(graded, propose(graded, enterprise_id=code(2)))
    graded.publish(newer)
    assert (current(code(1)), current(code(2))) == ("B", "C")
    assert verify_current().ok


def test_a_correction_does_not_make_two_records_of_one_decision(graded):
    with pytest.raises(Refused, match="already_given"):
        propose(graded, number=graded.fine.number)
    assert Proposal.objects.count() == 0


def test_a_second_request_to_withdraw_does_not_replace_the_first(graded):
    part = regrading.current_parts()[0]
    services.ask_withdrawal(by=graded.clerk, part_id=part, reason="数据源有误")
    with pytest.raises(Refused, match="withdrawal_waiting"):
        services.ask_withdrawal(by=graded.approver, part_id=part, reason="其他")


def test_a_reference_date_before_any_portal_is_refused(county):
    county.register([code(1)])
    with pytest.raises(Refused, match="early_reference_date"):
        county.run(dt.date(1, 1, 1))


def test_a_part_that_is_not_there_is_answered_like_one_that_is_not_yours(county):
    with pytest.raises(NotPermitted):
        services.review_part(by=county.clerk, part_id=0, digest="")


def test_the_second_person_signs_the_effect_that_was_shown(graded):
    """Between proposing and agreeing a new part was published: the effect is shown anew first."""
    proposal = propose(graded, kind="withdraw")
    for _ in range(6):
        graded.give(code(1), "penalty_other", INSIDE)
    graded.publish(graded.run(dt.date(2026, 1, 31), kind="quarterly"))
    with pytest.raises(corrections.EffectChanged):
        decide(graded, proposal)
    assert (current(code(1)), Proposal.objects.get().state) == ("C", "waiting")
    shown = corrections.refresh_effect(by=graded.approver, proposal_id=proposal.pk, on=TODAY)
    assert (shown.effect["before"], shown.effect["after"]) == ("C", "C")
    assert decide(graded, proposal).state == "confirmed"


def test_the_grade_of_the_enterprise_a_record_is_moved_to_is_shown_too(graded):
    proposal = propose(graded, enterprise_id=code(2))
    assert proposal.effect == {
        "before": "C", "after": "B", "scheme": proposal.effect["scheme"],
        "other_before": "A", "other_after": "C",
    }  # fmt: skip
    decide(graded, proposal)
    assert (current(code(1)), current(code(2))) == ("B", "C")
    assert verify_current().ok
