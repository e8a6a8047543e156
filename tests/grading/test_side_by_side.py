"""Acts on the same grades at the same moment. Source: design ideas 4 and 7."""

import datetime as dt

import pytest

from audit.refusal import Refused
from grading import corrections, reference, services
from grading.models import Proposal, Rating, RunSchedule, Scheme
from grading.regrading import current_parts, current_rating
from grading.replay import verify_current
from grading.schemes import copy_scheme, set_schedule
from records import services as records
from records.models import Record
from records.services import Given
from tests.beside import at_once
from tests.factories.grading import OPERATOR, TODAY, County, code, load_reference
from tests.factories.roster import Hebei

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
INSIDE = "2025-06-01"
NEXT = dt.date(2026, 1, 31)
LATER = dt.date(2026, 3, 31)


@pytest.fixture
def county() -> County:
    load_reference()
    return County.make()


def proposed(county: County, record, kind: str) -> Proposal:
    return corrections.change_record(
        by=county.clerk, record_id=record.pk, kind=kind, changes={}, reason="误录", on=TODAY
    )


def agreed(county: County, proposal: Proposal) -> Proposal:
    return corrections.decide_change(
        by=county.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )


def test_a_correction_is_confirmed_while_its_roster_is_published(county, beside, monkeypatch):
    """The publication regrades the very enterprise; neither waits for the other in a circle."""
    county.register([code(1)])
    severe = county.give(code(1), "licence_revoked", INSIDE)
    fine = county.give(code(1), "penalty_other", INSIDE)
    county.publish(county.run())
    newer = county.run(NEXT, kind="quarterly")
    agreed(county, proposed(county, severe, "withdraw"))
    waiting = proposed(county, fine, "retract")
    confirming = []
    regrade_touched = services.regrade_touched

    def confirm_then_regrade(**given):
        confirming.append(beside(lambda: agreed(county, waiting)))
        assert not confirming[0].ended_within(1)
        return regrade_touched(**given)

    monkeypatch.setattr(services, "regrade_touched", confirm_then_regrade)
    part = county.publish(newer)

    assert confirming[0].wait().state == "confirmed"
    assert (current_rating(code(1)).part, current_rating(code(1)).grade) == (part, "A")
    assert verify_current().ok


def test_two_rosters_between_which_an_enterprise_moved_are_published_at_once(
    county, beside, monkeypatch
):
    new = County.make("130104")
    county.register([code(1), code(2)])
    new.register([code(3, division="130104")])
    county.publish(county.run())
    new.publish(new.run())
    new.register([code(1)])
    theirs, ours = (roster.run(LATER, kind="quarterly") for roster in (new, county))
    publishing = []
    settle = services.settle

    def publish_the_other_then_settle(**given):
        if not publishing:
            publishing.append(beside(lambda: new.publish(theirs)))
            assert not publishing[0].ended_within(1)
        return settle(**given)

    monkeypatch.setattr(services, "settle", publish_the_other_then_settle)
    county.publish(ours)
    publishing[0].wait()

    in_force = Rating.objects.in_force(current_parts()).filter(enterprise=code(1))
    assert [rating.part.region_id for rating in in_force] == ["130104"]
    assert verify_current().ok


# --- the same, pressed twice ------------------------------------------------------------------------


def pressed_twice(beside, press) -> Refused:
    """What the second press is told that comes while the first is still under way."""
    second = at_once(beside, press)
    with pytest.raises(Refused) as refused:
        second.wait()
    return refused.value


def test_a_decision_is_given_twice(county, beside):
    county.register([code(1)])
    given = Given(
        enterprise_id=code(1), kind_id="penalty_other", authority_id=county.authority.pk,
        provider_id=county.authority.pk, decided_on=dt.date(2025, 6, 1), number="冀测〔2025〕1号",
    )  # fmt: skip

    told = pressed_twice(
        beside, lambda: records.give_record(by=county.clerk, given=given, source="页面", on=TODAY)
    )

    assert (told.code, Record.objects.count()) == ("records.already_given", 1)


@pytest.mark.parametrize("kind", ["withdraw", "retract"])
def test_a_change_of_a_record_is_proposed_twice(county, beside, kind):
    county.register([code(1)])
    record = county.give(code(1), "licence_revoked", INSIDE)

    told = pressed_twice(beside, lambda: proposed(county, record, kind))

    assert (told.code, Proposal.objects.count()) == ("grading.change_waiting", 1)


def test_a_draft_is_begun_twice(beside):
    hebei = Hebei()
    reference.load_reference(by=OPERATOR)
    first = Scheme.objects.get()

    told = pressed_twice(beside, lambda: copy_scheme(by=hebei.province, scheme_id=first.pk))

    assert (told.code, Scheme.objects.count()) == ("grading.draft_open", 2)


def test_a_cycle_is_set_twice(beside):
    hebei = Hebei()
    reference.load_reference(by=OPERATOR)

    told = pressed_twice(
        beside,
        lambda: set_schedule(
            by=hebei.province, kind="quarterly", month=3, day=31, since=dt.date(2026, 1, 1)
        ),
    )

    assert told.code == "grading.schedule_exists"
    assert RunSchedule.objects.filter(kind="quarterly").count() == 1
