"""The admin home: what waits for whom, the run under way, the grades in force, the warnings."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import anchor, chain
from audit.enums import Outcome
from audit.found import Found
from audit.models import Event
from credit_portal.home import Home, Verified, Waiting, home_of
from credit_portal.models import WorkerPulse
from grading import corrections, engine, services
from grading.enums import ProposalKind
from grading.verifying import record_outcome
from intake import taking_back
from objections import filing
from objections.filing import Content
from roster.bindings import approve_binding
from roster.enums import Role
from roster.models import Posting, User
from tests.browser import Browser
from tests.credit_portal.html import forbidden
from tests.factories.bindings import applicant, asked
from tests.factories.files import ROSTER, checked, roster_line
from tests.factories.grading import (
    COUNTY,
    OPERATOR,
    REFERENCE,
    TODAY,
    County,
    code,
    load_reference,
    person,
)
from tests.factories.objections import speaks_for
from tests.factories.taking_back import give_file

NOW = timezone.now()


@pytest.fixture
def county(db) -> County:
    """长安区 with three enterprises, one of them a B."""
    load_reference()
    county = County.make()
    county.register([code(1), code(2), code(3)])
    county.give(code(3), "penalty_other", "2025-06-01")
    return county


def seen_by(user: User, *, on: dt.date = TODAY) -> Home:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=user.pk)
    return home_of(request, at=NOW, on=on)


def test_computed_part_waits_for_both_officers_of_its_own_unit(county: County):
    county.run()
    assert seen_by(county.clerk).mine.reviews.count == 1
    assert seen_by(county.approver).mine.reviews.count == 1


def test_reviewed_part_waits_for_the_second_person_only(county: County):
    part = county.part(county.run())
    services.review_part(by=county.approver, part_id=part.pk, digest=part.digest)
    assert seen_by(county.approver).mine.publications.count == 0
    assert seen_by(county.clerk).mine.publications.count == 0  # a clerk never publishes


def test_reviewed_part_waits_for_the_approver(county: County):
    part = county.part(county.run())
    services.review_part(by=county.clerk, part_id=part.pk, digest=part.digest)
    mine = seen_by(county.approver).mine
    assert (mine.publications.count, mine.reviews.count, mine.total) == (1, 0, 1)


def test_part_of_another_county_waits_for_nobody_here(county: County):
    other = County.make("130104")
    county.run()
    home = seen_by(other.clerk)
    assert (home.mine.total, home.unit.parts.count, home.grades) == (0, 0, [])


def test_city_sees_the_grades_but_has_nothing_to_do(county: County):
    city = County.make("130100")
    county.publish(county.run())
    home = seen_by(city.clerk)
    assert home.mine.total == 0
    assert [(grades.rosters, grades.counts) for grades in home.grades] == [
        (1, [("A", "守信", 2), ("B", "一般失信", 1), ("C", "严重失信", 0), ("D", "“黑名单”", 0)])
    ]


def test_unpublished_part_is_in_no_distribution(county: County):
    county.run()
    assert seen_by(county.clerk).grades == []


def test_run_under_way_is_shown_to_those_who_see_a_part_of_it(county: County):
    other = County.make("130104")
    run = services.open_run(
        by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY, regions=[county.region]
    )
    assert seen_by(county.clerk).run.progress.run == run
    assert seen_by(other.clerk).run is None


def test_computed_run_is_shown_until_every_part_the_person_sees_is_published(county: County):
    city, other = County.make("130100"), County.make("130104")
    other.register([code(4, division="130104")])
    run = services.work(
        services.open_run(
            by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY,
            regions=[county.region, other.region],
        ).pk
    )  # fmt: skip
    assert (stand(county.clerk), stand(city.clerk)) == ((0, 0, 1), (0, 0, 2))
    part = county.part(run)
    services.review_part(by=county.clerk, part_id=part.pk, digest=part.digest)
    assert (stand(county.clerk), stand(city.clerk)) == ((0, 1, 1), (0, 1, 2))
    services.publish_part(by=county.approver, part_id=part.pk, digest=part.digest)
    assert (stand(county.clerk), stand(city.clerk)) == (None, (1, 1, 2))
    assert stand(person("department", county.authority, "department_clerk")) is None
    other.publish(run)
    assert stand(city.clerk) is None


def stand(user: User) -> tuple[int, int, int] | None:
    """Published, reviewed and all parts of the run on the home."""
    run = seen_by(user).run
    return (run.published, run.reviewed, run.parts) if run else None


def test_stopped_run_that_was_given_up_stands_before_no_other(county: County):
    stopped = services.open_run(
        by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )
    engine.slice_run(stopped.pk)
    services.stop_run(by=OPERATOR, run_id=stopped.pk)
    part = county.part(stopped)
    services.ask_withdrawal(by=county.clerk, part_id=part.pk, reason="口径有误")
    services.withdraw_part(by=county.approver, part_id=part.pk)

    assert seen_by(county.clerk).run is None
    assert county.run() == seen_by(county.clerk).run.progress.run


def test_run_that_waits_for_publication_is_linked(client: Browser, county: County):
    run = county.run()
    client.force_login(county.clerk)
    page = client.get("/admin/").content.decode()
    assert f'<a href="/admin/grading/run/{run.pk}/change/">' in page
    assert "已发布 0／已审核 0／共 1个名录" in page


def test_trial_run_is_no_longer_shown_once_computed(county: County):
    county.run(kind="adhoc")
    assert seen_by(county.clerk).run is None


def test_home_of_a_system_administrator_has_no_business_of_the_offices(county: County):
    county.publish(county.run())
    home = seen_by(person("sysadmin", county.agency, "system_admin"))
    assert (home.mine, home.unit, home.grades) == (None, None, [])


def test_home_costs_as_many_queries_for_three_rosters_as_for_one(county: County):
    city = County.make("130100")
    county.publish(county.run())
    before = queries_for(city.clerk)
    for number, region in enumerate(("130104", "130105")):
        other = County.make(region)
        other.register([code(number, division=region)])
        other.publish(other.run())
    assert [grades.rosters for grades in seen_by(city.clerk).grades] == [3]
    assert queries_for(city.clerk) == before


def queries_for(user: User) -> int:
    with CaptureQueriesContext(connection) as asked:
        seen_by(user)
    return len(asked)


def test_silent_worker_is_a_warning(client: Browser, county: County):
    client.force_login(county.clerk)
    assert "后台程序没有报告" in client.get("/admin/").content.decode()


def test_reporting_worker_is_no_warning(client: Browser, county: County):
    WorkerPulse.objects.create(worker="w1", seen_at=timezone.now() - dt.timedelta(seconds=90))
    client.force_login(county.clerk)
    assert "后台程序没有报告" not in client.get("/admin/").content.decode()


@pytest.fixture
def three_minutes_ago(db) -> dt.datetime:
    at = NOW - dt.timedelta(minutes=3)
    chain.append(
        at=at, actor="wang", agency="", region="", act="tried.file_kept", outcome=Outcome.DONE,
        targets=[], notes=[], details={},
    )  # fmt: skip
    return at


def test_anchor_that_cannot_be_written_is_told_to_who_must_act(
    client: Browser, three_minutes_ago: dt.datetime, county: County, settings, tmp_path: Path
):
    (tmp_path / "file").write_text("no folder")
    settings.AUDIT_ANCHOR_DIR = tmp_path / "file" / "anchor"
    with pytest.raises(NotADirectoryError):
        anchor.anchor_now()
    events = Event.objects.count()
    told = f"{timezone.localtime(three_minutes_ago):%Y-%m-%d %H:%M}以来的{events}项操作没有签名存到库外"
    shown = {}
    for role in Role.values:
        client.force_login(person(f"a-{role}", county.agency, role))
        shown[role] = told in client.get("/admin/").content.decode()
    assert [role for role, seen in shown.items() if seen] == [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN]


def test_anchored_events_are_no_warning(
    three_minutes_ago: dt.datetime, county: County, settings, tmp_path: Path
):
    settings.AUDIT_ANCHOR_DIR = tmp_path / "anchor"
    auditor = person("auditor", county.agency, "audit_admin")
    assert seen_by(auditor).unanchored.since == three_minutes_ago
    anchor.anchor_now()
    assert seen_by(auditor).unanchored is None


def told_of_verifying(client: Browser, county: County, title: str) -> list[str]:
    """The roles whose home says it."""
    shown = []
    for role in Role.values:
        client.force_login(person(f"v-{role}", county.agency, role))
        if title in client.get("/admin/").content.decode():
            shown.append(role)
    return shown


def test_what_verify_found_is_told_to_who_must_act_until_it_holds_again(
    client: Browser, county: County
):
    record_outcome(by=OPERATOR, found=Found(False, 7, "第2号审计事件被改动。"))
    assert told_of_verifying(client, county, "第2号审计事件被改动。") == [
        Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN,
    ]  # fmt: skip
    record_outcome(by=OPERATOR, found=Found(True, 9))
    auditor = User.objects.get(username=f"v-{Role.AUDIT_ADMIN}")
    assert seen_by(auditor).verified is None


def test_in_production_a_week_without_verifying_is_told(client: Browser, county: County, settings):
    auditor = person("auditor", county.agency, "audit_admin")
    assert seen_by(auditor).verified is None
    settings.PRODUCTION = True
    assert seen_by(auditor).verified == Verified(None, "")
    assert told_of_verifying(client, county, "还没有校验过数据") == [
        Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN,
    ]  # fmt: skip
    record_outcome(by=OPERATOR, found=Found(True, 9))
    assert seen_by(auditor).verified is None
    later = NOW + dt.timedelta(days=9)
    request = RequestFactory().get("/admin/")
    request.user = auditor
    assert home_of(request, at=later, on=TODAY).verified.at == Event.objects.latest("number").at


def test_missing_calendar_is_named_by_its_year(county: County):
    request = RequestFactory().get("/admin/")
    request.user = county.clerk
    assert home_of(request, at=NOW, on=dt.date(2031, 3, 1)).missing_years == [2031]


def test_doors_are_those_of_the_role(county: County):
    clerk, approver = seen_by(county.clerk).doors, seen_by(county.approver).doors
    assert (clerk.upload, clerk.start_run) == (
        "/admin/intake/batch/add/",
        "/admin/grading/run/add/",
    )
    assert (approver.upload, approver.start_run) == ("", "")
    assert clerk.find == approver.find == "/admin/roster/enterprise/"
    assert clerk.load_calendar == ""


def test_system_administrator_is_led_to_the_missing_calendar(county: County):
    province = County.make("130000")
    doors = seen_by(person("sysadmin", province.agency, "system_admin")).doors
    assert doors.load_calendar == "/admin/workdays/calendarday/load/"
    assert (doors.upload, doors.start_run, doors.find) == ("", "", "")


def test_home_page_obeys_the_content_security_policy(client: Browser, county: County):
    county.publish(county.run())
    client.force_login(county.clerk)
    page = client.get("/admin/").content.decode()
    assert forbidden(page) == []
    assert county.agency.name in page


# --- every figure is the number of rows of its list ----------------------------------------------

UNITS = ("130102", "130108", "130100", "130000")
"""A county, another one, their city, the province."""


@pytest.fixture
def units(db) -> dict[str, County]:
    """Each with a part of its own to review and one withdrawal asked for, an enterprise whose
    sources disagree, a correction that is late, a claimed consequence, a penalty in unknown words,
    a file that is asked back.
    Only the first county has a file under way, only the second a part to publish."""
    load_reference()
    made = {region: County.make(region) for region in UNITS}
    for number, unit in enumerate(made.values()):
        enterprise = code(number)
        higher = {"130100": "city", "130000": "provincial"}.get(unit.region)
        given = {"affiliation": higher, "region_id": COUNTY} if higher else {}
        unit.register([enterprise], **given)
        work_for(unit, number)
    client = Browser()
    client.force_login(made["130102"].clerk)
    checked(client, "roster", [ROSTER, roster_line(21)])
    return made


def work_for(unit: County, number: int) -> None:
    enterprise = code(number)
    question_of(enterprise)
    withdrawn = unit.publish(unit.run(dt.date(2025, 9, 30), "quarterly"))
    services.ask_withdrawal(by=unit.clerk, part_id=withdrawn.pk, reason="名录有误")
    unit.give(enterprise, "business_licence_revoked", "2025-03-01")
    unit.give(enterprise, "penalty_undecided", "2025-03-01")
    record = unit.give(enterprise, "penalty_other", "2025-03-01", serious_claimed=True)
    corrections.change_record(
        by=unit.clerk, record_id=record.pk, kind=ProposalKind.WITHDRAW, changes={},
        reason="复议撤销", on=TODAY,
    )  # fmt: skip
    batch = give_file(unit, number)
    taking_back.ask(by=unit.clerk, batch_id=batch.pk, reason="错")
    taking_back.weigh(batch.pk)
    part = unit.part(unit.run())
    if unit.region == "130108":
        services.review_part(by=unit.clerk, part_id=part.pk, digest=part.digest)


def question_of(enterprise: str) -> None:
    """A question of the enterprise, which waits for its unit's answer."""
    user = speaks_for(f"rep-{enterprise}", enterprise)
    content = Content(statement="怎样提高等级？")
    draft = filing.begin_draft(by=user, code=enterprise, kind="help", content=content, on=TODAY)
    filing.file_case(by=user, draft_id=draft.pk, on=timezone.localdate())


def figures_of(user: User) -> dict[str, Waiting]:
    home = seen_by(user, on=timezone.localdate())  # the lists know no other day
    return {**vars(home.mine), **{f"unit {name}": one for name, one in vars(home.unit).items()}}


def rows_behind(user: User) -> dict[str, int]:
    client = Browser()
    client.force_login(User.objects.get(pk=user.pk))  # with the posts held now
    return {
        name: client.get(figure.url).context["cl"].result_count if figure.url else 0
        for name, figure in figures_of(user).items()
    }


@pytest.mark.parametrize("region", UNITS)
@pytest.mark.parametrize("who", ["clerk", "approver", "department"])
def test_every_figure_is_the_number_of_rows_of_its_list(units, region: str, who: str):
    unit = units[region]
    department = person("department", unit.authority, "department_approver")
    user = {"clerk": unit.clerk, "approver": unit.approver, "department": department}[who]
    counts = {name: figure.count for name, figure in figures_of(user).items()}
    assert {counts["reviews"], counts["undecided"], counts["withdrawals"]} <= {0, 1}
    assert rows_behind(user) == counts


def test_figures_are_one_where_each_unit_has_one(units):
    shown = {name: one.count for name, one in figures_of(units["130108"].approver).items()}
    assert shown == {
        "files": 0, "take_backs": 1, "reviews": 0, "publications": 1, "withdrawals": 1, "corrections": 1,
        "consequences": 1, "undecided": 0, "disagreements": 0, "bindings": 0,
        "cases": 0, "verifications": 0, "decisions": 0, "notices": 0, "unit cases": 1,
        "unit late_cases": 0,
        "unit files": 1, "unit parts": 1, "unit corrections": 1, "unit overdue": 1,
    }  # fmt: skip


def test_who_reads_in_one_unit_and_acts_in_another_is_counted_where_acting(units):
    both = units["130108"].clerk
    reading = {"agency": units["130102"].agency, "role": "reader", "since": dt.date(2020, 1, 1)}
    Posting.objects.create(user=both, **reading)
    counts = {name: figure.count for name, figure in figures_of(both).items()}
    assert (counts["disagreements"], counts["undecided"], counts["unit parts"]) == (1, 1, 2)
    assert rows_behind(both) == counts


def test_files_on_the_home_are_those_of_the_list_it_leads_to(county: County):
    client = Browser()
    client.force_login(county.clerk)
    batch = checked(client, "roster", [ROSTER, roster_line(21)])
    colleague = person("colleague", county.agency, "lead_clerk")
    stranger = County.make("130104").clerk

    mine = seen_by(county.clerk).mine.files
    assert (mine.count, seen_by(county.clerk).unit.files.count) == (1, 1)
    assert [one.pk for one in client.get(mine.url).context["cl"].result_list] == [batch.pk]
    assert [seen_by(colleague).mine.files.count, seen_by(colleague).unit.files.count] == [0, 1]
    assert seen_by(stranger).unit.files.count == 0


def test_requests_to_speak_wait_for_the_unit_of_the_enterprise(county: County, client, store_dir):
    binding = asked(applicant(), code(1))
    for user in (county.clerk, county.approver):
        waiting = seen_by(user).mine.bindings
        assert waiting.count == 1
        client.force_login(user)
        assert [one.pk for one in client.get(waiting.url).context["cl"].result_list] == [binding.pk]
    approve_binding(by=county.clerk, binding_id=binding.pk, on=TODAY)
    assert seen_by(county.clerk).mine.bindings.count == 0
    reader = person("reader-of-bindings", county.agency, Role.READER)
    assert seen_by(reader).mine.bindings == Waiting(0, "")
