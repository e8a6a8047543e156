"""A registration that never was so, put right; its state with a second person. Source: R37, R26."""

import datetime as dt

import pytest

from audit.acts import acting
from audit.refusal import NotPermitted, Refused
from grading import corrections, regrading
from grading.models import Proposal, Rating
from grading.replay import verify_current, verify_run
from roster.models import Enterprise, Registration, RosterEntry
from roster.services import register_enterprise
from tests.factories.grading import TODAY, County, code


@pytest.fixture
def revoked(county):
    """One enterprise that a file called revoked in 2020, published as D."""
    county.register([code(1)], status="2", status_on=dt.date(2020, 5, 1))
    county.publish(county.run())
    return county


def current(enterprise: str) -> str:
    return regrading.current_rating(enterprise).grade


def correct(county, *, version=1, **changes):
    return corrections.change_registration(
        by=county.clerk, code=code(1), changes=changes, reason="登记有误", on=TODAY, version=version
    )


def agree(county, proposal) -> Proposal:
    return corrections.decide_change(
        by=county.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )


def test_wrongly_revoked_waits_for_a_second_person_and_then_regrades(revoked):
    proposal = correct(revoked, status="1", status_on=None)
    assert (proposal.effect["before"], proposal.effect["after"]) == ("D", "A")
    assert current(code(1)) == "D"
    agree(revoked, proposal)
    assert (current(code(1)), Enterprise.objects.get().status) == ("A", "1")
    assert (verify_current().ok, verify_run(Rating.objects.first().part.run).ok) == (True, True)


def test_a_state_put_right_between_run_and_publication_counts_at_publication(revoked):
    newer = revoked.run(dt.date(2026, 1, 31), kind="quarterly")
    agree(revoked, correct(revoked, status="1", status_on=None))
    assert regrading.touched_since(revoked.part(newer)) == [code(1)]
    revoked.publish(newer)
    assert (current(code(1)), verify_current().ok, verify_run(newer).ok) == ("A", True, True)


def test_a_revoked_licence_does_not_come_back_as_news(revoked):
    with pytest.raises(Refused, match="revocation_not_undone"):
        register_enterprise(
            by=revoked.clerk,
            code=code(1),
            given={"status": "1"},
            source="手工",
            on=TODAY,
            version=1,
        )
    assert current(code(1)) == "D"


def test_correction_of_the_state_without_effect_on_roster_keeps_the_first_day(revoked):
    agree(revoked, correct(revoked, status_on=dt.date(2026, 1, 5)))
    assert current(code(1)) == "A"
    entry = RosterEntry.objects.current().get()
    assert (entry.region_id, entry.joined_on) == (revoked.region, None)


def test_wrong_region_is_corrected_at_once_and_the_wrong_stay_forgotten(revoked):
    correct(revoked, region_id="130104")
    assert Proposal.objects.count() == 0
    assert Enterprise.objects.get().keeper_id == "130104"
    assert [
        (entry.region_id, entry.left_on, entry.retracted_at is None)
        for entry in RosterEntry.objects.order_by("pk")
    ] == [("130102", None, False), ("130104", None, True)]
    assert Registration.objects.filter(retracted_at=None).get().until is None


def test_wrongly_deregistered_comes_back_to_its_roster(county):
    county.register([code(1), code(2)])
    register_enterprise(
        by=county.clerk, code=code(1), given={"status": "4", "status_on": dt.date(2025, 6, 1)},
        source="手工", on=TODAY, version=1,
    )  # fmt: skip
    assert Enterprise.objects.get(pk=code(1)).keeper_id is None
    agree(county, correct(county, version=2, status="1", status_on=None))
    assert Enterprise.objects.get(pk=code(1)).keeper_id == county.region
    county.publish(county.run())
    assert current(code(1)) == "A"


def test_another_county_corrects_nothing_here(revoked):
    neighbour = County.make("130104")
    with pytest.raises(NotPermitted):
        correct(neighbour, status="1")
    proposal = correct(revoked, status="1", status_on=None)
    with pytest.raises(NotPermitted):
        agree(neighbour, proposal)
    assert current(code(1)) == "D"


def test_stale_version_and_waiting_proposal_are_refused(revoked):
    correct(revoked, legal_representative="赵一")
    with pytest.raises(Refused, match="stale"):
        correct(revoked, status="1")
    correct(revoked, version=2, status="1", status_on=None)
    with pytest.raises(Refused, match="change_waiting"):
        correct(revoked, version=2, status="9")


def test_news_about_the_enterprise_in_between_is_shown_before_anybody_agrees(revoked):
    proposal = correct(revoked, status="1", status_on=None)
    news = {"address": "虚构路1号"}
    register_enterprise(
        by=revoked.clerk, code=code(1), given=news, source="手工", on=TODAY, version=1
    )
    with pytest.raises(corrections.EffectChanged, match="basis_changed"):
        agree(revoked, proposal)
    assert (current(code(1)), Proposal.objects.get().state) == ("D", "waiting")
    corrections.refresh_effect(by=revoked.approver, proposal_id=proposal.pk, on=TODAY)
    agree(revoked, proposal)
    registered = Enterprise.objects.get()
    assert (current(code(1)), registered.status, registered.address) == ("A", "1", "虚构路1号")


def test_who_agrees_on_an_older_page_is_asked_to_look_again(revoked):
    proposal = correct(revoked, status="1", status_on=None)
    with pytest.raises(corrections.EffectChanged, match="basis_changed"):
        corrections.decide_change(
            by=revoked.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY,
            basis='[1, {"before": "D", "after": "B"}]',
        )  # fmt: skip
    assert current(code(1)) == "D"


def graded_again(county) -> tuple[str, str] | None:
    with acting("tried.graded_again", by=county.clerk):
        return regrading.regrade_current(by=county.clerk, code=code(1), cause="无")


def test_revocation_said_anew_after_it_was_put_right_waits_for_the_next_run(revoked):
    agree(revoked, correct(revoked, status="1", status_on=None))
    register_enterprise(
        by=revoked.clerk, code=code(1), given={"status": "2", "status_on": dt.date(2020, 5, 1)},
        source="页面登记", on=TODAY, version=Enterprise.objects.get().version,
    )  # fmt: skip
    assert (current(code(1)), verify_current().first_bad) == ("A", None)
    assert graded_again(revoked) == ("A", "A")
    newer = revoked.run(dt.date(2026, 1, 31), kind="quarterly")
    revoked.publish(newer)
    assert (current(code(1)), verify_run(newer).ok) == ("D", True)


def test_revocation_that_goes_on_under_other_news_still_counts(revoked):
    for news in ({"address": "另一地址"}, {"status": "3", "status_on": dt.date(2026, 2, 1)}):
        register_enterprise(
            by=revoked.clerk, code=code(1), given=news, source="页面登记", on=TODAY,
            version=Enterprise.objects.get().version,
        )  # fmt: skip
    assert graded_again(revoked) == ("D", "D")
    assert verify_current().first_bad is None
