"""The yearly run that opens itself: caught up when a day was missed, and never twice. R31, R33."""

import datetime as dt

import pytest
from django.utils.timezone import localdate

from audit.models import Event
from audit.refusal import Refused
from credit_portal import sweep
from grading import services
from grading.models import Run, RunSchedule
from grading.schemes import set_schedule
from tests.factories.roster import CHANGAN, PROVINCE
from tests.grading.admin.conftest import office, part_of

__all__ = ["office"]

DUE = dt.date(2026, 1, 31)
"""The yearly reference date and thirty days of waiting for what comes in late."""


@pytest.mark.parametrize(
    ("on", "reference"),
    [
        (dt.date(2025, 12, 31), dt.date(2024, 12, 31)),
        (dt.date(2026, 1, 30), dt.date(2024, 12, 31)),
        (dt.date(2026, 1, 31), dt.date(2025, 12, 31)),
    ],
)
def test_newest_reference_date_whose_waiting_is_over_is_due(office, on, reference):
    assert sweep.open_due_runs(on=on) == 1
    assert Run.objects.get().reference_date == reference


def test_missed_days_are_caught_up_once(office):
    late = dt.date(2026, 3, 2)
    assert sweep.open_due_runs(on=late) == 1
    assert sweep.open_due_runs(on=late) == 0
    assert sweep.open_due_runs(on=late + dt.timedelta(days=1)) == 0

    run = Run.objects.get()
    assert (run.kind, run.reference_date, run.started_by) == (
        "annual",
        dt.date(2025, 12, 31),
        "system",
    )
    assert run.parts.count() == 5


def test_roster_with_unfinished_work_is_caught_up_when_it_is_free(office):
    earlier = office.compute(office.hebei.county, reference_date=dt.date(2025, 9, 30))
    sweep.open_due_runs(on=DUE)
    first = set(Run.objects.first().parts.values_list("region_id", flat=True))
    office.publish(part_of(earlier, CHANGAN))
    sweep.open_due_runs(on=DUE)

    assert CHANGAN not in first
    assert list(Run.objects.first().parts.values_list("region_id", flat=True)) == [CHANGAN]


def test_run_somebody_started_for_the_day_is_not_opened_again(office):
    office.compute(office.hebei.province)

    assert sweep.open_due_runs(on=DUE) == 0


def test_withdrawn_run_is_opened_again(office):
    part = part_of(office.compute(office.hebei.county), CHANGAN)
    services.ask_withdrawal(by=office.hebei.county, part_id=part.pk, reason="名录导入有误")
    services.withdraw_part(by=office.approver, part_id=part.pk)
    sweep.open_due_runs(on=DUE)

    assert CHANGAN in Run.objects.first().parts.values_list("region_id", flat=True)


def test_quarterly_cycle_opens_its_own_runs(office):
    set_schedule(
        by=office.hebei.province, kind="quarterly", month=3, day=31, since=dt.date(2026, 1, 1)
    )
    office.compute(office.hebei.province)
    for part in Run.objects.get().parts.exclude(region=CHANGAN):
        type(part).objects.filter(pk=part.pk).update(state="withdrawn")
    office.publish(part_of(Run.objects.get(), CHANGAN))
    sweep.open_due_runs(on=dt.date(2026, 5, 1))

    assert Run.objects.filter(kind="quarterly").get().reference_date == dt.date(2026, 3, 31)


@pytest.mark.parametrize(
    ("since", "until"), [(dt.date(2026, 1, 1), None), (dt.date(2020, 1, 1), dt.date(2025, 12, 31))]
)
def test_cycle_not_in_force_opens_nothing(office, since, until):
    RunSchedule.objects.update(since=since, until=until)

    assert sweep.open_due_runs(on=DUE) == 0


def test_without_rosters_nothing_opens(db):
    assert sweep.open_due_runs(on=DUE) == 0


def test_event_names_the_portal_itself(office):
    sweep.open_due_runs(on=DUE)
    event = Event.objects.get(act="grading.run_opened")

    assert (event.actor, event.outcome) == ("system", "done")
    assert PROVINCE in Run.objects.get().parts.values_list("region_id", flat=True)


def refuse_first(monkeypatch, times=1):
    """Writers keep the clock busy when the first runs are to be opened."""
    open_run, turns = services.open_run, iter(range(times))

    def refusing(**more):
        if next(turns, None) is not None:
            raise Refused("audit.cut_busy", seconds=29)
        return open_run(**more)

    monkeypatch.setattr(services, "open_run", refusing)


def test_refused_run_is_tried_again_and_recorded_once_a_day(office, monkeypatch):
    refuse_first(monkeypatch, times=3)
    today = localdate()
    for on in (today, today, today + dt.timedelta(days=1)):
        with pytest.raises(Refused):
            sweep.open_due_runs(on=on)
    refusals = Event.objects.refused().filter(act="grading.run_opened", actor="system")

    assert [event.details["code"] for event in refusals] == ["audit.cut_busy"] * 2
    assert sweep.open_due_runs(on=today) == 1


def test_refused_run_keeps_no_other_from_being_opened(office, monkeypatch):
    set_schedule(
        by=office.hebei.province, kind="quarterly", month=3, day=31, since=dt.date(2025, 1, 1)
    )
    refuse_first(monkeypatch)
    with pytest.raises(Refused):
        sweep.open_due_runs(on=DUE)

    assert Run.objects.count() == 1


def test_run_another_worker_opens_meanwhile_is_no_refusal(office, monkeypatch):
    open_run = services.open_run

    def second(**more):
        open_run(**more)
        return open_run(**more)

    monkeypatch.setattr(services, "open_run", second)
    assert sweep.open_due_runs(on=DUE) == 0
    assert (Run.objects.count(), Event.objects.refused().count()) == (1, 0)
