import datetime as dt
import signal
from pathlib import Path
from unittest import mock

import pytest
import redis
from celery.bin.worker import WorkersPool
from celery.concurrency import solo
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from audit.refusal import Refused
from credit_portal.celery import app
from credit_portal.models import WorkerPulse
from credit_portal.pulse import got_through, report, worker_state
from credit_portal.sweep import open_due_runs, sweep
from credit_portal.worker import Rounds
from grading.services import open_run, sweep_runs
from tests.factories.grading import OPERATOR, REFERENCE, TODAY, County, code, load_reference
from tests.workers import wait_until, worker

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def county(db) -> County:
    load_reference()
    return County.make()


def minutes(count: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=count)


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "silent"), [(0, False), (1.9, False), (2, True), (60, True)])
def test_workers_are_silent_after_two_minutes(after: float, silent: bool) -> None:
    report(worker="one@test", at=NOON)

    assert worker_state(at=minutes(after)).is_silent is silent


@pytest.mark.django_db
def test_worker_state_without_any_report() -> None:
    state = worker_state(at=NOON)

    assert (state.heard, state.last_at, state.is_silent) == (0, None, True)


@pytest.mark.django_db
def test_one_of_two_workers_is_enough() -> None:
    report(worker="one@test", at=NOON)
    report(worker="two@test", at=minutes(5))

    state = worker_state(at=minutes(6))

    assert (state.heard, state.last_at, state.is_silent) == (1, minutes(5), False)


@pytest.mark.django_db
def test_a_worker_gone_for_a_week_is_forgotten() -> None:
    report(worker="one@test", at=NOON)
    report(worker="two@test", at=NOON + dt.timedelta(days=7))

    assert list(WorkerPulse.objects.values_list("worker", flat=True)) == ["two@test"]


@pytest.mark.django_db
def test_workers_that_get_through_no_round_are_stuck() -> None:
    report(worker="one@test", at=NOON)
    report(worker="one@test", at=minutes(11))
    assert worker_state(at=minutes(11)).is_stuck
    got_through(worker="one@test", at=minutes(11))
    assert not worker_state(at=minutes(12)).is_stuck


@pytest.mark.django_db(transaction=True)
def test_a_fault_in_one_step_of_a_round_keeps_no_other_from_being_made() -> None:
    rounds = Rounds(mock.Mock(hostname="one@test"))
    report(worker="one@test", at=NOON)  # a new one has ten minutes to get through
    away = OperationalError("away")
    with (
        mock.patch("credit_portal.sweep.open_due_runs", side_effect=[away, 0]) as due,
        mock.patch("credit_portal.sweep.sweep", side_effect=[away, {}]) as swept,
    ):
        rounds.make_round()
        assert WorkerPulse.objects.get().through_at == NOON
        rounds.make_round()

    assert (due.call_count, swept.call_count) == (2, 2)
    assert WorkerPulse.objects.get().through_at > NOON


@pytest.mark.django_db
def test_a_fault_in_one_room_keeps_no_other_from_being_swept() -> None:
    with (
        mock.patch("intake.services.sweep_batches", side_effect=OperationalError("away")),
        mock.patch("grading.services.sweep_runs", return_value=0) as runs,
        mock.patch("audit.anchor.tend", return_value=0) as anchor,
        pytest.raises(ExceptionGroup, match="1 of 5"),
    ):
        sweep()

    assert (runs.call_count, anchor.call_count) == (1, 1)


@pytest.mark.django_db
def test_a_run_that_cannot_be_finished_keeps_no_other_from_being_announced(county) -> None:
    other = County.make("130104")
    for roster in (county, other):
        roster.register([code(1, division=roster.region)])
        open_run(
            by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY, regions=[roster.region]
        )
    finish = mock.Mock(side_effect=[ValueError("broken"), None])
    with (
        mock.patch("grading.engine.finish", finish),
        mock.patch("grading.services.announce") as announce,
        pytest.raises(ExceptionGroup),
    ):
        sweep_runs()

    assert (finish.call_count, announce.call_count) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_round_whose_due_run_was_refused_sweeps_and_looks_again() -> None:
    rounds = Rounds(mock.Mock(hostname="one@test"))
    answers = [Refused("audit.cut_busy", seconds=29), 1]
    with (
        mock.patch("credit_portal.sweep.open_due_runs", side_effect=answers) as due,
        mock.patch("credit_portal.sweep.sweep") as sweep,
    ):
        for _ in range(3):
            rounds.make_round()

    assert (due.call_count, sweep.call_count) == (2, 3)


@pytest.mark.django_db
def test_no_run_is_due_without_a_schedule() -> None:
    assert open_due_runs(on=dt.date(2026, 3, 2)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_reports_and_ends_when_told(tmp_path: Path) -> None:
    with worker(tmp_path) as process:
        wait_until(lambda: not worker_state(at=timezone.now()).is_silent)
        process.send_signal(signal.SIGTERM)

        assert process.wait(20) == 0


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_messages_from_redis(tmp_path: Path) -> None:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    with app.connection_for_write() as connection:
        app.send_task("grading.tasks.work_on_run", [0], connection=connection, retry=False)
    assert broker.llen("portal:celery") == 1

    with worker(tmp_path):
        wait_until(lambda: broker.llen("portal:celery") == 0)
    broker.close()


@pytest.mark.redis
def test_the_cache_of_all_processes_is_redis() -> None:
    cache.set("冀", "石家庄", 10)

    assert cache.get("冀") == "石家庄"
    assert settings.CACHES["default"]["BACKEND"].endswith("RedisCache")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a matter of SQLite alone")
def test_worker_on_sqlite_never_forks() -> None:
    """A process forked beside an open connection breaks the file; asking for it changes nothing."""
    chosen = WorkersPool().convert("prefork", None, mock.Mock(obj=mock.Mock(app=app)))

    assert chosen is solo.TaskPool
