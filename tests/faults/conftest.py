from collections.abc import Iterator
from pathlib import Path

import pytest

from grading import engine
from grading.models import RunSchedule
from grading.schemes import end_schedule
from intake import limits
from tests.factories.grading import OPERATOR, County, code, load_reference, state_set_up
from tests.faults import nursery as small
from tests.faults.processes import Nursery


@pytest.fixture(scope="session")
def processes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Processes that look for messages in folders of their own, where nobody puts any: what they
    find, the sweep found."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(transactional_db: None, processes: Nursery) -> Iterator[Nursery]:
    """Without a process at the beginning and at the end; pytest shows with a failure what they
    said, and where those that are left stand."""
    said = len(processes.log)
    yield processes
    processes.say_where_all_stand()
    processes.clear()
    print(processes.log[said:])


@pytest.fixture
def county(transactional_db: None, store_dir: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    """Twelve enterprises in three slices, with none to six general records each; no run is due."""
    monkeypatch.setattr(engine, "SLICE_SIZE", small.SLICE_SIZE)
    monkeypatch.setattr(engine, "SLICES_AT_ONCE", 1)
    monkeypatch.setattr(engine, "PAUSE_AFTER_WRITE", {})
    monkeypatch.setattr(limits, "CHUNK_LINES", small.CHUNK_LINES)
    load_reference()
    for schedule in RunSchedule.objects.all():
        end_schedule(by=OPERATOR, schedule_id=schedule.pk, until=schedule.since)
    county = County.make()
    state_set_up()
    codes = [code(number) for number in range(1, 13)]
    county.register(codes)
    for number, item in enumerate(codes):
        for _ in range(number % 7):
            county.give(item, "penalty_other", "2025-05-05")
    return county
