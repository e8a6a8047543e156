"""A disk that is full: refused or tried again, and nothing half done stays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from audit.errors import Refused
from grading.models import Rating, Run
from intake import limits, store
from intake import services as files
from intake.enums import BatchState
from intake.models import Batch
from roster.models import Enterprise
from tests.factories.files import ROSTER, roster_line
from tests.factories.grading import County, code
from tests.factories.intake import csv_file
from tests.faults.cases import confirm, is_computed, is_in, open_run
from tests.faults.disks import disk_at, filled, needs_a_disk
from tests.faults.wholeness import events, orphans, wrong_with_books, wrong_with_run
from tests.workers import wait_until

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="a limit that SQLite knows")
MANY = [code(1_000 + number) for number in range(150)]
FULL = "database or disk is full"


def use_up_free_pages() -> None:
    """Those of rows that are gone would be room enough."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def roster_of_many(county: County) -> Batch:
    lines = [roster_line(1, 统一社会信用代码=one) for one in MANY]
    rows = csv_file([ROSTER, *lines])
    return files.receive(by=county.clerk, layout_key="roster", name="名录.csv", stream=rows)


@needs_a_disk
def test_file_for_which_the_store_has_no_room_is_refused_and_leaves_nothing(
    county: County, store_dir: Path
):
    with disk_at(store_dir, kib=256):
        folder = store.folder()
        with filled(store_dir), pytest.raises(Refused) as refused:
            roster_of_many(county)
        assert refused.value.code == "intake.store_full"
        assert (Batch.objects.count(), list(folder.iterdir())) == (0, [])
        batch = files.check_batch(roster_of_many(county).pk, pause=0)
        assert (batch.state, batch.added) == (BatchState.CHECKED, len(MANY))


@on_sqlite
@pytest.mark.parametrize("step", ["taken", "facts counted", "decided"])
def test_run_goes_on_when_the_database_has_room_again(county, nursery, step):
    county.register(MANY)
    run = open_run()
    use_up_free_pages()
    said = len(nursery.log)
    worker = nursery.worker(step=step, how="full")
    wait_until(is_computed(run))
    assert worker.has_reached_its_step()
    assert FULL in nursery.log[said:]
    run = Run.objects.get(pk=run.pk)
    assert wrong_with_run(run, digest=run.digest) == []
    assert Rating.objects.filter(part__run=run).count() == 12 + len(MANY)


@on_sqlite
@pytest.mark.parametrize("step", ["taken to merge", "after the first write"])
def test_file_is_taken_in_once_when_the_database_has_room_again(county, nursery, step):
    batch = files.check_batch(roster_of_many(county).pk, pause=0)
    confirm(county, batch)
    use_up_free_pages()
    said = len(nursery.log)
    worker = nursery.worker(step=step, how="full")
    wait_until(is_in(batch, BatchState.MERGED))
    assert worker.has_reached_its_step()
    assert FULL in nursery.log[said:]
    assert Enterprise.objects.filter(pk__in=MANY).count() == len(MANY)
    assert events("intake.file_merged", batch) == 1
    assert (wrong_with_books(), orphans()) == ([], [])


@on_sqlite
def test_file_is_not_given_up_while_the_database_has_no_room(county, monkeypatch):
    monkeypatch.setattr(limits, "LEASE_SECONDS", 0)
    batch = files.check_batch(roster_of_many(county).pk, pause=0)
    confirm(county, batch)
    use_up_free_pages()
    with no_room():
        for _ in range(limits.ATTEMPTS + 2):
            with pytest.raises(OperationalError, match=FULL):
                files.merge_batch(batch.pk)
    assert files.merge_batch(batch.pk).state == BatchState.MERGED
    assert Enterprise.objects.filter(pk__in=MANY).count() == len(MANY)


@contextlib.contextmanager
def no_room() -> Iterator[None]:
    """The database may grow no further."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 4294967294")
