"""PostgreSQL and Redis stopped, started again, emptied and full, in the middle of the work.

Servers of their own: the other tests go on with theirs.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, connections

from grading import services
from grading.models import Run
from intake import services as files
from intake.enums import BatchState
from intake.models import Batch
from tests.faults.browser import Person
from tests.faults.cases import (
    codes_of,
    confirm,
    is_computed,
    is_in,
    merged_cleanly,
    open_run,
    received,
)
from tests.faults.disks import disk_at, filled, needs_a_disk
from tests.faults.processes import Nursery
from tests.faults.test_answers import file_confirmed, run_started, web_of
from tests.faults.wholeness import orphans, taken_in, wrong_with_books, wrong_with_run
from tests.workers import wait_until
from tools import servers

pytestmark = pytest.mark.postgres
AT_ONCE, IN_ORDER = signal.SIGQUIT, signal.SIGINT
RESTARTS_OF_A_RUN = [
    ("taken", AT_ONCE), ("rated", AT_ONCE), ("rated", IN_ORDER), ("slices done", AT_ONCE),
    ("run closed", AT_ONCE),
]  # fmt: skip
RESTARTS_OF_A_MERGE = [
    ("taken to merge", AT_ONCE), ("after the first write", AT_ONCE),
    ("after the first write", IN_ORDER), ("merge closed", AT_ONCE), ("merged", AT_ONCE),
]  # fmt: skip


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker) -> Iterator[servers.Server]:
    """A migrated database on a server of its own, in place of that of the tests."""
    programs = servers.postgres_programs()
    if programs is None:
        pytest.skip("needs the programs of PostgreSQL")
    own = connections["default"]
    with servers.postgres_server(programs) as server, django_db_blocker.unblock():
        given = urlsplit(server.url)
        named = {
            "HOST": given.hostname, "PORT": str(given.port), "USER": given.username,
            "PASSWORD": given.password, "NAME": given.path.removeprefix("/"),
        }  # fmt: skip
        other = connections.create_connection("default")
        other.settings_dict = own.settings_dict | named
        connections["default"] = other
        try:
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            yield server
        finally:
            other.close()
            connections["default"] = own


@pytest.fixture(scope="module")
def broker() -> Iterator[servers.Server]:
    program = servers.redis_program()
    if program is None:
        pytest.skip("needs the program of Redis")
    with servers.redis_server(program) as server:
        yield server


@pytest.fixture(scope="module")
def processes(
    database: servers.Server, broker: servers.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nursery]:
    folder = tmp_path_factory.mktemp("nursery")
    nursery = Nursery(folder, redis_url=broker.url)
    yield nursery
    nursery.close()


@pytest.fixture(autouse=True)
def both_run(database: servers.Server, broker: servers.Server) -> None:
    """At the beginning of each test."""
    for server in (database, broker):
        if server.process is not None and server.process.poll() is not None:
            server.start()


def restart(database: servers.Server, how: signal.Signals) -> None:
    connection.close()
    database.stop(how)
    database.start()


# --- the database --------------------------------------------------------------------------------


def test_run_goes_on_after_the_database_was_started_again(county, nursery, database):
    clean = services.work(open_run().pk)
    for step, how in RESTARTS_OF_A_RUN:
        run = open_run()
        worker = nursery.worker(step=step, how="held")
        wait_until(worker.has_reached_its_step)
        restart(database, how)
        worker.let_go()
        wait_until(is_computed(run))
        assert wrong_with_run(run, digest=clean.digest) == [], (step, how)
        assert worker.lives
        worker.kill()
    assert wrong_with_books() == []


def test_file_is_taken_in_once_after_the_database_was_started_again(county, nursery, database):
    clean = merged_cleanly(county)
    for turn, (step, how) in enumerate(RESTARTS_OF_A_MERGE, start=2):
        batch = files.check_batch(received(county, turn).pk, pause=0)
        confirm(county, batch)
        worker = nursery.worker(step=step, how="held")
        wait_until(worker.has_reached_its_step)
        restart(database, how)
        worker.let_go()
        wait_until(is_in(batch, BatchState.MERGED))
        assert taken_in(Batch.objects.get(pk=batch.pk), codes_of(turn)) == clean, (step, how)
        worker.kill()
    assert (wrong_with_books(), orphans()) == ([], [])


@needs_a_disk
def test_run_goes_on_when_the_disk_of_the_database_has_room_again(
    county, nursery, database, tmp_path_factory
):
    """The table of ratings lies on a small disk of its own."""
    clean = services.work(open_run().pk)
    place = database.folder / "small"
    place.mkdir()
    with disk_at(place, kib=2048), ratings_at(place):
        with filled(place):
            run = open_run()
            said = len(nursery.log)
            nursery.worker()
            wait_until(lambda: "No space left on device" in nursery.log[said:])
            assert not is_computed(run)()
        wait_until(is_computed(run))
        assert wrong_with_run(run, digest=clean.digest) == []
        nursery.clear()


@contextlib.contextmanager
def ratings_at(place: Path) -> Iterator[None]:
    if os.geteuid() == 0:
        os.chown(place, pwd.getpwnam("postgres").pw_uid, -1)
    execute(f"CREATE TABLESPACE small LOCATION '{place}'")
    execute("TRUNCATE grading_rating CASCADE")
    execute("ALTER TABLE grading_rating SET TABLESPACE small")
    try:
        yield
    finally:
        execute("ALTER TABLE grading_rating SET TABLESPACE pg_default")
        execute("DROP TABLESPACE small")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


# --- the broker ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["emptied", "started again"])
def test_run_goes_on_whatever_becomes_of_the_broker(county, nursery, broker, fault):
    clean = services.work(open_run().pk)
    run = open_run()
    worker = nursery.worker(step="slices done", how="held")
    wait_until(worker.has_reached_its_step)
    if fault == "emptied":
        nursery.empty_broker()
    else:
        broker.stop(signal.SIGKILL)
        broker.start()
    worker.let_go()
    wait_until(is_computed(run))
    assert wrong_with_run(run, digest=clean.digest) == []


def test_acts_go_on_without_a_broker_and_are_worked_on_when_it_is_back(county, nursery, broker):
    broker.stop(signal.SIGKILL)
    web = web_of(nursery)
    for press in (file_confirmed(county), run_started(county)):
        person = Person(press.by)
        form = person.form(web.port, press.page, action=press.action, **(press.filled or {}))
        assert person.send(web.port, form.address, *form.body) == 302
        assert press.outcome() == 1
    nursery.worker()
    broker.start()
    wait_until(lambda: Run.objects.filter(state="computed").exists())
    wait_until(Batch.objects.filter(state=BatchState.MERGED).exists)
    assert (wrong_with_books(), orphans()) == ([], [])
