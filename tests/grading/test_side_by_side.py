"""Acts on the same grades at the same moment. Source: design ideas 4 and 7."""

import datetime as dt

import pytest

from grading import corrections, services
from grading.models import Proposal, Rating
from grading.regrading import current_parts, current_rating
from grading.replay import verify_current
from tests.factories.grading import TODAY, County, code, load_reference

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
