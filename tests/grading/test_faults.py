"""Several workers at once, and what must not happen twice. Workers that die: tests/faults."""

import datetime as dt
import hashlib
import threading

import pytest
from django.db import connections
from django.utils import timezone

from audit.acts import acting, stamp
from audit.refusal import Refused
from grading import engine, services
from grading.enums import RunKind
from grading.models import Chunk, Rating, RosterRun, Run
from grading.replay import verify_run
from tests.factories.grading import COUNTY, OPERATOR, REFERENCE, TODAY, County, code, load_reference


@pytest.fixture
def slices_of_five(transactional_db, monkeypatch) -> County:
    """Twenty-three enterprises in five slices, one to six general records on most."""
    monkeypatch.setattr(engine, "SLICE_SIZE", 5)
    monkeypatch.setattr(engine, "PAUSE_AFTER_WRITE", {})
    load_reference()
    county = County.make()
    codes = [code(number) for number in range(1, 24)]
    county.register(codes)
    for number, item in enumerate(codes):
        for _ in range(number % 7):
            county.give(item, "penalty_other", "2025-05-05")
    return county


def open_run(kind: str = RunKind.ANNUAL) -> Run:
    return services.open_run(
        by=OPERATOR, kind=kind, reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )


def work_together(run: Run, workers: int) -> list[BaseException]:
    """Several workers on one run, and what went wrong."""
    faults: list[BaseException] = []

    def worker() -> None:
        try:
            engine.work(run.pk)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_four_workers_share_a_run_and_nothing_is_rated_twice(slices_of_five):
    run = open_run()
    assert work_together(run, 4) == []
    run = services.work(run.pk)
    assert Rating.objects.filter(part__run=run).count() == 23
    assert verify_run(run).ok


@pytest.mark.parametrize(("slices_at_once", "workers"), [(1, 1), (64, 1), (2, 3), (64, 3)])
def test_the_digest_depends_on_no_worker_and_not_on_slices_at_hand(
    slices_of_five, monkeypatch, slices_at_once, workers
):
    """Nor on keys or database: it is told here over codes, grades and facts alone."""
    monkeypatch.setattr(engine, "SLICES_AT_ONCE", slices_at_once)
    run = open_run()
    assert work_together(run, workers) == []
    assert services.work(run.pk).digest == told_again(run)
    assert verify_run(Run.objects.get(pk=run.pk)).ok


@pytest.mark.parametrize("size", [1, 7, 23, 100])
def test_ratings_do_not_depend_on_the_size_of_slices(slices_of_five, monkeypatch, size):
    """The digest does, by its definition: the size is fixed for all runs."""
    expected = ratings(services.work(open_run(RunKind.AD_HOC).pk))
    monkeypatch.setattr(engine, "SLICE_SIZE", size)
    second = open_run(RunKind.AD_HOC)
    assert ratings(services.work(second.pk)) == expected
    assert Chunk.objects.filter(part__run=second).count() == -(-23 // size)
    assert verify_run(Run.objects.get(pk=second.pk)).ok


def ratings(run: Run) -> list[tuple[str, str, str]]:
    found = Rating.objects.filter(part__run=run).order_by("enterprise_id")
    return list(found.values_list("enterprise", "grade", "verdict__facts"))


def told_again(run: Run) -> str:
    """The digest of a run of one part in slices of five, from the ratings."""
    lines = ["|".join(row) for row in ratings(run)]
    slices = [sha256("\n".join(lines[n : n + 5])) for n in range(0, len(lines), 5)]
    return sha256(sha256("\n".join(slices)))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_worker_that_lost_its_lease_writes_nothing(slices_of_five):
    run = open_run()
    engine.slice_run(run.pk)
    late = engine.take_chunks(run.pk, now=timezone.now())
    taken_over = engine.take_chunks(run.pk, now=timezone.now() + engine.LEASE * 2)
    assert taken_over == late
    with pytest.raises(engine.LostLease):
        engine.grade_chunks(late)
    assert Rating.objects.count() == 0
    engine.grade_chunks(taken_over)
    assert Rating.objects.count() == sum(chunk.size for chunk in late)


def test_a_stopped_run_gives_out_no_slices_until_it_is_resumed(slices_of_five):
    run = open_run()
    engine.slice_run(run.pk)
    engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    services.stop_run(by=slices_of_five.clerk, run_id=run.pk)
    assert engine.take_chunks(run.pk, now=timezone.now()) == []
    assert services.work(run.pk).state == "stopped"
    services.resume_run(by=slices_of_five.clerk, run_id=run.pk)
    assert services.work(run.pk).state == "computed"
    assert verify_run(Run.objects.get(pk=run.pk)).ok


def test_two_runs_of_one_roster_at_once_are_refused_by_name(slices_of_five):
    run = open_run()
    with pytest.raises(Refused) as refused:
        open_run()
    assert refused.value.code == "grading.part_open"
    assert refused.value.values["number"] == run.pk
    assert RosterRun.objects.count() == 1


def test_a_write_left_open_across_the_start_of_a_run_is_waited_for(slices_of_five):
    """Design idea 3: no row with an earlier stamp can appear behind a run."""
    began, let_go = threading.Event(), threading.Event()
    stamps: list[dt.datetime] = []

    def slow_writer() -> None:
        try:
            with acting("test.slow", by=OPERATOR):
                stamps.append(stamp())
                began.set()
                let_go.wait(10)
                slices_of_five.give(code(1), "penalty_other", "2025-05-05")
        finally:
            connections.close_all()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    began.wait(10)
    threading.Timer(0.5, let_go.set).start()
    run = open_run()
    writer.join()
    assert stamps[0] < run.known_at
    assert services.work(run.pk).state == "computed"
    assert slices_of_five.part(run).grades == {"A": 3, "B": 17, "C": 3}
    assert verify_run(Run.objects.get(pk=run.pk)).ok


def test_sweep_takes_up_what_was_announced_to_nobody(slices_of_five):
    run = open_run()
    assert services.sweep_runs() == 1
    services.work(run.pk)
    assert services.sweep_runs() == 0
    assert Chunk.objects.exclude(state="done").count() == 0
