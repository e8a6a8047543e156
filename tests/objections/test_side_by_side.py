"""Two people at one case in the same moment, with real transactions. Source: design idea 7."""

import pytest

from audit.recount import recount
from audit.refusal import Refused
from grading.regrading import current_rating
from grading.replay import verify_current
from notices.models import Notice, Series
from objections import deciding, filing, handling, publishing
from objections.deciding import Decision
from objections.filing import Item
from objections.models import Case, CaseStep
from records.models import PublicationRound, TakenDown
from tests.beside import at_once
from tests.factories.grading import TODAY, person
from tests.factories.objections import OWN, Office
from tests.factories.roster import department

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(transactional_db, tmp_path, settings) -> Office:
    settings.STORE_DIR = tmp_path
    return Office.open()


def accept(office, case, by, version=None):
    return lambda: handling.accept_case(by=by, case_id=case.pk, version=version, on=TODAY)


def test_of_two_who_accept_together_one_wins_and_the_other_is_told_who(office, beside):
    case, other = office.file(), person("second-clerk", office.agency, "lead_clerk")
    waiting = at_once(
        beside,
        accept(office, case, office.clerk, case.version),
        accept(office, case, other, case.version),
    )

    with pytest.raises(Refused) as refused:
        waiting.wait()

    assert refused.value.code == "roster.form_stale_by"
    assert office.clerk.username in refused.value.values["what"]
    assert CaseStep.objects.filter(case=case, action="accept").count() == 1


def test_draft_filed_in_two_tabs_at_once_is_one_case(office, beside):
    draft = office.draft()
    filed = []

    def file():
        filed.append(filing.file_case(by=office.rep, draft_id=draft.pk, on=TODAY))

    at_once(beside, file).wait()

    assert filed[0] == filed[1]
    assert (Case.objects.count(), Series.objects.get(prefix="冀信异").last) == (1, 1)
    assert Notice.objects.count() == 2


def test_two_cases_about_one_record_filed_at_once_are_one_case_and_one_refusal(office, beside):
    first, second = office.draft(), office.draft()
    waiting = at_once(
        beside,
        lambda: filing.file_case(by=office.rep, draft_id=first.pk, on=TODAY),
        lambda: filing.file_case(by=office.rep, draft_id=second.pk, on=TODAY),
    )

    with pytest.raises(Refused) as refused:
        waiting.wait()
    assert refused.value.code == "objections.under_way"
    assert Series.objects.get(prefix="冀信异").last == 1


def test_two_who_decide_together_decide_once(office, beside):
    case = office.accept(office.file())
    office.verify(case)
    decisions = [Decision(case.items.get().pk, "delete", "理由")]

    def decide(by):
        return lambda: deciding.decide(
            by=by, case_id=case.pk, version=None, decisions=decisions, reason="经核查", on=TODAY
        )

    waiting = at_once(beside, decide(office.approver), decide(office.second))

    with pytest.raises(Refused) as refused:
        waiting.wait()
    assert refused.value.code == "roster.step_not_possible"
    assert (current_rating(OWN).grade, verify_current().ok) == ("B", True)
    assert Notice.objects.filter(kind="objections.decided").count() == 1


def test_withdrawal_while_it_is_decided_comes_too_late(office, beside):
    case = office.accept(office.file())
    office.verify(case)
    waiting = at_once(
        beside,
        lambda: office.decide(case),
        lambda: filing.withdraw_case(
            by=office.rep, case_id=case.pk, version=None, reason="", on=TODAY
        ),
    )

    with pytest.raises(Refused):
        waiting.wait()
    case.refresh_from_db()
    assert case.state == "decided"


def test_answers_of_two_departments_at_once_conclude_once(office, beside):
    tax = department("130102", "税务部门")
    record = office.give(OWN, "tax_arrears", "2025-03-01", authority_id=tax.pk)
    case = office.accept(office.file(Item(office.severe.pk, "wrong"), Item(record.pk, "wrong")))
    office.send(case)
    first, second = case.verifications.order_by("pk")

    def answer(asked):
        return lambda: handling.answer(
            by=office.clerk, verification_id=asked.pk, opinion="", on=TODAY,
            found=[
                handling.Found(item.pk, "true", "x")
                for item in case.items.filter(record__authority=asked.agency)
            ],
        )  # fmt: skip

    at_once(beside, answer(first), answer(second)).wait()

    case.refresh_from_db()
    assert case.state == "verified"
    assert CaseStep.objects.filter(case=case, action="conclude").count() == 1


def test_chain_and_rows_agree_after_all_of_it(office):
    office.decide(office.verify(office.accept(office.file())), "reject")

    assert recount().ok


def test_two_workers_take_a_record_down_once_and_tell_it_once(office, beside):
    for month in range(1, 6):
        office.give(OWN, "penalty_other", f"2020-0{month}-10", measures="罚款")

    at_once(beside, lambda: publishing.take_down_due(on=TODAY)).wait()

    assert TakenDown.objects.count() == 5
    assert PublicationRound.objects.get().taken_down == 5
    assert Notice.objects.filter(kind="objections.taken_down").count() == 1
    assert recount().ok
