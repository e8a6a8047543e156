"""The admin home: corrections, claimed consequences and unrecognised penalties, by role."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credit_portal.home import Home, home_of
from grading import corrections
from grading.enums import ProposalKind
from grading.models import Proposal
from records.models import Record
from roster.models import User
from tests.factories.grading import TODAY, County, code, load_reference
from tests.factories.officers import Officers, signed_in

A = code(1)


@pytest.fixture
def office(db) -> Officers:
    load_reference()
    officers = Officers.make(County.make())
    officers.county.register([A])
    return officers


def seen_by(user: User) -> Home:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=user.pk)
    return home_of(request, at=timezone.now(), on=timezone.localdate())


def waits(office: Officers, figure: str) -> dict[str, int]:
    """How many of a figure wait for whom; those for whom none do are left out."""
    people = {
        "department clerk": office.department_clerk,
        "department approver": office.department_approver,
        "lead clerk": office.county.clerk,
        "lead approver": office.county.approver,
        "city clerk": office.city.clerk,
        "city approver": office.city.approver,
        "other county": office.other.clerk,
        "other approver": office.other.approver,
        "other department": office.other_department,
        "reader": office.reader,
    }
    counts = {name: getattr(seen_by(user).mine, figure).count for name, user in people.items()}
    return {name: count for name, count in counts.items() if count}


def propose(office: Officers, record: Record) -> Proposal:
    return corrections.change_record(
        by=office.department_clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="复议撤销", on=TODAY,
    )  # fmt: skip


def test_a_correction_waits_for_those_who_may_confirm_it(office: Officers) -> None:
    propose(office, office.county.give(A, "penalty_other", "2025-03-01"))
    assert waits(office, "corrections") == {"department approver": 1, "lead approver": 1}


def test_a_claimed_consequence_waits_for_a_second_person(office: Officers) -> None:
    record = office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True)
    office.county.give(A, "production_stopped", "2025-03-01", serious_claimed=True)
    assert waits(office, "consequences") == {"department approver": 1, "lead approver": 1}
    Record.objects.filter(pk=record.pk).update(recorded_by="dept-approver")
    assert waits(office, "consequences") == {"lead approver": 1}
    corrections.confirm_consequence(
        by=office.county.approver, record_id=record.pk, reason="致人重伤", on=TODAY
    )
    assert waits(office, "consequences") == {}


def test_an_unrecognised_penalty_waits_for_the_clerks(office: Officers) -> None:
    record = office.county.give(A, "penalty_undecided", "2025-03-01")
    assert waits(office, "undecided") == {"department clerk": 1, "lead clerk": 1}
    Record.objects.filter(pk=record.pk).update(retracted_at=timezone.now(), retract_reason="已认定")
    assert waits(office, "undecided") == {}


def test_overdue_corrections_are_counted_for_the_unit(office: Officers) -> None:
    proposal = propose(office, office.county.give(A, "penalty_other", "2025-03-01"))
    for days, expected in ((0, 0), (1, 1)):
        due = timezone.localdate() - dt.timedelta(days=days)
        Proposal.objects.filter(pk=proposal.pk).update(due_on=due)
        assert seen_by(office.county.clerk).unit.overdue.count == expected
        assert seen_by(office.other.clerk).unit.overdue.count == 0


def test_each_figure_leads_to_a_list_of_as_many(office: Officers) -> None:
    propose(office, office.county.give(A, "penalty_other", "2025-03-01", serious_claimed=True))
    office.county.give(A, "penalty_undecided", "2025-03-01")
    office.city.give(A, "penalty_undecided", "2025-03-02")
    Proposal.objects.update(due_on=timezone.localdate() - dt.timedelta(days=1))
    for user in (office.county.clerk, office.county.approver, office.department_clerk):
        home = seen_by(user)
        figures = {
            "corrections": home.mine.corrections,
            "consequences": home.mine.consequences,
            "undecided": home.mine.undecided,
            "overdue": home.unit.overdue,
        }
        shown = {
            name: len(signed_in(user).get(figure.url).context["cl"].result_list)
            for name, figure in figures.items()
            if figure.count
        }
        assert shown == {name: figure.count for name, figure in figures.items() if figure.count}


def test_the_home_costs_the_same_however_much_waits(client: Client, office: Officers) -> None:
    client.force_login(office.county.approver)
    client.get("/admin/")
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        counts.append(len(queries))
        for _again in range(5):
            propose(office, office.county.give(A, "tax_arrears", "2025-03-01"))
            office.county.give(A, "penalty_undecided", "2025-03-01", serious_claimed=True)
    assert counts[0] == counts[1]
