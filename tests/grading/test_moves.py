"""Between two rosters: one grade in force at any time. Source: R33, design §7."""

import datetime as dt

import pytest

from audit.refusal import Refused
from grading import corrections, replay, services
from grading.figures import grades_in_force
from grading.models import Correction, Overtaken, Rating, RosterRun, Verdict
from grading.regrading import current_parts, current_rating
from grading.replay import verify_current, verify_run
from tests.factories.grading import TODAY, County, code

INSIDE = "2025-06-01"
NEW = dt.date(2026, 3, 31)
MOVED, STAYS = code(1), code(2)


@pytest.fixture
def old(county) -> County:
    """The roster that both start on; the mover is a B there."""
    county.register([MOVED, STAYS])
    county.fine = county.give(MOVED, "penalty_other", INSIDE)
    return county


@pytest.fixture
def new(old) -> County:
    """The roster moved to, with an enterprise of its own; both published for 2025."""
    county = County.make("130104")
    county.register([code(3, division="130104")])
    old.first = old.publish(old.run())
    county.first = county.publish(county.run())
    return county


def in_force(enterprise: str) -> list[tuple[str, str]]:
    """(roster, grade) of every rating in force: one at most."""
    found = Rating.objects.in_force(current_parts()).filter(enterprise=enterprise)
    return list(found.values_list("part__region", "grade"))


def take_down_the_fine(county: County) -> None:
    """By two people, as a correction."""
    proposal = corrections.change_record(
        by=county.clerk, record_id=county.fine.pk, kind="retract", changes={}, reason="误录",
        on=TODAY,
    )  # fmt: skip
    corrections.decide_change(
        by=county.approver, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )


def consistent() -> bool:
    """Nothing that verify would report."""
    runs = {rating.part.run for rating in Rating.objects.select_related("part__run__scheme")}
    found = [verify_current(), *(verify_run(run) for run in runs)]
    assert [one.first_bad for one in found if not one.ok] == []
    return True


def test_the_mover_keeps_its_grade_when_the_old_roster_publishes_first(old, new):
    new.register([MOVED])
    assert in_force(MOVED) == [("130102", "B")]
    old.publish(old.run(NEW, kind="quarterly"))
    assert in_force(MOVED) == [("130102", "B")]
    assert current_rating(MOVED).verdict.run == old.first.run
    kept = Correction.objects.get()
    assert (kept.enterprise_id, kept.kept_from) == (MOVED, old.first)
    assert consistent()


def test_the_new_roster_takes_over_whichever_publishes_first(old, new):
    new.register([MOVED])
    new.publish(new.run(NEW, kind="quarterly"))
    assert in_force(MOVED) == [("130104", "B")]
    old.publish(old.run(NEW, kind="quarterly"))
    assert in_force(MOVED) == [("130104", "B")]
    assert not Correction.objects.exists()
    assert consistent()


def test_a_grade_that_was_kept_ends_with_the_new_rosters_run(old, new):
    new.register([MOVED])
    old.publish(old.run(NEW, kind="quarterly"))
    new.publish(new.run(NEW, kind="quarterly"))
    assert in_force(MOVED) == [("130104", "B")]
    assert consistent()


def test_a_kept_grade_is_kept_again_and_follows_a_correction(old, new):
    new.register([MOVED])
    old.publish(old.run(NEW, kind="quarterly"))
    old.publish(old.run(dt.date(2026, 6, 30), kind="quarterly"))
    assert in_force(MOVED) == [("130102", "B")]
    take_down_the_fine(old)
    assert in_force(MOVED) == [("130102", "A")]
    assert consistent()


def test_who_is_on_no_roster_has_no_grade_after_the_next_publication(old, new):
    old.register([MOVED], status="4", status_on=dt.date(2026, 2, 1))
    assert in_force(MOVED) == [("130102", "B")]
    old.publish(old.run(NEW, kind="quarterly"))
    assert in_force(MOVED) == []
    assert not Correction.objects.exists()


def test_giving_up_the_new_rosters_part_gives_back_the_grade_that_came_along(old, new):
    new.register([MOVED])
    given_up = new.publish(new.run(NEW, kind="quarterly"))
    old.publish(old.run(NEW, kind="quarterly"))
    services.ask_withdrawal(by=new.clerk, part_id=given_up.pk, reason="数据源有误")
    services.withdraw_part(by=new.approver, part_id=given_up.pk)
    assert in_force(MOVED) == [("130104", "B")]
    assert current_rating(MOVED).verdict.run == old.first.run
    assert consistent()


def test_giving_up_the_old_rosters_part_leaves_one_grade(old, new):
    new.register([MOVED])
    given_up = old.publish(old.run(NEW, kind="quarterly"))
    services.ask_withdrawal(by=old.clerk, part_id=given_up.pk, reason="数据源有误")
    services.withdraw_part(by=old.approver, part_id=given_up.pk)
    assert in_force(MOVED) == [("130102", "B")]
    assert current_rating(MOVED).part == old.first
    assert consistent()


def test_an_older_part_published_late_changes_no_grade_in_force(old, new):
    late = old.run(dt.date(2025, 9, 30), kind="quarterly")
    new.register([MOVED])
    old.publish(late)
    assert current_rating(MOVED).part == old.first
    assert not Correction.objects.exists()


def test_the_figures_of_a_part_follow_its_corrections_and_its_digest_does_not(old, new):
    part, digest = old.first, old.first.digest
    assert part.grades == {"A": 1, "B": 1}
    take_down_the_fine(old)
    part.refresh_from_db()
    assert (part.grades, sum(part.counts.values()), part.digest) == ({"A": 2}, 2, digest)
    assert consistent()
    type(part).objects.filter(pk=part.pk).update(counts={})
    assert verify_current().first_bad == (
        f"名录评价结果 grading.rosterrun {part.pk}（130102）：各等级企业数与评价结果不符。"
    )


# --- both ratings of a mover stay true -----------------------------------------------------------------


@pytest.fixture
def both(old, new) -> tuple[County, County]:
    """The mover stands in the current part of either roster; the new one's is in force."""
    new.register([MOVED])
    new.second = new.publish(new.run(NEW, kind="quarterly"))
    return old, new


def give_up(county: County, part) -> None:
    services.ask_withdrawal(by=county.clerk, part_id=part.pk, reason="数据源有误")
    services.withdraw_part(by=county.approver, part_id=part.pk)


def test_a_correction_reaches_the_rating_that_was_overtaken_too(both):
    old, new = both
    take_down_the_fine(old)
    assert in_force(MOVED) == [("130104", "A")]
    assert consistent()
    give_up(new, new.second)
    assert in_force(MOVED) == [("130102", "A")]
    assert consistent()


def test_a_grade_that_is_kept_later_knows_what_was_put_right_meanwhile(both):
    old, new = both
    old.publish(old.run(NEW, kind="quarterly"))
    take_down_the_fine(old)
    give_up(new, new.second)
    assert in_force(MOVED) == [("130104", "A")]
    assert consistent()


def test_a_part_whose_grades_are_kept_elsewhere_is_not_given_up(old, new):
    new.register([MOVED])
    old.publish(old.run(NEW, kind="quarterly"))
    services.ask_withdrawal(by=old.clerk, part_id=old.first.pk, reason="数据源有误")
    with pytest.raises(Refused, match="grades_still_kept"):
        services.withdraw_part(by=old.approver, part_id=old.first.pk)
    new.publish(new.run(NEW, kind="quarterly"))
    services.withdraw_part(by=old.approver, part_id=old.first.pk)
    assert in_force(MOVED) == [("130104", "B")]


def test_every_enterprise_counts_once_in_the_figures(both):
    old, _new = both

    def counted() -> dict[str, int]:
        (found,) = grades_in_force(RosterRun.objects.current()).values()
        return {grade: number for grade, number in found.grades.items() if number}

    assert counted() == {"A": 2, "B": 1}
    old.publish(old.run(NEW, kind="quarterly"))
    assert counted() == {"A": 2, "B": 1}


def test_a_kept_grade_counts_in_the_figures(old, new):
    new.register([MOVED])
    old.publish(old.run(NEW, kind="quarterly"))
    (found,) = grades_in_force(RosterRun.objects.current()).values()
    assert (found.rosters, dict(found.grades)) == (2, {"A": 2, "B": 1})


@pytest.mark.parametrize("tampered", ["added", "removed"])
def test_verify_sees_who_was_made_overtaken(both, tampered):
    _old, new = both
    if tampered == "added":
        Overtaken.objects.create(part=new.second, enterprise_id=code(3, division="130104"))
    else:
        Overtaken.objects.all().delete()
    assert not verify_current().ok


def test_verify_holds_the_verdict_of_a_kept_grade_against_the_rules(old, new):
    new.register([MOVED])
    part = old.publish(old.run(NEW, kind="quarterly"))
    kept = Rating.objects.get(part=part, enterprise=MOVED)
    Rating.objects.filter(pk=kept.pk).update(grade="A")
    Verdict.objects.filter(pk=kept.verdict_id).update(grade="A")
    assert verify_current().first_bad == (
        f"评价结果 grading.rating：企业 {MOVED}（名录评价结果 {part.pk}）的现行等级与按现有信息重新算出的不符。"
    )


def test_a_correction_that_comes_in_while_verify_runs_is_no_fault(old, new, monkeypatch):
    check = replay._check_figures
    done = []

    def corrected_meanwhile(part):
        if not done:
            done.append(take_down_the_fine(old))
        check(part)

    monkeypatch.setattr(replay, "_check_figures", corrected_meanwhile)
    assert verify_current().ok
