"""The portal after `manage.py demo`, as the people of `make run` find it."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from audit.models import Event
from audit.verify import verify
from credit_portal.demo import cases, people
from credit_portal.demo.sheet import width
from grading.enums import PartState, ProposalState
from grading.models import Proposal, Rating, RosterRun, Run
from objections.models import Case, Verification
from records.models import Record
from roster.enums import Level, Role
from roster.models import Agency, Binding, Enterprise, Posting, Region, RosterEntry, User

from .conftest import COUNT


def counts() -> dict[str, int]:
    """Rows of every table of the portal's own rooms."""
    rooms = ("audit", "workdays", "intake", "roster", "records", "grading")
    return {
        model._meta.label: model.objects.count()
        for room in rooms
        for model in apps.get_app_config(room).get_models()
    }


def test_levels_have_their_rosters(demo):
    entries = RosterEntry.objects.current()

    levels = {level: entries.filter(level=level).count() for level in Level.values}
    assert 800 < levels[Level.COUNTY] < 970
    assert 12 <= levels[Level.CITY] < 40
    assert 10 <= levels[Level.PROVINCE] < 60
    assert Enterprise.objects.count() == COUNT


def test_every_region_has_one_lead_agency_and_all_departments(demo):
    assert Agency.objects.filter(kind="lead").count() == Region.objects.count() == 180
    assert Agency.objects.filter(kind="department").count() == 180 * 9


def test_every_part_of_last_year_is_published_by_two_of_its_own_people(demo):
    run = Run.objects.get()
    postings = dict(
        Posting.objects.filter(role__in=(Role.LEAD_CLERK, Role.LEAD_APPROVER)).values_list(
            "user__username", "agency__region"
        )
    )

    parts = list(RosterRun.objects.filter(run=run))
    assert parts
    assert {part.state for part in parts} == {PartState.PUBLISHED}
    for part in parts:
        assert part.reviewed_by != part.published_by
        assert postings[part.reviewed_by] == postings[part.published_by] == part.region_id


def test_published_grades_are_a_plausible_mix(demo):
    grades = Rating.objects.standing().values_list("grade", flat=True)

    assert 0.35 < list(grades).count("A") / len(grades) < 0.75
    assert {"A", "B", "C"} <= set(grades)


def test_records_have_authorities_and_corrected_versions(demo):
    assert 3_500 < Record.objects.live().count() < 4_500
    assert Record.objects.filter(supersedes__isnull=False).exists()


def test_keys_and_constraints_hold(demo):
    connection.check_constraints()


def test_audit_chain_holds_and_the_data_were_one_act(demo):
    assert verify().ok
    assert Event.objects.filter(act="demo.filled").count() == 1


def test_second_run_adds_nothing(demo, folder):
    before = counts()

    said = StringIO()
    call_command("demo", enterprises=COUNT, seed=7, samples=folder, stdout=said)

    assert counts() == before
    assert said.getvalue() == "演示数据已在库中，没有改动。\n年度评价已发布，没有改动。\n"


@pytest.mark.parametrize("username", people.usernames())
def test_account_signs_in_with_the_printed_password(demo, username):
    assert Client().login(username=username, password=people.PASSWORD)


def test_representative_comes_in_by_the_sign_in_page(demo):
    form = {"username": people.REPRESENTATIVE, "password": people.PASSWORD, "next": "/admin/"}

    assert Client().post("/admin/login/", form, follow=True).redirect_chain[-1][0] == "/enterprise/"


def test_other_lead_agencies_people_cannot_sign_in(demo):
    silent = User.objects.exclude(username__in=people.usernames())

    assert silent.count() == 2 * (180 - len(people.UNITS)) + 1  # who speaks for other enterprises
    assert not any(user.has_usable_password() for user in silent)


def test_every_demo_person_but_the_representative_has_one_post(demo):
    for username in people.usernames():
        posts = User.objects.get(username=username).posts()
        assert len(posts) == (username != people.REPRESENTATIVE)


def test_account_sheet_begins_with_clerk_and_approver(demo):
    said = StringIO()
    call_command("demo", accounts=True, stdout=said)
    lines = said.getvalue().splitlines()

    accounts = [line.split()[0] for line in lines if "长安区" in line and "changan." in line]
    assert accounts[:2] == [people.CLERK, people.APPROVER]
    assert people.PASSWORD in lines[0]
    assert max(map(width, lines[1:-1])) <= 80


def test_approver_finds_corrections_waiting(demo):
    waiting = Proposal.objects.filter(state=ProposalState.WAITING)

    assert {proposal.proposed_by for proposal in waiting} == {people.CLERK}


def test_every_queue_of_cases_has_something_in_it(demo):
    clerk, approver, market = (
        User.objects.get(username=name) for name in (people.CLERK, people.APPROVER, cases.MARKET)
    )

    assert Case.objects.to_handle(clerk).exists()
    assert Verification.objects.to_answer(market).exists()
    assert Case.objects.to_decide(approver).exists()
    assert set(Case.objects.values_list("state", flat=True)) >= {"submitted", "papers", "decided"}
    assert Binding.objects.filter(state="waiting").count() == 1


def test_demo_is_refused_outside_demo_mode(settings):
    settings.USE_DEMO_ACCOUNTS = False

    with pytest.raises(CommandError, match="DEMO_ACCOUNTS"):
        call_command("demo")


@pytest.mark.django_db
def test_demo_is_refused_in_a_portal_with_enterprises():
    Enterprise.objects.create(code="91130102MAYARLT82K", name="某公司", name_key="某公司")

    with pytest.raises(CommandError, match="库中已有企业"):
        call_command("demo", enterprises=10)

    assert not User.objects.exists()


@pytest.mark.django_db
def test_demo_without_enterprises_is_used_wrongly() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("demo", enterprises=0)

    assert refused.value.returncode == 2
