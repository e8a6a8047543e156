"""The offices' side. Source: R29 (受理、核查), R56; domain facts 5."""

import datetime as dt

import pytest
from django.utils.timezone import localdate

from audit.models import Event
from audit.refusal import NotPermitted, Refused
from notices.models import Letter, Notice
from objections import deciding, filing, handling
from objections.admin.verifications import papers_for
from objections.clock import leg_of_source
from objections.enums import RefusalReason
from objections.filing import Item
from objections.models import Case, CaseStep, Verification
from objections.reminding import remind_due
from records import services as records
from records.enums import MarkKind
from records.models import Mark
from roster.rules.steps import StepRefused
from roster.scope import Operator
from tests.factories.grading import OPERATOR, TODAY, County, person
from tests.factories.objections import OWN, found_of
from tests.factories.roster import department, signed_in
from workdays.models import CalendarYear
from workdays.queries import loaded_calendar

LATER = dt.date(2026, 3, 20)


def refused(call, **given) -> Refused:
    with pytest.raises(Refused) as said:
        call(**given)
    return said.value


def act(service, case: Case, by, **given):
    return service(by=by, case_id=case.pk, version=None, on=TODAY, **given)


# --- accepting --------------------------------------------------------------------------------


def test_accepting_marks_the_records_at_once_with_the_number_of_the_case(office):
    case = office.accept(office.file())

    mark = Mark.objects.live().get(record=office.severe)
    assert (mark.kind, mark.reference, mark.since) == (MarkKind.DISPUTED, case.number, TODAY)
    assert (case.state, case.handler, case.due_on) == (
        "accepted", office.clerk.username, dt.date(2026, 3, 5),
    )  # fmt: skip


def test_accepting_is_one_event_with_letter_notice_and_mark(office):
    case = office.file()
    before = Event.objects.count()

    office.accept(case)

    assert Event.objects.count() == before + 1
    assert Letter.objects.get().kind == "acceptance"
    assert Notice.objects.get(kind="objections.accepted").enterprise_id == OWN


def test_repair_is_accepted_without_a_mark(office):
    case = office.accept(
        office.file(Item(office.fine.pk, "made_good"), kind="repair", files=["proof"])
    )

    assert not Mark.objects.exists()
    assert case.due_on == dt.date(2026, 3, 16)


def test_second_to_accept_is_told_who_did(office):
    case = office.file()
    other = person("second-clerk", office.agency, "lead_clerk")
    version = case.version
    handling.accept_case(by=office.clerk, case_id=case.pk, version=version, on=TODAY)

    said = refused(handling.accept_case, by=other, case_id=case.pk, version=version, on=TODAY)

    assert said.code == "roster.form_stale_by"
    assert office.clerk.username in said.values["what"]


def test_case_of_another_county_is_not_there(office):
    case = office.file()
    neighbour = County.make("130104")

    for by in (neighbour.clerk, neighbour.approver, office.source):
        with pytest.raises(NotPermitted):
            act(handling.accept_case, case, by)


def test_level_above_sees_and_does_not_handle(office):
    case = office.file()

    assert Case.objects.visible_to(office.city_clerk).filter(pk=case.pk).exists()
    with pytest.raises(NotPermitted):
        act(handling.accept_case, case, office.city_clerk)


def test_approver_does_not_accept_and_clerk_does_not_decide(office):
    case = office.file()

    with pytest.raises(NotPermitted):
        act(handling.accept_case, case, office.approver)
    office.accept(case)
    office.verify(case)
    with pytest.raises(NotPermitted):
        office.decide(case, by=office.clerk)


# --- not accepting ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [one for one in RefusalReason if one not in ("no_evidence", "too_early")]
)
def test_refusal_has_a_code_a_letter_and_a_remedy(office, code):
    case = act(handling.refuse_case, office.file(), office.clerk, code=code, reason="如下")

    step = CaseStep.objects.get(case=case, action="refuse")
    letter = Letter.objects.get()
    assert (case.state, step.code, letter.kind) == ("refused", code, "refusal")
    assert "15日内" in letter.content
    assert handling.review_until(case) == dt.date(2026, 3, 17)


@pytest.mark.parametrize(
    ("kind", "never"),
    [("objection", {"too_early"}), ("repair", set()), ("review", {"too_early", "no_evidence"})],
)
def test_reasons_not_to_accept_are_those_the_kind_can_have(office, kind, never):
    case = office.file() if kind != "repair" else office.repair()
    if kind == "review":
        case = office.review(office.decide(office.verify(office.accept(case)), "reject"))
    clerk = office.city_clerk if kind == "review" else office.clerk

    assert set(RefusalReason) - set(handling.reasons_for(case)) == never
    for code in never:
        said = refused(
            handling.refuse_case, by=clerk, case_id=case.pk, version=None, code=code, reason="x",
            on=TODAY,
        )  # fmt: skip
        assert said.code == "objections.reason_missing"


def test_want_of_evidence_is_a_reason_only_after_papers_were_asked_for(office):
    case = office.file()

    said = refused(
        handling.refuse_case, by=office.clerk, case_id=case.pk, version=None, code="no_evidence",
        reason="x", on=TODAY,
    )  # fmt: skip
    assert said.code == "objections.papers_not_asked"


def test_silence_of_the_enterprise_refuses_nothing_before_its_limit(office):
    case = act(handling.ask_papers, office.file(), office.clerk, reason="请补")
    given = {
        "by": office.clerk, "case_id": case.pk, "version": None, "code": "no_evidence",
        "reason": "未补",
    }  # fmt: skip

    said = refused(handling.refuse_case, on=dt.date(2026, 3, 16), **given)
    assert (said.code, said.values["last"]) == ("objections.papers_not_due", dt.date(2026, 3, 16))

    assert handling.refuse_case(on=dt.date(2026, 3, 17), **given).state == "refused"


def test_unknown_reason_is_refused(office):
    said = refused(
        handling.refuse_case, by=office.clerk, case_id=office.file().pk, version=None, code="because",
        reason="x", on=TODAY,
    )  # fmt: skip
    assert said.code == "objections.reason_missing"


def test_step_without_its_reason_is_refused(office):
    case = office.file()

    assert (
        refused(
            handling.ask_papers,
            by=office.clerk,
            case_id=case.pk,
            version=None,
            reason=" ",
            on=TODAY,
        ).code
        == "objections.reason_missing"
    )


def test_court_listing_is_referred_and_nothing_else_is(office):
    listing = office.give(OWN, "judgment_defaulter", "2025-04-01")
    case = office.accept(office.file(Item(listing.pk, "not_removed")))
    other = office.file(Item(office.severe.pk, "wrong"))

    referred = act(handling.refer_case, case, office.clerk, reason="请向执行法院提出")
    said = refused(
        handling.refer_case, by=office.clerk, case_id=other.pk, version=None, reason="x", on=TODAY
    )

    assert referred.state == "referred"
    assert not Mark.objects.live().filter(record=listing).exists()
    assert Letter.objects.filter(kind="referral").count() == 1
    assert said.code == "objections.not_of_a_court"


# --- verification -----------------------------------------------------------------------------


def test_source_department_is_asked_about_its_own_records_only(office):
    other = person("tax", county_tax(office), "department_clerk")
    foreign = office.give(OWN, "tax_arrears", "2025-03-01", authority_id=county_tax(office).pk)
    case = office.accept(office.file(Item(office.severe.pk, "wrong"), Item(foreign.pk, "wrong")))

    first = office.send(case)

    assert sorted(case.verifications.values_list("agency__name", flat=True)) == sorted(
        [office.authority.name, county_tax(office).name]
    )
    with pytest.raises(NotPermitted):
        handling.answer(by=other, verification_id=first.pk, found=[], opinion="", on=TODAY)
    office.answer(first)
    case.refresh_from_db()
    assert case.state == "verifying"


def test_answer_of_another_department_holds_up_nobody_and_is_read_by_nobody(office):
    tax = county_tax(office)
    foreign = office.give(OWN, "tax_arrears", "2025-03-01", authority_id=tax.pk)
    case = office.accept(office.file(Item(office.severe.pk, "wrong"), Item(foreign.pk, "wrong")))
    office.send(case)
    asked = case.verifications.get(agency=tax)
    other = signed_in(person("tax-clerk", tax, "department_clerk"))
    at = f"/admin/objections/verification/{asked.pk}/answer/"
    form = other.form(at)
    office.answer(case.verifications.get(agency=office.authority))
    item = case.items.get(record=foreign)

    answer = other.press(
        form, **{f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "属实"}
    )

    assert answer.status_code == 302, answer.content.decode()
    assert "核查说明" not in other.get(answer["Location"]).content.decode()
    case.refresh_from_db()
    assert case.state == "verified"


def test_who_accepted_the_first_is_not_offered_the_answer_to_its_review(office):
    second = person("second-clerk", office.agency, "lead_clerk")
    first = office.accept(office.file())
    office.decide(office.verify(first, by=second), "reject")
    review = office.review(first)
    office.accept(review, by=office.city_clerk)
    office.send(review, by=office.city_clerk)

    queues = {
        who.username: Verification.objects.to_answer(who).count()
        for who in (office.clerk, second, office.source)
    }
    assert queues == {office.clerk.username: 0, second.username: 0, "source": 1}


def test_department_whose_the_record_is_by_now_is_asked(office):
    tax = county_tax(office)
    case = office.accept(office.file())
    records.replace_record(
        by=OPERATOR, record_id=office.severe.pk, changes={"authority_id": tax.pk}, reason="更正",
        on=TODAY,
    )  # fmt: skip

    asked = office.send(case)

    assert (asked.agency, list(asked.items)) == (tax, list(case.items.all()))


def test_question_that_was_asked_again_and_dropped_ends_on_its_own_day(office):
    case = office.accept(office.file())
    office.answer(office.send(case))
    deciding.send_back(by=office.approver, case_id=case.pk, version=None, reason="再查", on=TODAY)
    again = office.send(case)
    filing.withdraw_case(by=office.rep, case_id=case.pk, version=None, reason="", on=LATER)

    again.refresh_from_db()
    assert leg_of_source(again, calendar=loaded_calendar()).stretch.ended_on == LATER


def test_all_that_was_found_stays_in_the_step(office):
    items = [
        Item(office.give(OWN, "penalty_other", f"2025-04-{n + 1:02}").pk, "wrong")
        for n in range(10)
    ]
    case = office.accept(office.file(*items))
    found = [
        handling.Found(item.pk, "true", f"{item.pk}：" + "详" * 400) for item in case.items.all()
    ]

    handling.verify_alone(by=office.clerk, case_id=case.pk, version=None, found=found, on=TODAY)

    said = case.steps.get(action="verify").reason
    assert all(one.reason in said for one in found)


def test_reason_of_an_extension_is_as_long_as_its_field(office):
    case = office.accept(office.file(on=localdate()), on=localdate())
    asked = office.send(case, on=localdate())
    source = signed_in(office.source)
    form = source.form(f"/admin/objections/verification/{asked.pk}/extend/")

    answer = source.press(form, reason="长" * 501)

    assert (answer.status_code, "500" in answer.content.decode()) == (409, True)
    assert source.press(form, reason="长" * 500).status_code == 302


def test_page_of_an_answer_that_is_not_wanted_any_more_says_so(office):
    case = office.accept(office.file())
    done, gone = office.send(case), None
    at = "/admin/objections/verification/{}/answer/"
    source = signed_in(office.source)
    form = source.form(at.format(done.pk))
    office.answer(done)
    item = case.items.get()

    typed = {f"item{item.pk}-finding": "true", f"item{item.pk}-reason": "我的说明"}
    late = source.press(form, **typed)
    assert (late.status_code, "我的说明" in late.content.decode()) == (409, True)
    assert "已由 source 于 2026-03-02 答复" in source.get(at.format(done.pk)).content.decode()

    deciding.send_back(by=office.approver, case_id=case.pk, version=None, reason="再查", on=TODAY)
    gone = office.send(case)
    filing.withdraw_case(by=office.rep, case_id=case.pk, version=None, reason="", on=TODAY)
    answer = source.get(at.format(gone.pk))
    assert (answer.status_code, "不再需要答复" in answer.content.decode()) == (409, True)


def county_tax(office):
    return department("130102", "税务部门")


def test_case_is_verified_with_the_last_answer_and_the_approvers_are_told(office):
    case = office.accept(office.file())

    office.answer(office.send(case))

    case.refresh_from_db()
    assert (case.state, case.due_on) == ("verified", dt.date(2026, 3, 11))
    assert [step.action for step in case.steps.order_by("pk")][-2:] == ["answer", "conclude"]
    told = Notice.objects.get(kind="objections.verified")
    assert (told.agency, told.permission) == (office.agency, "decide_cases")


def test_approvers_are_told_when_the_unit_has_verified_itself(office):
    office.verify(office.accept(office.file()))

    told = Notice.objects.get(kind="objections.verified")
    assert (told.agency, told.permission) == (office.agency, "decide_cases")


@pytest.mark.parametrize("lacks", ["item", "finding", "reason"])
def test_answer_says_something_of_every_record(office, lacks):
    asked = office.send(office.accept(office.file()))
    (found,) = found_of(asked.case.items.all(), "true")
    bad = {
        "item": [],
        "finding": [handling.Found(found.item, "maybe", "x")],
        "reason": [handling.Found(found.item, "true", " ")],
    }[lacks]

    said = refused(
        handling.answer, by=office.source, verification_id=asked.pk, found=bad,
        opinion="", on=TODAY,
    )  # fmt: skip
    assert said.code == "objections.finding_missing"


def test_answer_is_given_once(office):
    case = office.accept(
        office.file(
            Item(office.severe.pk, "wrong"),
            Item(office.give(OWN, "tax_arrears", "2025-03-01", authority_id=county_tax(office).pk).pk, "wrong"),
        )
    )  # fmt: skip
    office.send(case)
    asked = case.verifications.get(agency=office.authority)
    office.answer(asked)

    with pytest.raises(Refused) as said:
        office.answer(asked)
    assert said.value.code == "objections.answered_already"


def test_extension_is_given_once_and_lengthens_both(office):
    case = office.accept(office.file())
    asked = office.send(case)
    assert (asked.due_on, case.refresh_from_db(), case.due_on) == (
        dt.date(2026, 3, 9), None, dt.date(2026, 3, 11),
    )  # fmt: skip
    given = {"by": office.source, "verification_id": asked.pk}

    longer = handling.extend(reason="须调阅档案", on=TODAY, **given)

    case.refresh_from_db()
    assert (longer.due_on, case.due_on) == (dt.date(2026, 3, 16), dt.date(2026, 3, 18))
    assert refused(handling.extend, reason="再", on=TODAY, **given).code == (
        "objections.extended_already"
    )


def test_extension_comes_before_the_limit_has_run_out(office):
    asked = office.send(office.accept(office.file()))

    said = refused(
        handling.extend, by=office.source, verification_id=asked.pk, reason="晚",
        on=dt.date(2026, 3, 10),
    )  # fmt: skip
    assert said.code == "objections.extended_too_late"


def test_lead_agency_of_its_region_answers_for_a_department(office):
    asked = office.send(office.accept(office.file()))

    handling.answer(
        by=office.clerk, verification_id=asked.pk, opinion="",
        found=found_of(asked.case.items.all(), "true"), on=TODAY,
    )  # fmt: skip

    assert asked.case.steps.filter(action="answer").get().taken_by == office.clerk.username


def test_rating_has_no_source_to_ask(office):
    case = office.accept(office.file(Item(0, "wrong_year")))

    assert (
        refused(
            handling.send_case,
            by=office.clerk,
            case_id=case.pk,
            version=None,
            question="",
            on=TODAY,
        ).code
        == "objections.no_source"
    )


def test_repair_is_verified_by_who_decided_or_collects_for_it(office):
    elsewhere = county_tax_elsewhere(office)
    record = office.give(OWN, "tax_arrears", "2025-03-01", authority_id=elsewhere.pk)
    case = office.accept(office.file(Item(record.pk, "made_good"), kind="repair", files=["proof"]))

    with pytest.raises(Refused) as said:
        office.verify(case)
    assert said.value.code == "objections.source_needed"


def county_tax_elsewhere(office):
    return department("130104", "税务部门")


# --- questions --------------------------------------------------------------------------------


def test_question_is_answered_within_its_limit(office):
    case = office.file(kind="help", statement="怎样提高等级？")
    assert case.due_on == dt.date(2026, 3, 9)

    answered = act(handling.reply, case, office.clerk, reason="请先缴清欠费")

    assert (answered.state, answered.due_on) == ("answered", None)
    assert Notice.objects.filter(kind="objections.replied", enterprise=OWN).count() == 1


# --- time -------------------------------------------------------------------------------------


def test_nothing_is_decided_by_waiting(office):
    case = office.accept(office.file())

    handling.close_due(on=dt.date(2026, 12, 1))

    case.refresh_from_db()
    assert case.state == "accepted"


def test_case_ends_when_its_time_for_a_review_has_run_out(office):
    case = office.upheld()

    assert handling.close_due(on=dt.date(2026, 3, 17)) == 0
    assert handling.close_due(on=dt.date(2026, 3, 18)) == 1
    assert handling.close_due(on=dt.date(2026, 3, 18)) == 0
    case.refresh_from_db()
    assert case.state == "closed"


def test_case_is_not_ended_early(office):
    case = office.upheld()

    said = refused(
        handling.close_case, by=Operator("os:x"), case_id=case.pk, on=dt.date(2026, 3, 17)
    )
    assert said.code == "objections.review_still_open"


def test_year_without_a_calendar_is_asked_for_and_reckoned_when_it_is_there(office):
    case = office.file(on=dt.date(2026, 12, 30))
    assert (case.due_on, case.gap_year) == (None, 2027)

    CalendarYear.objects.create(
        year=2027, source="试", loaded_at="2026-12-31T00:00:00Z", loaded_by="x"
    )
    handling.reckon_due()

    case.refresh_from_db()
    assert (case.due_on, case.gap_year) == (dt.date(2027, 1, 1), None)


def test_papers_due_in_a_year_without_a_calendar_are_reckoned_when_it_is_there(office):
    late = dt.date(2026, 12, 28)
    case = office.file(on=late)
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="请补", on=late)
    case.refresh_from_db()
    assert (case.due_on, case.papers_due_on, case.gap_year) == (None, None, 2027)

    CalendarYear.objects.create(
        year=2027, source="试", loaded_at="2026-12-31T00:00:00Z", loaded_by="x"
    )
    handling.reckon_due()

    case.refresh_from_db()
    assert (case.papers_due_on, case.gap_year) == (dt.date(2027, 1, 11), None)
    changes = Event.objects.filter(act="objections.reckoned_anew").latest("number")
    assert "papers_due_on" in str(changes.details)


def test_department_asked_before_a_year_without_a_calendar_is_reckoned_when_it_is_there(office):
    late = dt.date(2026, 12, 30)
    asked = office.send(office.accept(office.file(on=late), on=late), on=late)
    assert (asked.due_on, asked.gap_year) == (None, 2027)

    CalendarYear.objects.create(
        year=2027, source="试", loaded_at="2026-12-31T00:00:00Z", loaded_by="x"
    )
    handling.reckon_due()

    asked.refresh_from_db()
    assert (asked.due_on, asked.gap_year) == (dt.date(2027, 1, 6), None)


def test_closed_case_takes_no_step(office):
    case = office.upheld()
    handling.close_due(on=LATER)

    with pytest.raises(StepRefused):
        filing.begin_review(by=office.rep, case_id=case.pk, on=LATER)


def test_withdrawal_ends_what_the_department_was_asked(office):
    case = office.file()
    office.accept(case)
    asked = office.send(case)
    filing.withdraw_case(by=office.rep, case_id=case.pk, version=None, reason="", on=LATER)

    asked.refresh_from_db()
    assert (asked.dropped_on, asked.waits) == (LATER, False)
    assert not Verification.objects.to_answer(office.source).exists()
    assert (
        Notice.objects.filter(kind="objections.source_dropped", agency=office.authority).count()
        == 1
    )
    assert leg_of_source(asked, calendar=loaded_calendar()).stretch.ended_on == LATER
    assert remind_due(on=LATER) == 0


def test_extension_outlasts_a_second_sending_and_is_granted_once(office):
    case = office.file()
    office.accept(case)
    asked = office.send(case)
    handling.extend(by=office.source, verification_id=asked.pk, reason="调档", on=TODAY)
    case.refresh_from_db()
    extended = case.due_on
    office.answer(asked)
    case.refresh_from_db()
    deciding.send_back(by=office.approver, case_id=case.pk, version=None, reason="请再查", on=TODAY)
    again = office.send(case)

    case.refresh_from_db()
    assert case.due_on == extended
    said = refused(
        handling.extend, by=office.source, verification_id=again.pk, reason="再",
        on=TODAY,
    )  # fmt: skip
    assert said.code == "objections.extended_already"


def test_papers_due_in_a_year_without_a_calendar_ask_for_it(office):
    case = act(handling.ask_papers, office.file(), office.clerk, reason="请补")
    CalendarYear.objects.filter(year=2026).delete()

    said = refused(
        handling.refuse_case, by=office.clerk, case_id=case.pk, version=None, code="no_evidence",
        reason="x", on=LATER,
    )  # fmt: skip

    assert (said.code, said.values["year"]) == ("workdays.calendar_gap", 2026)


def test_department_does_not_read_who_was_given_authority(office):
    case = office.file(agent="某代理人", files=["evidence", "authorisation"])
    office.accept(case)
    asked = office.send(case)
    evidence_of, authority = case.files.order_by("role").reverse()
    source = signed_in(office.source)
    page = f"/admin/objections/verification/{asked.pk}/"

    assert [row.role for row in papers_for(asked)] == [evidence_of.role]
    assert source.get(f"{page}files/{evidence_of.pk}/").status_code == 200
    assert source.get(f"{page}files/{authority.pk}/").status_code == 404


def test_what_was_found_first_stays_in_the_steps(office):
    case = office.file()
    office.accept(case)
    office.verify(case, "false")
    deciding.send_back(by=office.approver, case_id=case.pk, version=None, reason="请再查", on=TODAY)
    office.verify(case, "true")

    first, second = case.steps.filter(action="verify").order_by("pk")
    assert "不属实" in first.reason
    assert "：属实" in second.reason
    assert case.items.get().finding == "true"
