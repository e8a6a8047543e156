"""A worker of another version than the data leaves the work alone, says so, and loses nothing."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from audit.refusal import Refused
from credit_portal.enums import Standing
from credit_portal.models import WorkerPulse
from credit_portal.pulse import report
from credit_portal.release import is_migrated, standing
from grading import engine, services
from grading.edition import EDITION
from grading.models import Chunk, Rating, Run
from grading.replay import verify_run
from grading.tasks import work_on_run
from intake import services as files
from intake.enums import BatchState
from intake.models import Batch
from tests.factories.files import ROSTER, roster_line
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
from tests.factories.intake import csv_file
from tests.workers import wait_until, worker

NEWER = ("grading", "9999_of_a_newer_version")
GOLDEN = {1: "71573e2cdc378aaf3210a4df7bffa9df840e96fdf5542d7111652403db405118"}
"""The digest of the run below, by edition. Another digest asks for the next edition: raise it, and
say so in CHANGELOG.md, for a run under way is then not gone on with."""


@pytest.fixture
def county(db) -> County:
    """Enough to be an A, a B, a C by number, a C by kind, a D, and two that are not counted."""
    load_reference()
    county = County.make()
    county.register([code(number) for number in range(1, 8)])
    county.give(code(2), "penalty_other", "2025-05-05")
    for _ in range(6):
        county.give(code(3), "penalty_other", "2025-05-05")
    county.give(code(4), "licence_revoked", "2025-05-05")
    county.give(code(5), "business_licence_revoked", "2025-05-05")
    county.give(code(6), "penalty_other", "2024-12-31")
    county.give(code(7), "penalty_other", "2026-01-01")
    return county


def open_run() -> Run:
    return services.open_run(
        by=OPERATOR, kind="annual", reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )


def of_edition(run: Run, edition: int) -> Run:
    """The run as if a program of another edition had opened, or begun, it."""
    Run.objects.filter(pk=run.pk).update(edition=edition)
    return Run.objects.get(pk=run.pk)


def received(county: County) -> Batch:
    rows = csv_file([ROSTER, roster_line(21)])
    return files.receive(by=county.clerk, layout_key="roster", name="名录.csv", stream=rows)


# --- how a program stands ------------------------------------------------------------------------


def test_this_program_fits_its_own_database(county):
    open_run()
    received(county)
    assert standing() is Standing.FITS


def test_program_is_older_than_a_migration_it_does_not_know(db):
    MigrationRecorder(connection).record_applied(*NEWER)
    assert (standing(), is_migrated()) == (Standing.OLDER, False)


def test_program_is_newer_than_a_database_without_its_migration(db):
    MigrationRecorder(connection).record_unapplied("grading", "0001_initial")
    assert (standing(), is_migrated()) == (Standing.NEWER, False)


def test_migrations_of_rooms_that_are_gone_are_no_sign(db):
    MigrationRecorder(connection).record_applied("supervision", "0001_initial")
    assert standing() is Standing.FITS


def test_program_is_older_than_an_unfinished_run_of_a_newer_edition(county):
    run = of_edition(open_run(), EDITION + 1)
    assert standing() is Standing.OLDER
    Run.objects.filter(pk=run.pk).update(state="computed")
    assert standing() is Standing.FITS


@pytest.mark.parametrize("newer", [{"layout": "of-a-newer-version"}, {"edition": 2}])
def test_program_is_older_than_an_unfinished_file_of_a_newer_kind(county, newer):
    batch = received(county)
    Batch.objects.filter(pk=batch.pk).update(**newer)
    assert standing() is Standing.OLDER
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED)
    assert standing() is Standing.FITS


def test_message_is_left_alone_by_a_program_that_does_not_fit(county):
    run = open_run()
    MigrationRecorder(connection).record_applied(*NEWER)
    work_on_run(run.pk)
    assert Run.objects.get().state == "opened"
    MigrationRecorder(connection).record_unapplied(*NEWER)
    work_on_run(run.pk)
    assert Run.objects.get().state == "computed"


# --- runs ----------------------------------------------------------------------------------------


def test_the_edition_belongs_to_what_is_computed(county):
    assert services.work(open_run().pk).digest == GOLDEN[EDITION]


def test_run_of_a_newer_program_is_neither_begun_nor_announced(county):
    run = of_edition(open_run(), EDITION + 1)
    assert services.sweep_runs() == 0
    assert services.work(run.pk).state == "opened"
    assert not Chunk.objects.exists()


@pytest.mark.parametrize("edition", [EDITION - 1, EDITION + 1])
def test_run_that_another_edition_began_is_not_gone_on_with(county, monkeypatch, edition):
    monkeypatch.setattr(engine, "SLICE_SIZE", 3)
    monkeypatch.setattr(engine, "SLICES_AT_ONCE", 1)
    run = open_run()
    engine.slice_run(run.pk)
    engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    run = of_edition(run, edition)
    services.work(run.pk)
    assert (Rating.objects.count(), Chunk.objects.filter(state="done").count()) == (3, 1)
    assert services.sweep_runs() == 0
    assert not services.tend_run(run, now=timezone.now())


def test_all_slices_done_by_another_edition_are_not_summed_up(county):
    run = open_run()
    engine.slice_run(run.pk)
    engine.grade_chunks(engine.take_chunks(run.pk, now=timezone.now()))
    run = of_edition(run, EDITION + 1)
    engine.finish(run.pk)
    assert county.part(run).state == "computing"


def test_run_that_an_older_program_only_opened_is_computed_by_this_edition(county):
    run = of_edition(open_run(), EDITION - 1)
    assert services.sweep_runs() == 1
    run = services.work(run.pk)
    assert (run.state, run.edition, verify_run(run).ok) == ("computed", EDITION, True)


@pytest.mark.parametrize(
    ("edition", "refusal"),
    [(EDITION - 1, "grading.older_edition"), (EDITION + 1, "grading.newer_edition")],
)
def test_stopped_run_of_another_edition_is_not_resumed(county, edition, refusal):
    run = open_run()
    engine.slice_run(run.pk)
    services.stop_run(by=county.clerk, run_id=run.pk)
    of_edition(run, edition)
    with pytest.raises(Refused) as refused:
        services.resume_run(by=county.clerk, run_id=run.pk)
    assert refused.value.code == refusal


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("newer", [{"layout": "of-a-newer-version"}, {"edition": 2}])
def test_file_of_a_newer_program_is_neither_checked_nor_refused(county, newer):
    batch = received(county)
    Batch.objects.filter(pk=batch.pk).update(**newer)
    assert files.sweep_batches() == 0
    batch = files.check_batch(batch.pk)
    assert (batch.state, batch.attempts, batch.refusal_code) == (BatchState.RECEIVED, 0, "")


def test_confirmed_file_of_a_newer_program_is_not_merged(county):
    batch = files.check_batch(received(county).pk, pause=0)
    files.confirm_batch(by=county.clerk, batch_id=batch.pk, key=batch.confirm_key)
    Batch.objects.filter(pk=batch.pk).update(edition=2)
    assert files.merge_batch(batch.pk).state == BatchState.CONFIRMED


# --- what is said --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Standing.OLDER, "后台程序 one@test 的版本比数据旧，不再工作"),
        (Standing.NEWER, "数据库还没有为后台程序 one@test 迁移"),
    ],
)
def test_home_says_which_worker_leaves_the_work_alone(client: Client, county, how, said):
    client.force_login(person("sysadmin", county.agency, "system_admin"))
    report(worker="one@test", at=timezone.now(), standing=how)
    assert said in client.get("/admin/").content.decode()
    report(worker="one@test", at=timezone.now())
    assert said not in client.get("/admin/").content.decode()


def test_home_says_that_nobody_goes_on_with_a_run_until_its_parts_are_given_up(
    client: Client, county
):
    run = open_run()
    engine.slice_run(run.pk)
    of_edition(run, EDITION - 1)
    client.force_login(county.clerk)
    said = f"第{run.pk}号评价（{run}）由旧版程序算了一部分"
    assert said in client.get("/admin/").content.decode()
    part = county.part(run)
    services.ask_withdrawal(by=county.clerk, part_id=part.pk, reason="升级")
    services.withdraw_part(by=county.approver, part_id=part.pk)
    assert said not in client.get("/admin/").content.decode()


# --- a worker that runs --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_worker_leaves_all_work_until_program_and_database_fit(
    transactional_db, county, tmp_path: Path
):
    migrations = MigrationRecorder(connection)
    migrations.record_applied(*NEWER)
    try:
        run = open_run()
        with worker(tmp_path, REDIS_URL="", BROKER_URL=""):
            wait_until(lambda: WorkerPulse.objects.filter(standing=Standing.OLDER).exists())
            assert Run.objects.get().state == "opened"
            assert "leaves all work alone" in (tmp_path / "worker-one.log").read_text()
            migrations.record_unapplied(*NEWER)
            wait_until(lambda: Run.objects.get().state == "computed")
    finally:
        migrations.record_unapplied(*NEWER)
    assert verify_run(Run.objects.get(pk=run.pk)).ok
