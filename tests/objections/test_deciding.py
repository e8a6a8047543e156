"""The decision, what follows from it in the same act, and the review. Source: R29; design ideas 3, 4."""

import datetime as dt
import json
from functools import partial

import pytest

from audit.models import Event
from audit.recount import recount
from audit.refusal import NotPermitted, Refused
from grading import corrections, regrading
from grading.corrections import EffectChanged
from grading.regrading import current_rating
from grading.replay import verify_current
from notices.models import Letter, Notice
from objections import deciding, filing, handling
from objections.deciding import Decision
from objections.filing import Item
from objections.models import Case, CaseStep, Draft
from objections.office_forms import finding_form
from objections.publishing import take_down_due
from objections.running import live_records
from records import services as records
from records.enums import MarkKind
from records.models import Mark, PublicationRound, Record
from roster.models import Agency, Enterprise, Representative, RosterEntry
from tests.factories.grading import OPERATOR, TODAY
from tests.factories.objections import OWN
from tests.factories.roster import department


def grade() -> str:
    return regrading.current_rating(OWN).grade


def ready(office, *items, **said) -> Case:
    """A case that waits for its decision."""
    case = office.accept(office.file(*items, **said))
    return office.verify(case, corrections=said.pop("corrections", None))


def take_down(office, record: Record) -> None:
    """By its authority, beside the case."""
    proposal = corrections.change_record(
        by=office.clerk, record_id=record.pk, kind="retract", changes={}, reason="撤回", on=TODAY
    )
    corrections.decide_change(
        by=office.second, proposal_id=proposal.pk, agree=True, reason="", on=TODAY
    )


def live(record: Record) -> Record | None:
    return Record.objects.live().filter(enterprise=OWN, identity=record.identity).first()


def test_upheld_objection_corrects_the_record_and_the_grade_in_one_act(office):
    case = ready(office)
    events = Event.objects.count()

    decided = office.decide(case)

    assert Event.objects.count() == events + 1
    assert (decided.state, grade(), live(office.severe)) == ("decided", "B", None)
    assert (decided.effect["before"], decided.effect["after"]) == ("C", "B")
    assert verify_current().ok


def test_letter_and_notice_say_what_was_decided_and_what_can_be_done(office):
    office.decide(ready(office))

    letter = Letter.objects.get(kind="decision")
    said = json.loads(letter.content)
    assert any("由C级变更为B级" in reason for reason in said["reasons"])
    assert any("15日内" in remedy for remedy in said["remedies"])
    assert ["处理", "删除：理由"] in said["rows"]
    notice = Notice.objects.get(kind="objections.decided")
    assert (notice.enterprise_id, notice.values["letter"]) == (OWN, letter.number)


def test_rejected_objection_takes_the_mark_away_and_keeps_record_and_case(office):
    decided = office.decide(ready(office), "reject")

    assert (decided.state, grade()) == ("decided", "C")
    assert live(office.severe) == office.severe
    assert not Mark.objects.live().filter(kind=MarkKind.DISPUTED).exists()
    assert verify_current().ok


def test_correction_writes_what_verification_found(office):
    case = office.accept(office.file(Item(office.severe.pk, "wrong")))
    office.verify(case, corrections={"kind_id": "penalty_other", "fine_wan": "3.5"})

    office.decide(case, "correct")

    now = live(office.severe)
    assert (now.kind_id, str(now.fine_wan.normalize()), grade()) == ("penalty_other", "3.5", "B")


@pytest.mark.parametrize(
    ("outcome", "corrections", "code"),
    [
        ("correct", {}, "objections.corrections_missing"),
        ("repair", {}, "objections.outcome_not_possible"),
        ("", {}, "objections.outcome_missing"),
        ("gone", {}, "objections.outcome_not_possible"),
    ],
)
def test_decision_that_cannot_be_carried_out_is_refused_and_changes_nothing(
    office, outcome, corrections, code
):
    case = office.accept(office.file())
    office.verify(case, corrections=corrections)

    with pytest.raises(Refused) as refused:
        office.decide(case, outcome)

    assert refused.value.code == code
    case.refresh_from_db()
    assert (case.state, grade(), live(office.severe)) == ("verified", "C", office.severe)


def test_who_verified_does_not_decide(office):
    case = office.accept(office.file())
    asked = office.send(case)
    office.answer(asked)
    CaseStep.objects.filter(case=case, action="answer").update(taken_by=office.approver.username)

    with pytest.raises(Refused) as refused:
        office.decide(case)

    assert refused.value.code == "objections.second_person"
    assert office.decide(case, by=office.second).state == "decided"


def test_who_ever_spoke_for_the_enterprise_does_not_decide(office):
    Representative.objects.create(
        user=office.approver,
        enterprise_id=OWN,
        since=dt.date(2019, 1, 1),
        until=dt.date(2019, 2, 1),
    )

    with pytest.raises(Refused) as refused:
        office.decide(ready(office))

    assert refused.value.code == "objections.is_linked"


def test_operator_is_no_second_person(office):
    with pytest.raises(Refused) as refused:
        office.decide(ready(office), by=OPERATOR)

    assert refused.value.code == "objections.person_needed"


def test_approver_of_another_county_is_not_let_in(office):
    case = ready(office)

    with pytest.raises(NotPermitted):
        office.decide(case, by=office.city_approver)


def test_effect_is_shown_before_and_what_changed_meanwhile_is_shown_again(office):
    case = ready(office)
    decisions = [Decision(case.items.get().pk, "delete", "理由")]
    effect = deciding.effect_of(by=office.approver, case=case, decisions=decisions, on=TODAY)
    assert (effect.before, effect.after, grade()) == ("C", "B", "C")
    basis = deciding.as_basis(effect)
    take_down(office, office.fine)

    with pytest.raises(EffectChanged):
        deciding.decide(
            by=office.approver, case_id=case.pk, version=None, decisions=decisions, reason="经核查",
            basis=basis, on=TODAY,
        )  # fmt: skip

    case.refresh_from_db()
    assert case.state == "verified"


def test_record_that_is_gone_by_then_needs_no_decision(office):
    case = ready(office)
    take_down(office, office.severe)

    with pytest.raises(Refused) as refused:
        office.decide(case, "delete")
    assert refused.value.code == "objections.outcome_not_possible"

    assert office.decide(case, "gone").state == "decided"
    assert verify_current().ok


def test_correction_waiting_for_its_second_person_comes_first(office):
    case = ready(office)
    corrections.change_record(
        by=office.clerk, record_id=office.severe.pk, kind="correct",
        changes={"kind_id": "penalty_other"}, reason="误录", on=TODAY,
    )  # fmt: skip

    with pytest.raises(Refused) as refused:
        office.decide(case)
    assert refused.value.code == "grading.change_waiting"


def test_sent_back_is_verified_once_more_within_the_same_limit(office):
    case = ready(office)
    due = Case.objects.get(pk=case.pk).due_on

    deciding.send_back(
        by=office.approver, case_id=case.pk, version=None, reason="请补充证据", on=TODAY
    )

    case.refresh_from_db()
    assert (case.state, case.due_on) == ("accepted", due)
    office.verify(case, "false")
    assert office.decide(case, "reject").state == "decided"


def test_listing_is_removed_on_the_day_verification_names(office):
    listing = office.give(OWN, "abnormal_operation", "2025-08-01")
    case = office.accept(office.file(Item(listing.pk, "not_removed")))
    office.verify(case)

    office.decide(case, "remove", removed_on=dt.date(2026, 1, 15))

    assert live(listing).ended_on == dt.date(2026, 1, 15)


def test_news_that_came_after_the_published_run_does_not_enter(office):
    for n in range(6):
        office.give(OWN, "penalty_other", f"2025-07-0{n + 1}")

    office.decide(ready(office))

    assert grade() == "B"


# --- ratings ----------------------------------------------------------------------------------


def of_rating(office, ground: str, found: dict[str, str]) -> Case:
    case = office.accept(office.file(Item(0, ground)))
    return office.verify(case, corrections=found)


def test_rating_is_recomputed(office):
    assert office.decide(of_rating(office, "wrong_year", {}), "recompute").effect["after"] == "C"


def test_state_of_registration_is_put_right(office):
    office.register([OWN], status="2", status_on=dt.date(2025, 3, 1))
    case = of_rating(office, "wrong_state", {"status": "1", "status_on": ""})

    office.decide(case, "registration")

    assert Enterprise.objects.get(pk=OWN).status == "1"
    assert verify_current().ok


def test_roster_is_put_right(office):
    case = of_rating(office, "wrong_roster", {"keeper": "130104", "level": "county"})

    office.decide(case, "roster")

    assert Enterprise.objects.get(pk=OWN).keeper_id == "130104"


# --- repair -----------------------------------------------------------------------------------


def repair(office, record=None, on=TODAY) -> Case:
    item = Item((record or office.severe).pk, "made_good")
    return office.file(item, kind="repair", files=["proof"], on=on)


def test_repair_ends_publication_and_counting_in_the_same_act(office):
    case = office.accept(repair(office))
    office.answer(office.send(case))

    decided = office.decide(case, "repair")

    record = live(office.severe)
    assert (decided.effect["after"], record.publication_until) == ("B", TODAY)
    assert Mark.objects.live().get(record=record).kind == MarkKind.REPAIRED
    assert verify_current().ok


def test_repair_needs_the_fault_made_good(office):
    case = office.accept(repair(office))
    office.answer(office.send(case), "false")

    with pytest.raises(Refused) as refused:
        office.decide(case, "repair")
    assert refused.value.code == "objections.fault_not_made_good"


def test_refused_repair_says_when_it_may_be_asked_again(office):
    case = office.accept(repair(office))
    office.answer(office.send(case), "false")
    office.decide(case, "reject")
    handling.close_due(on=dt.date(2026, 3, 18))

    letter = json.loads(Letter.objects.get(kind="decision").content)
    assert any("2026年4月1日起可以再次申请" in reason for reason in letter["reasons"])
    with pytest.raises(Refused) as refused:
        repair(office, on=dt.date(2026, 3, 31))
    assert refused.value.code == "objections.repair_again_later"
    assert repair(office, on=dt.date(2026, 4, 1)).state == "submitted"


def test_repair_within_the_shortest_publication_is_too_early(office):
    recent = office.give(OWN, "penalty_other", "2026-01-10", measures="罚款")

    with pytest.raises(Refused) as refused:
        repair(office, recent)

    assert refused.value.code == "objections.repair_too_early"
    assert refused.value.values["until"] == dt.date(2026, 4, 10)


def test_what_is_repaired_is_not_repaired_again(office):
    case = office.accept(repair(office))
    office.answer(office.send(case))
    office.decide(case, "repair")

    with pytest.raises(Refused) as refused:
        repair(office, live(office.severe))
    assert refused.value.code == "objections.repaired_already"


def test_repair_without_proof_is_told_so(office):
    with pytest.raises(Refused) as refused:
        office.file(Item(office.severe.pk, "made_good"), kind="repair")
    assert refused.value.code == "objections.proof_missing"


# --- what cannot be ------------------------------------------------------------------------------


IMPOSSIBLE = [
    {"decided_on": "昨天"}, {"ended_on": "2020-01-01"}, {"kind_id": "没有这一类"}, {"kind_id": ""},
    {"fine_wan": "-5"}, {"fine_wan": "9" * 30}, {"number": "号" * 300},
]  # fmt: skip


@pytest.mark.parametrize("right", IMPOSSIBLE)
def test_what_no_record_can_hold_is_told_where_it_is_found(office, right):
    case = office.accept(office.file())

    with pytest.raises(Refused) as refused:
        office.verify(case, corrections=right)

    assert refused.value.code == "objections.corrections_impossible"
    form = finding_form(case.items.get(), {
        "finding": "true", "reason": "x", "field_0": next(iter(right)),
        "value_0": next(iter(right.values())),
    })  # fmt: skip
    assert not form.is_valid()


def test_finding_against_the_enterprise_is_not_upheld(office):
    case = office.accept(office.file())
    office.verify(case, "false")

    with pytest.raises(Refused) as refused:
        office.decide(case, "delete")
    assert refused.value.code == "objections.against_finding"
    assert office.decide(case, "reject").state == "decided"


def of_the_province(office) -> Record:
    """A fine that a department of the province decided on."""
    agency = Agency.objects.create(
        code="dept-130000", name="省市场监管部门", region_id="130000", kind="department"
    )
    return office.give(
        OWN, "penalty_other", "2025-04-04", authority_id=agency.pk, provider_id=agency.pk
    )


def test_what_another_authority_decided_is_sent_to_it(office):
    case = office.accept(office.file(Item(of_the_province(office).pk, "wrong")))

    for finding in ("true", "false"):
        with pytest.raises(Refused) as refused:
            office.verify(case, finding)
        assert refused.value.code == "objections.source_needed"
    assert office.send(case).agency.region_id == "130000"


def test_only_a_state_is_taken_off_a_list(office):
    case = office.accept(office.file(Item(office.fine.pk, "wrong")))
    office.verify(case)

    with pytest.raises(Refused) as refused:
        office.decide(case, "remove")
    assert refused.value.code == "objections.outcome_not_possible"


def test_listing_by_a_court_is_not_put_right_here(office):
    listed = office.give(OWN, "judgment_defaulter", "2025-03-03")
    case = office.accept(office.file(Item(listed.pk, "wrong")))
    office.verify(case)

    for outcome in ("delete", "correct", "remove"):
        with pytest.raises(Refused):
            office.decide(case, outcome)
    assert office.decide(case, "reject").state == "decided"


def test_removal_before_the_listing_is_told(office):
    listed = office.give(OWN, "abnormal_operation", "2025-03-03")
    case = office.accept(office.file(Item(listed.pk, "not_removed")))
    office.verify(case)

    with pytest.raises(Refused) as refused:
        office.decide(case, "remove", removed_on=dt.date(2000, 1, 1))
    assert refused.value.code == "objections.removed_too_early"


def test_what_its_source_has_put_right_meanwhile_is_upheld_all_the_same(office):
    case = office.accept(office.file(Item(office.fine.pk, "wrong")))
    office.verify(case, corrections={"content": "另述"})
    records.replace_record(
        by=OPERATOR, record_id=office.fine.pk, changes={"content": "另述"}, reason="更正", on=TODAY
    )

    office.decide(case, "correct")

    now = live(office.fine)
    assert (case.items.get().outcome, now.content) == ("correct", "另述")
    assert not now.marks.filter(retracted_at=None).exists()


@pytest.mark.parametrize("outcome", ["registration", "roster"])
def test_state_and_roster_are_put_right_together(office, outcome):
    found = {"status": "2", "status_on": "2025-05-05", "keeper": "130104", "level": "county"}
    case = of_rating(office, "wrong_roster", found)

    office.decide(case, outcome)

    now = Enterprise.objects.get(pk=OWN)
    assert (now.status, now.keeper_id) == ("2", "130104")


def test_unit_that_no_longer_keeps_the_enterprise_does_not_pull_it_back(office):
    case = of_rating(office, "wrong_roster", {"keeper": "130105", "level": "county"})
    office.register([OWN], region_id="130104")

    with pytest.raises(Refused) as refused:
        office.decide(case, "roster")

    assert refused.value.code == "objections.enterprise_moved"
    assert Enterprise.objects.get(pk=OWN).keeper_id == "130104"


STATE = {"status": "3", "status_on": "2025-03-01"}
ELSEWHERE = {"keeper": "130104", "level": "county"}


@pytest.mark.parametrize(
    ("found", "possible"),
    [
        ({}, ["recompute", "reject"]),
        (STATE, ["registration", "reject"]),
        (ELSEWHERE, ["roster", "reject"]),
        (STATE | ELSEWHERE, ["registration", "roster", "reject"]),
    ],
)
def test_what_was_found_of_the_enterprise_says_what_can_be_decided(office, found, possible):
    case = of_rating(office, "wrong_state", found)

    assert outcomes_of(case, case.items.get()) == possible


def outcomes_of(case: Case, item) -> list[str]:
    live = live_records(case).get(item.pk)
    return [str(one) for one in deciding.outcomes_for(case, item, live)]


def test_outcome_without_what_it_needs_is_refused(office):
    case = of_rating(office, "wrong_state", STATE)

    with pytest.raises(Refused) as refused:
        office.decide(case, "roster")
    assert refused.value.code == "objections.corrections_missing"


def test_unit_that_no_longer_answers_for_an_enterprise_off_the_rosters_puts_nothing_right(office):
    case = of_rating(office, "wrong_state", STATE)
    office.register([OWN], region_id="130104", status="3", status_on=dt.date(2025, 3, 1))
    assert Enterprise.objects.get(pk=OWN).keeper_id is None

    with pytest.raises(Refused) as refused:
        office.decide(case, "registration")

    assert refused.value.code == "objections.enterprise_moved"
    assert "桥西区" in refused.value.values["region"]


def test_correction_is_held_against_the_record_as_it_stands_when_it_is_decided(office):
    case = office.accept(office.file(Item(office.fine.pk, "wrong")))
    office.verify(case, corrections={"ended_on": "2025-03-01"})
    records.replace_record(
        by=OPERATOR, record_id=office.fine.pk, changes={"decided_on": dt.date(2025, 4, 1)},
        reason="更正", on=TODAY,
    )  # fmt: skip

    with pytest.raises(Refused) as refused:
        office.decide(case, "correct")
    assert refused.value.code == "objections.corrections_impossible"


def test_removal_is_held_against_the_listing_as_it_stands(office):
    listed = office.give(OWN, "abnormal_operation", "2025-03-03")
    case = office.accept(office.file(Item(listed.pk, "not_removed")))
    office.verify(case)
    records.replace_record(
        by=OPERATOR, record_id=listed.pk, changes={"decided_on": dt.date(2025, 4, 1)},
        reason="更正", on=TODAY,
    )  # fmt: skip

    with pytest.raises(Refused) as refused:
        office.decide(case, "remove", removed_on=dt.date(2025, 3, 31))
    assert refused.value.code == "objections.removed_too_early"


def test_repair_of_a_listing_by_a_court_is_not_asked_for_here(office):
    listed = office.give(OWN, "judgment_defaulter", "2022-03-03")

    with pytest.raises(Refused) as refused:
        repair(office, listed)
    assert refused.value.code == "objections.repair_by_court"


def test_what_turned_out_to_be_a_courts_is_not_put_right_here(office):
    listed = office.give(OWN, "abnormal_operation", "2025-03-03")
    case = office.accept(office.file(Item(listed.pk, "not_removed")))
    assert "remove" in outcomes_of(case, case.items.get())

    records.replace_record(
        by=OPERATOR, record_id=listed.pk, changes={"kind_id": "judgment_defaulter"},
        reason="更正", on=TODAY,
    )  # fmt: skip

    assert outcomes_of(case, case.items.get()) == ["reject"]
    assert handling.is_of_a_court(case)


@pytest.mark.parametrize(
    ("corrections", "code"),
    [
        ({"decided_on": "2099-01-01"}, "records.future_date"),
        ({"number": "又一文号"}, "records.already_given"),
        ({"measures": "罚款"}, "objections.corrections_needless"),
    ],
)
def test_what_cannot_be_registered_is_told_where_it_is_found(office, corrections, code):
    twin = records.given_from(office.fine, {"number": "又一文号"})
    records.give_records(by=OPERATOR, given=[twin], source="试", on=TODAY)
    case = office.accept(office.file(Item(office.fine.pk, "wrong")))

    with pytest.raises(Refused) as refused:
        office.verify(case, corrections=corrections)

    assert refused.value.code == code
    assert CaseStep.objects.filter(case=case).count() == 2


def test_state_that_cannot_be_registered_is_told_where_it_is_found(office):
    with pytest.raises(Refused) as refused:
        of_rating(office, "wrong_state", {"status": "3", "status_on": "2099-01-01"})

    assert refused.value.code == "roster.future_status"


def test_what_its_source_put_right_before_answering_is_upheld_all_the_same(office):
    case = office.accept(office.file(Item(office.fine.pk, "wrong")))
    asked = office.send(case)
    records.replace_record(
        by=OPERATOR, record_id=office.fine.pk, changes={"facts": "改正"}, reason="更正", on=TODAY
    )
    office.answer(asked, corrections={"facts": "改正"})

    office.decide(case, "correct")

    assert case.items.get().outcome == "correct"
    assert live(office.fine).facts == "改正"


def test_state_put_right_before_it_was_found_is_upheld_all_the_same(office):
    case = office.accept(office.file(Item(0, "wrong_state")))
    office.register([OWN], status="3", status_on=dt.date(2025, 3, 1))
    office.verify(case, corrections=STATE)

    assert office.decide(case, "registration").state == "decided"


def test_removal_its_source_registered_meanwhile_keeps_its_day(office):
    """The listing came down in the year that was graded; deciding so must not move it out of it."""
    listed = office.give(OWN, "abnormal_operation", "2025-03-03")
    case = office.accept(office.file(Item(listed.pk, "not_removed")))
    office.verify(case)
    then = dt.date(2025, 11, 3)
    corrections.change_record(
        by=office.source, record_id=listed.pk, kind="correct",
        changes={"ended_on": then, "end_reason": "移出"}, reason="补登", on=TODAY,
    )  # fmt: skip

    office.decide(case, "remove")

    now = live(listed)
    assert (now.ended_on, now.end_reason) == (then, "移出")
    assert verify_current().ok


def test_state_and_roster_put_right_meanwhile_are_upheld_all_the_same(office):
    case = of_rating(office, "wrong_state", STATE)
    office.register([OWN], status="3", status_on=dt.date(2025, 3, 1))

    assert office.decide(case, "registration").state == "decided"
    assert verify_current().ok


def test_roster_it_stands_on_by_now_does_not_become_an_exception(office):
    case = of_rating(office, "wrong_roster", {"keeper": "130105", "level": "county"})
    office.register([OWN], region_id="130105")
    Case.objects.filter(pk=case.pk).update(unit="130100")  # as a review by the city

    office.decide(case, "roster", by=office.city_approver)

    entry = RosterEntry.objects.current().get(enterprise=OWN)
    assert (entry.region_id, entry.override) == ("130105", False)


def test_publication_that_has_ended_is_not_ended_again(office):
    old = office.give(OWN, "penalty_other", "2021-01-05")
    case = office.accept(office.file(Item(old.pk, "past_term")))
    office.verify(case)

    office.decide(case, "end_publication")

    assert live(old) == old


def test_what_came_down_stays_down_when_it_is_put_right_and_is_counted_once(office):
    old = office.give(OWN, "penalty_other", "2021-01-05")
    take_down_due(on=TODAY)
    assert not Record.objects.published().filter(pk=old.pk).exists()
    down = PublicationRound.objects.get().taken_down
    case = office.accept(office.file(Item(old.pk, "wrong")))
    office.verify(case, corrections={"fine_wan": "1"})

    office.decide(case, "correct")

    now = live(old)
    assert now != old
    assert not Record.objects.published().filter(pk=now.pk).exists()
    take_down_due(on=TODAY + dt.timedelta(days=1))
    rounds = list(PublicationRound.objects.order_by("on").values_list("taken_down", flat=True))
    assert rounds == [down, 0]
    assert recount().ok


def test_withdrawn_review_ends_the_matter(office):
    first = office.decide(ready(office), "reject")
    second = office.review(first)

    filing.withdraw_case(by=office.rep, case_id=second.pk, version=None, reason="", on=TODAY)

    first.refresh_from_db()
    assert first.state == "closed"
    with pytest.raises(Refused) as refused:
        filing.begin_review(by=office.rep, case_id=first.pk, on=TODAY)
    assert refused.value.code == "objections.review_there"


def test_refused_repair_stays_refused_for_a_while_under_another_number_and_after_its_review(office):
    first = refused_repair(office)
    record = first.items.get().record
    second = office.review(first)
    office.accept(second, by=office.city_clerk)
    asked = office.send(second, by=office.city_clerk)
    office.answer(asked, "false")
    later = TODAY + dt.timedelta(days=9)
    office.decide(second, "reject", by=office.city_approver, on=later)
    changed = records.replace_record(
        by=OPERATOR, record_id=live(record).pk, changes={"number": "改正的文号"}, reason="更正",
        on=TODAY,
    )  # fmt: skip

    said = filing.why_no_repair([changed], on=later)[changed.pk]

    assert (said.code, said.values["on"]) == (
        "objections.repair_again_later", later + dt.timedelta(days=30),
    )  # fmt: skip
    letter = Letter.objects.filter(about_id=second.pk, kind="review").get()
    assert "未获准修复的" in letter.content


def test_letter_names_the_standard_the_grade_is_by(office):
    case = office.upheld()

    (letter,) = Letter.objects.filter(about_id=case.pk, kind="decision")
    assert f"按{current_rating(OWN).verdict.run.scheme}，根据处理结果" in letter.content


@pytest.mark.parametrize("step", ["accept", "refuse"])
def test_who_spoke_for_the_enterprise_takes_no_step_of_the_office(office, step):
    case = office.file()
    Representative.objects.create(
        user=office.clerk, enterprise_id=OWN, since=dt.date(2020, 1, 1), until=dt.date(2021, 1, 1)
    )

    given = {"by": office.clerk, "case_id": case.pk, "version": None, "on": TODAY}
    act = {
        "accept": partial(handling.accept_case, **given),
        "refuse": partial(handling.refuse_case, **given, code="outside", reason="x"),
    }[step]

    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code == "objections.is_linked"


# --- review -----------------------------------------------------------------------------------


def review(office, first: Case, on=TODAY) -> Case:
    draft = committed(office, filing.begin_review(by=office.rep, case_id=first.pk, on=on))
    return filing.file_case(by=office.rep, draft_id=draft.pk, on=on)


def committed(office, draft: Draft) -> Draft:
    content = filing.Content(items=filing.Content.of(draft).items, statement="不服", committed=True)
    return filing.keep_draft(by=office.rep, draft_id=draft.pk, content=content)


def city(office) -> dict[str, object]:
    return {"version": None, "on": TODAY}


def test_review_goes_to_the_level_above_and_can_change_the_decision(office):
    first = office.decide(ready(office), "reject")

    second = review(office, first)

    first.refresh_from_db()
    assert (second.unit_id, second.number[:4], first.state) == ("130100", "冀信复〔", "in_review")
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)
    office.decide(second, "delete", by=office.city_approver)
    first.refresh_from_db()
    assert (first.state, grade()) == ("closed", "B")
    assert Letter.objects.filter(kind="review").count() == 1
    assert verify_current().ok


def test_review_is_asked_for_within_its_limit_and_once(office):
    first = office.decide(ready(office), "reject")
    given = {"by": office.rep, "case_id": first.pk}
    last, late = dt.date(2026, 3, 17), dt.date(2026, 3, 18)
    begun = filing.begin_review(**given, on=last)
    for tried in (
        lambda: filing.begin_review(**given, on=late),
        lambda: filing.file_case(by=office.rep, draft_id=committed(office, begun).pk, on=late),
    ):
        with pytest.raises(Refused) as refused:
            tried()
        assert refused.value.code == "objections.review_too_late"

    review(office, first, on=last)
    with pytest.raises(Refused) as refused:
        filing.begin_review(**given, on=last)
    assert refused.value.code == "objections.review_there"


def test_who_had_a_part_in_the_first_has_none_in_the_review(office):
    first = office.decide(ready(office), "reject")
    second = review(office, first)
    CaseStep.objects.filter(case=first, action="accept").update(taken_by=office.city_clerk.username)

    with pytest.raises(Refused) as refused:
        office.accept(second, by=office.city_clerk)
    assert refused.value.code == "objections.had_a_part"


def refused_repair(office) -> Case:
    case = office.accept(repair(office))
    office.answer(office.send(case), "false")
    return office.decide(case, "reject")


def test_review_of_a_repair_asks_the_source_again_and_disputes_nothing(office):
    second = review(office, refused_repair(office))
    office.accept(second, by=office.city_clerk)
    assert not Mark.objects.exists()

    with pytest.raises(Refused) as refused:
        office.verify(second, by=office.city_clerk)
    assert refused.value.code == "objections.source_needed"

    office.answer(office.send(second, by=office.city_clerk))
    office.decide(second, "repair", by=office.city_approver)
    assert Mark.objects.live().get().kind == MarkKind.REPAIRED
    assert (grade(), verify_current().ok) == ("B", True)


def test_review_of_a_repair_is_held_to_what_the_source_finds(office):
    second = review(office, refused_repair(office))
    office.accept(second, by=office.city_clerk)
    office.answer(office.send(second, by=office.city_clerk), "false")

    with pytest.raises(Refused) as refused:
        office.decide(second, "repair", by=office.city_approver)
    assert refused.value.code == "objections.fault_not_made_good"
    assert office.decide(second, "reject", by=office.city_approver).state == "decided"


def test_repair_that_was_not_accepted_can_be_granted_in_its_review(office):
    case = repair(office)
    first = handling.refuse_case(
        by=office.clerk, case_id=case.pk, version=None, code="no_commitment", reason="x", on=TODAY
    )
    second = review(office, first)
    office.accept(second, by=office.city_clerk)
    office.answer(office.send(second, by=office.city_clerk))

    office.decide(second, "repair", by=office.city_approver)

    assert grade() == "B"


def test_review_of_what_an_authority_elsewhere_decided_is_sent_to_it(office):
    elsewhere = department("130200", "税务部门")
    record = office.give(OWN, "tax_arrears", "2025-03-01", authority_id=elsewhere.pk)
    case = office.file(Item(record.pk, "wrong"))
    first = handling.refuse_case(
        by=office.clerk, case_id=case.pk, version=None, code="outside", reason="x", on=TODAY
    )
    second = office.accept(review(office, first), by=office.city_clerk)

    with pytest.raises(Refused) as refused:
        office.verify(second, "false", by=office.city_clerk)

    assert refused.value.code == "objections.source_needed"
    assert office.send(second, by=office.city_clerk).agency == elsewhere


def test_source_takes_longer_in_a_review_as_in_an_objection(office):
    second = review(office, office.decide(ready(office), "reject"))
    office.accept(second, by=office.city_clerk)
    asked = office.send(second, by=office.city_clerk)
    assert (asked.due_on, second.refresh_from_db(), second.due_on) == (
        dt.date(2026, 3, 9), None, dt.date(2026, 3, 9),
    )  # fmt: skip

    longer = handling.extend(
        by=office.source, verification_id=asked.pk, reason="须调阅档案", on=TODAY
    )

    second.refresh_from_db()
    assert (longer.due_on, second.due_on) == (dt.date(2026, 3, 16), dt.date(2026, 3, 16))


def test_review_grants_a_repair_on_what_the_source_found(office):
    case = office.accept(repair(office))
    office.answer(office.send(case))
    case.refresh_from_db()
    second = review(office, office.decide(case, "reject"))
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)

    office.decide(second, "repair", by=office.city_approver)

    assert grade() == "B"


def test_refusal_can_be_reviewed_too(office):
    case = office.file()
    first = handling.refuse_case(
        by=office.clerk, case_id=case.pk, version=None, code="outside", reason="x", on=TODAY
    )

    second = review(office, first)
    office.accept(second, by=office.city_clerk)
    office.verify(second, by=office.city_clerk)
    office.decide(second, "delete", by=office.city_approver)

    assert grade() == "B"
