"""Reminders, two working days before and on the day, each once. Source: R29."""

import datetime as dt
from unittest import mock

import pytest

from audit.models import Event
from notices.models import Letter, Notice
from objections import handling, reminding
from objections.models import Case
from objections.reminding import remind_due, soon
from objections.telling import handler_of
from roster.models import Agency, User
from tests.factories.grading import TODAY, County, person
from tests.factories.objections import OWN
from tests.factories.roster import post

FRIDAY = dt.date(2026, 3, 6)


def told() -> list[tuple[str, str, str]]:
    """(what, to whom, last day) of every reminder."""
    rows = Notice.objects.filter(kind__contains="due_").order_by("pk")
    return [
        (
            row.kind.removeprefix("objections."),
            row.permission or row.user.username,
            row.values["last"],
        )
        for row in rows.select_related("user")
    ]


@pytest.mark.parametrize(
    ("on", "last"),
    [
        (TODAY, dt.date(2026, 3, 4)),
        (FRIDAY, dt.date(2026, 3, 10)),
        (dt.date(2026, 12, 30), dt.date(2026, 12, 31)),
        (dt.date(2027, 1, 4), dt.date(2027, 1, 4)),
    ],
)
def test_soon_is_two_working_days(office, on, last):
    assert soon(on) == last


def test_case_nobody_took_up_reminds_the_unit_and_its_approvers(office):
    office.file()

    assert remind_due(on=TODAY) == 2
    assert told() == [
        ("due_soon", "decide_cases", "2026-03-04"), ("due_soon", "handle_cases", "2026-03-04"),
    ]  # fmt: skip


def test_handler_is_reminded_by_name_on_the_day_too(office):
    office.accept(office.file())

    remind_due(on=dt.date(2026, 3, 3))
    remind_due(on=dt.date(2026, 3, 5))

    assert told() == [
        ("due_soon", "decide_cases", "2026-03-05"),
        ("due_soon", office.clerk.username, "2026-03-05"),
        ("due_today", "decide_cases", "2026-03-05"),
        ("due_today", office.clerk.username, "2026-03-05"),
    ]


def test_reminder_is_written_once_however_often_the_round_is_made(office):
    office.file()
    remind_due(on=TODAY)
    events = Event.objects.count()

    assert [remind_due(on=TODAY), remind_due(on=dt.date(2026, 3, 3))] == [0, 0]
    assert Event.objects.count() == events


def test_source_department_is_reminded_with_who_waits_for_it(office):
    office.send(office.accept(office.file()))

    remind_due(on=dt.date(2026, 3, 6))

    assert told()[:2] == [
        ("source_due_soon", "verify_cases", "2026-03-09"),
        ("source_due_soon", office.clerk.username, "2026-03-09"),
    ]


def test_what_stands_still_or_has_ended_reminds_of_nothing(office):
    office.upheld()

    assert remind_due(on=TODAY) == 0


def test_who_left_the_post_hands_over_queue_and_reminders(office):
    case = office.accept(office.file())
    successor = person("successor", office.agency, "lead_clerk")
    assert case in Case.objects.to_handle(office.clerk)
    assert case not in Case.objects.to_handle(successor)
    remind_due(on=case.due_on)
    told = Notice.objects.get(kind="objections.due_today", user=office.clerk)

    office.clerk.postings.update(until=dt.date(2026, 1, 1))
    elsewhere = County.make("130104")
    post(office.clerk, elsewhere.agency, "lead_clerk")
    left = User.objects.get(pk=office.clerk.pk)

    assert case in Case.objects.to_handle(successor)
    assert told not in Notice.objects.visible_to(left)
    case.refresh_from_db()
    assert handler_of(case) is None


def test_case_that_cannot_be_reminded_of_keeps_back_no_other(office, monkeypatch):
    first, second = office.file(), office.file(kind="help")
    late = max(first.due_on, second.due_on) + dt.timedelta(days=1)
    people = reminding._people
    monkeypatch.setattr(
        reminding, "_people", lambda due, on: [][0] if due.row.pk == first.pk else people(due, on)
    )

    with pytest.raises(ExceptionGroup, match="1 of 2"):
        remind_due(on=late)

    told = Notice.objects.filter(kind="objections.overdue")
    assert {notice.about_id for notice in told} == {str(second.pk)}


def test_papers_remind_the_enterprise_and_once_overdue_the_handler_whose_queue_they_are_in(office):
    case = office.file()
    handling.ask_papers(by=office.clerk, case_id=case.pk, version=None, reason="请补", on=TODAY)
    case.refresh_from_db()
    last = case.papers_due_on
    assert (case.due_on, last) == (None, dt.date(2026, 3, 16))
    late = last + dt.timedelta(days=1)

    for day in (TODAY, dt.date(2026, 3, 13), last, late, late):
        remind_due(on=day)

    rows = Notice.objects.filter(kind__contains="papers_").order_by("pk")
    assert [(row.kind, row.enterprise_id, row.user) for row in rows if "asked" not in row.kind] == [
        ("objections.papers_due_soon", OWN, None),
        ("objections.papers_due_today", OWN, None),
        ("objections.papers_overdue", None, office.clerk),
    ]
    for day, found in ((last, []), (late, [case])):
        with mock.patch("objections.queries.localdate", return_value=day):
            assert list(Case.objects.to_handle(office.clerk)) == found


def test_two_rounds_at_once_remind_once(office):
    case = office.accept(office.file())
    (due,) = reminding._dues(case.due_on)
    before = Event.objects.filter(act="objections.reminded").count()

    with mock.patch("objections.reminding._dues", side_effect=[[due, due], [due], [due]]):
        remind_due(on=case.due_on)

    assert Event.objects.filter(act="objections.reminded").count() == before + 1


def test_agency_in_place_of_another_is_told_and_signs(office):
    case = office.accept(office.file())
    office.agency.until = dt.date(2026, 3, 3)
    office.agency.save()
    new = Agency.objects.create(code="new", name="新牵头部门", region_id="130102", kind="lead")
    clerk, approver = person("new-clerk", new, "lead_clerk"), person("new-a", new, "lead_approver")
    office.clerk.postings.update(until=dt.date(2026, 3, 3))

    remind_due(on=case.due_on)
    office.verify(case, by=clerk)
    office.decide(case, by=approver)

    kinds = set(Notice.objects.visible_to(approver).values_list("kind", flat=True))
    assert {"objections.verified", "objections.due_today"} <= kinds
    assert Letter.objects.get(kind="decision").agency == new
    assert Notice.objects.visible_to(clerk).filter(kind="objections.due_today").exists()


def test_limit_that_ran_out_is_told_once_to_handler_and_supervisor(office):
    case = office.accept(office.file())
    late = case.due_on + dt.timedelta(days=40)

    assert [remind_due(on=late), remind_due(on=late), remind_due(on=late + dt.timedelta(1))] == [
        2,
        0,
        0,
    ]

    rows = Notice.objects.filter(kind="objections.overdue")
    assert {row.permission or row.user for row in rows} == {"decide_cases", office.clerk}
