"""The enterprise's side. Source: R29 (申请), R56; domain facts 5."""

import datetime as dt

import pytest
from django.apps import apps
from django.utils.timezone import localtime

from audit.models import Event
from audit.recount import recount
from audit.refusal import NotPermitted, Refused
from grading import corrections
from grading.regrading import current_rating
from grading.replay import verify_current
from intake import evidence
from intake.models import StoredFile
from notices.models import Notice
from objections import deciding, filing, handling
from objections.deciding import Decision
from objections.filing import Content, Item
from objections.models import Case, CaseFile, Draft
from objections.queries import CaseQuerySet
from records import services as records
from records.models import Record
from roster.models import User
from tests.factories.grading import OPERATOR, TODAY, code, person
from tests.factories.objections import OTHER, OWN, proof, speaks_for


def refused(call, **given) -> str:
    with pytest.raises(Refused) as said:
        call(**given)
    return said.value.code


def test_case_has_a_number_a_day_and_a_receipt(office):
    case = office.file()

    assert case.number == "冀信异〔2026〕130102-0001"
    assert (case.state, case.due_on) == ("submitted", dt.date(2026, 3, 4))
    assert (case.unit_id, case.agency, case.applicant) == ("130102", office.agency, office.rep)
    told = set(Notice.objects.values_list("kind", "enterprise", "agency"))
    assert told == {
        ("objections.filed", None, office.agency.pk), ("objections.receipt", OWN, None),
    }  # fmt: skip


def test_filing_is_one_event(office):
    draft = office.draft()
    before = Event.objects.count()

    filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)

    assert Event.objects.count() == before + 1
    assert Event.objects.latest("number").act == "objections.filed"


def test_numbers_run_on_without_a_gap_and_begin_anew_each_year(office):
    first = office.file()
    draft = office.draft(Item(office.fine.pk, "wrong"), statement="")
    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.statement_missing"
    )
    second = office.file(Item(office.fine.pk, "wrong"))
    third = office.file(kind="help", on=dt.date(2026, 12, 30))
    fourth = office.file(kind="help", on=dt.date(2027, 1, 4))

    assert [case.number[-4:] for case in (first, second, third, fourth)] == [
        "0001", "0002", "0001", "0001",
    ]  # fmt: skip
    assert "〔2027〕" in fourth.number


def test_draft_filed_twice_is_one_case(office):
    draft = office.draft()

    cases = [filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY) for _again in range(2)]

    assert cases[0] == cases[1]
    assert Case.objects.count() == 1
    assert Notice.objects.count() == 2


def test_files_of_the_draft_go_over_to_the_case(office):
    case = office.file(files=["evidence", "commitment"])

    assert sorted(case.files.values_list("role", flat=True)) == ["commitment", "evidence"]
    assert Draft.objects.get(case=case).files.count() == 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"statement": " "}, "objections.statement_missing"),
        ({"committed": False}, "objections.commitment_missing"),
        ({"agent": "代理人甲"}, "objections.authorisation_missing"),
    ],
)
def test_application_that_lacks_something_is_told_what(office, said, code):
    draft = office.draft(**said)

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == code
    assert not Case.objects.exists()


def test_agent_with_an_authorisation_may_file(office):
    assert office.file(agent="代理人甲", files=["authorisation"]).agent == "代理人甲"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((Item(0, "wrong"),), "objections.ground_missing"),
        ((Item(0, ""),), "objections.ground_missing"),
        ((Item(0, "wrong_year"), Item(0, "wrong_state")), "objections.chosen_twice"),
        ((Item(999_999, "wrong"),), "objections.record_gone"),
    ],
)
def test_what_cannot_be_chosen_is_refused(office, items, code):
    draft = office.draft(*items)

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == code


def chosen(office, *items: Item, kind: str = "objection") -> str:
    return refused(
        filing.begin_draft, by=office.rep, code=OWN, kind=kind, content=Content(items), on=TODAY
    )


def test_what_cannot_be_filed_cannot_be_chosen(office, monkeypatch):
    listed = office.give(OWN, "judgment_defaulter", "2025-03-03")
    severe, fine, court = (Item(one.pk, "") for one in (office.severe, office.fine, listed))
    office.file()

    assert chosen(office, severe) == "objections.under_way"
    assert chosen(office, Item(999_999, "")) == "objections.record_gone"
    assert chosen(office, fine, court) == "objections.court_apart"
    assert chosen(office, fine, fine) == "objections.chosen_twice"
    monkeypatch.setattr(filing, "MOST_ITEMS", 1)
    assert chosen(office, fine, Item(0, "")) == "objections.too_many_items"
    assert not Draft.objects.filter(case=None).exists()


def test_field_that_is_wrong_is_named_before_it_is_filed(office):
    draft = office.draft(
        Item(office.severe.pk, "wrong", [{"field": "", "is": "3", "should": "0.3"}])
    )

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.field_missing"
    )


def test_drafts_of_an_enterprise_one_no_longer_speaks_for_take_no_room(office, monkeypatch):
    monkeypatch.setattr(filing, "MOST_DRAFTS", 1)
    office.draft()
    office.rep.representations.update(until=dt.date(2021, 1, 1))
    office.rep.representations.create(enterprise_id=OTHER, since=dt.date(2020, 1, 1))
    rep = User.objects.get(pk=office.rep.pk)
    given = {"by": rep, "code": OTHER, "kind": "help", "content": Content(), "on": TODAY}

    filing.begin_draft(**given)

    assert refused(filing.begin_draft, **given) == "objections.too_many_drafts"


def test_record_of_another_enterprise_is_like_one_that_is_not_there(office):
    foreign = office.give(OTHER, "penalty_other", "2025-05-01")
    draft = office.draft(Item(foreign.pk, "wrong"))

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.record_gone"
    )


def test_record_that_was_corrected_meanwhile_is_objected_to_as_it_stands(office):
    draft = office.draft()
    later = records.replace_record(
        by=OPERATOR, record_id=office.severe.pk, changes={"conduct": "x"}, reason="更正", on=TODAY
    )

    case = filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)

    assert case.items.get().record == later


def test_record_under_way_is_not_objected_to_again(office):
    office.file()
    draft = office.draft()

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.under_way"
    )


def test_rating_under_way_is_not_objected_to_again(office):
    office.file(Item(0, "wrong_year"))
    draft = office.draft(Item(0, "wrong_state"))

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.under_way"
    )


def test_after_a_decision_it_can_be_objected_to_once_more(office):
    case = office.upheld(outcome="reject")
    handling.close_case(by=OPERATOR, case_id=case.pk, on=TODAY + dt.timedelta(days=16))

    assert office.file().state == "submitted"


def test_flood_from_one_account_is_held_back_and_keeps_the_drafts(office, monkeypatch):
    monkeypatch.setattr(filing, "MOST_AN_HOUR", 2)
    drafts = [office.draft(kind="help") for _n in range(3)]
    for draft in drafts[:2]:
        filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)

    assert refused(filing.file_case, by=office.rep, draft_id=drafts[2].pk, on=TODAY) == (
        "objections.too_many_cases"
    )
    assert Draft.objects.filter(pk=drafts[2].pk, case=None).exists()


def test_more_files_than_a_case_takes_are_refused(office):
    draft = office.draft(files=["evidence"] * 9)
    given = [(proof(), "evidence")] * 2

    code = refused(
        filing.keep_draft, by=office.rep, draft_id=draft.pk, content=Content(), files=given
    )
    assert code == "objections.too_many_files"


def test_draft_is_its_writers_alone(office):
    draft = office.draft()
    colleague, stranger = speaks_for("colleague", OWN), speaks_for("stranger", OTHER)

    for user in (colleague, stranger, office.clerk):
        with pytest.raises(NotPermitted):
            filing.file_case(by=user, draft_id=draft.pk, on=TODAY)
        with pytest.raises(NotPermitted):
            filing.drop_draft(by=user, draft_id=draft.pk)


def test_who_no_longer_speaks_for_the_enterprise_files_no_more(office):
    draft = office.draft()
    office.rep.representations.update(until=dt.date(2021, 1, 1))

    with pytest.raises(NotPermitted):
        filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)


def test_draft_dropped_is_gone_and_one_filed_stays(office):
    draft, filed = office.draft(), office.draft(kind="help")
    filing.file_case(by=office.rep, draft_id=filed.pk, on=TODAY)

    filing.drop_draft(by=office.rep, draft_id=draft.pk)

    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert refused(filing.drop_draft, by=office.rep, draft_id=filed.pk) == "objections.draft_filed"


def test_draft_nobody_went_on_with_is_dropped_and_one_filed_or_new_stays(office):
    old, filed, new = office.draft(), office.draft(kind="help"), office.draft(kind="help")
    filing.file_case(by=office.rep, draft_id=filed.pk, on=TODAY)
    saved = localtime(old.saved_at).date()
    Draft.objects.filter(pk=new.pk).update(saved_at=old.saved_at + dt.timedelta(days=1))
    office.rep.representations.update(until=dt.date(2021, 1, 1))
    last = saved + dt.timedelta(days=filing.DRAFT_DAYS)

    assert filing.drop_old_drafts(by=OPERATOR, on=last) == 0
    assert filing.drop_old_drafts(by=OPERATOR, on=last + dt.timedelta(days=1)) == 1

    assert set(Draft.objects.values_list("pk", flat=True)) == {filed.pk, new.pk}
    assert recount().ok


def test_enterprise_kept_by_the_city_is_answered_by_the_city(office):
    office.register([code(3)], affiliation="city")
    user = speaks_for("city-rep", code(3))

    case = office.file(Item(0, "wrong_year"), by=user)

    assert (case.unit_id, case.agency.region_id) == ("130100", "130100")
    assert case.number.startswith("冀信异〔2026〕130100-")


def bytes_of(rows) -> list[bool]:
    return [(evidence.folder() / row.stored).exists() for row in rows]


@pytest.mark.django_db(transaction=True)
def test_files_that_nothing_names_any_more_are_erased_and_leave_their_rows(transactional_office):
    office = transactional_office
    kept, taken_out, dropped = (
        office.draft(files=["evidence"]), office.draft(files=["evidence"], kind="help"),
        office.draft(files=["evidence"], kind="help"),
    )  # fmt: skip
    case = filing.file_case(by=office.rep, draft_id=kept.pk, on=TODAY)
    filing.remove_file(by=office.rep, draft_id=taken_out.pk, file_id=taken_out.files.get().pk)
    filing.drop_draft(by=office.rep, draft_id=dropped.pk)
    rows = list(StoredFile.objects.order_by("pk"))
    assert bytes_of(rows) == [True, True, True]

    assert evidence.erase_unnamed(by=OPERATOR) == 2
    assert evidence.erase_unnamed(by=OPERATOR) == 0

    assert bytes_of(rows) == [True, False, False]
    assert case.files.get().file == rows[0]
    assert Event.objects.filter(act="intake.evidence_erased").count() == 1
    assert recount().ok


def test_every_table_that_names_files_is_asked_before_one_is_erased():
    sql = str(StoredFile.objects.unnamed().query)
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is StoredFile
    }
    assert naming == {"objections_casefile", "objections_draftfile", "roster_binding"}
    assert [table for table in naming if table not in sql] == []


# --- a record that is not what it was ------------------------------------------------------------


def given_to(office, record: Record, enterprise: str) -> Record:
    """The source puts right whom it decided about."""
    proposal = corrections.change_record(
        by=office.source, record_id=record.pk, kind="correct",
        changes={"enterprise_id": enterprise}, reason="主体录入有误", on=TODAY,
    )  # fmt: skip
    approver = person("dept-approver", office.authority, "department_approver")
    corrections.decide_change(
        by=approver, proposal_id=proposal.pk, agree=True, reason="属实", on=TODAY
    )
    return Record.objects.live().get(enterprise=enterprise, number=record.number)


def test_record_that_became_another_enterprises_is_not_filed_against(office):
    draft = office.draft(Item(office.severe.pk, "wrong_subject"))
    given_to(office, office.severe, OTHER)

    assert refused(filing.file_case, by=office.rep, draft_id=draft.pk, on=TODAY) == (
        "objections.record_gone"
    )


@pytest.mark.parametrize("accepted", [False, True])
def test_case_never_touches_what_became_another_enterprises(office, accepted):
    case = office.file(Item(office.severe.pk, "wrong_subject"))
    if accepted:
        office.accept(case)
    theirs = given_to(office, office.severe, OTHER)
    assert not theirs.marks.filter(retracted_at=None).exists()
    if not accepted:
        office.accept(case)
    office.verify(case)

    with pytest.raises(Refused) as said:
        office.decide(case, "delete")
    assert said.value.code == "objections.outcome_not_possible"
    office.decide(case, "gone")

    theirs.refresh_from_db()
    assert theirs.retracted_at is None
    assert not theirs.marks.filter(retracted_at=None).exists()
    assert (current_rating(OWN).grade, current_rating(OTHER).grade) == ("B", "C")
    assert verify_current().ok


def test_review_of_a_case_of_which_one_record_is_gone_is_about_the_other(office):
    case = office.file(Item(office.severe.pk, "wrong"), Item(office.fine.pk, "wrong"))
    office.accept(case)
    office.verify(case)
    severe, fine = case.items.order_by("pk")
    decisions = [Decision(severe.pk, "delete", "查实"), Decision(fine.pk, "reject", "无误")]
    deciding.decide(
        by=office.approver, case_id=case.pk, version=None, decisions=decisions, reason="经核查",
        on=TODAY,
    )  # fmt: skip

    draft = filing.begin_review(by=office.rep, case_id=case.pk, on=TODAY)
    content = Content(Content.of(draft).items, "不服", "", True)
    filing.keep_draft(by=office.rep, draft_id=draft.pk, content=content)
    second = filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY)

    assert [item.record for item in second.items.all()] == [office.fine]


def reviewed(office, case: Case, by=None) -> Case:
    user = by or office.rep
    draft = filing.begin_review(by=user, case_id=case.pk, on=TODAY)
    content = Content(Content.of(draft).items, "不服", "", True)
    filing.keep_draft(by=user, draft_id=draft.pk, content=content)
    return filing.file_case(by=user, draft_id=draft.pk, on=TODAY)


def test_record_is_in_one_open_case_at_a_time_reviews_too(office):
    first = office.upheld(Item(office.fine.pk, "wrong"), outcome="reject")
    other = office.file(Item(office.fine.pk, "wrong"))

    with pytest.raises(Refused) as said:
        reviewed(office, first)

    assert (said.value.code, said.value.values["number"]) == ("objections.under_way", other.number)


def test_colleagues_review_is_named_to_who_comes_second(office):
    first = office.upheld(Item(office.fine.pk, "wrong"), outcome="reject")
    colleague = speaks_for("colleague", OWN)
    draft = filing.begin_review(by=colleague, case_id=first.pk, on=TODAY)
    content = Content(Content.of(draft).items, "不服", "", True)
    filing.keep_draft(by=colleague, draft_id=draft.pk, content=content)
    second = reviewed(office, first)

    with pytest.raises(Refused) as said:
        filing.file_case(by=colleague, draft_id=draft.pk, on=TODAY)

    assert (said.value.code, said.value.values["number"]) == (
        "objections.review_there", second.number,
    )  # fmt: skip


def test_court_listing_is_brought_by_itself(office):
    listed = office.give(OWN, "judgment_defaulter", "2025-03-03")

    with pytest.raises(Refused) as said:
        office.file(Item(listed.pk, "wrong"), Item(office.fine.pk, "wrong"))
    assert said.value.code == "objections.court_apart"
    assert office.file(Item(listed.pk, "wrong")).items.count() == 1


def test_two_versions_of_one_record_are_one(office):
    corrections.change_record(
        by=OPERATOR, record_id=office.fine.pk, kind="correct", changes={"content": "另述"},
        reason="更正", on=TODAY,
    )  # fmt: skip
    now = Record.objects.get(supersedes=office.fine)

    with pytest.raises(Refused) as said:
        office.file(Item(office.fine.pk, "wrong"), Item(now.pk, "wrong"))

    assert said.value.code == "objections.chosen_twice"


# --- papers, withdrawal ----------------------------------------------------------------------------


def asked(office, on=TODAY) -> Case:
    case = office.file(on=on)
    return handling.ask_papers(
        by=office.clerk, case_id=case.pk, version=None, reason="请提供原决定书", on=on
    )


def test_papers_asked_stop_the_clock_until_they_come(office):
    case = asked(office)
    assert (case.state, case.due_on) == ("papers", None)

    filing.supply_papers(
        by=office.rep, case_id=case.pk, version=None, statement="已补", on=dt.date(2026, 3, 9),
        files=[(proof(), "evidence")],
    )  # fmt: skip

    case.refresh_from_db()
    assert (case.state, case.due_on) == ("submitted", dt.date(2026, 3, 11))
    assert CaseFile.objects.get(case=case).added_on == dt.date(2026, 3, 9)


def test_papers_are_asked_for_once(office):
    case = asked(office)
    filing.supply_papers(
        by=office.rep, case_id=case.pk, version=None, statement="已补", files=[], on=TODAY
    )

    code = refused(
        handling.ask_papers, by=office.clerk, case_id=case.pk, version=None, reason="再", on=TODAY
    )
    assert code == "objections.asked_already"


def test_nothing_supplied_is_no_supply(office):
    case = asked(office)

    code = refused(
        filing.supply_papers, by=office.rep, case_id=case.pk, version=None, statement=" ",
        files=[], on=TODAY,
    )  # fmt: skip
    assert code == "objections.nothing_supplied"


def test_colleague_follows_and_withdraws_a_case_of_the_enterprise(office):
    case = office.accept(office.file())
    colleague = speaks_for("colleague", OWN)

    filing.withdraw_case(by=colleague, case_id=case.pk, version=None, reason="", on=TODAY)

    case.refresh_from_db()
    assert (case.state, case.due_on) == ("withdrawn", None)
    assert not office.severe.marks.filter(retracted_at=None).exists()


def test_stranger_neither_sees_nor_withdraws_it(office):
    case = office.file()
    stranger = speaks_for("stranger", OTHER)

    seen: CaseQuerySet = Case.objects.visible_to(stranger)
    assert not seen.exists()
    with pytest.raises(NotPermitted):
        filing.withdraw_case(by=stranger, case_id=case.pk, version=None, reason="", on=TODAY)


def test_decided_case_cannot_be_withdrawn(office):
    case = office.upheld()

    code = refused(
        filing.withdraw_case, by=office.rep, case_id=case.pk, version=None, reason="", on=TODAY
    )
    assert code == "roster.step_not_possible"
