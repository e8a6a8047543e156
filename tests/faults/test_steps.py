"""Every step at which a worker may die: killed there, another one brings the work to the same end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grading import services
from grading.enums import RunKind
from grading.models import Run
from intake import services as files
from intake.enums import BatchState
from intake.models import Batch
from tests.factories.files import ROSTER, roster_line
from tests.factories.grading import COUNTY, OPERATOR, REFERENCE, TODAY, County, code
from tests.factories.intake import csv_file
from tests.faults.processes import Nursery
from tests.faults.steps import ACT, CHECK, MERGE, RUN, documented
from tests.faults.wholeness import orphans, taken_in, wrong_with_books, wrong_with_run
from tests.workers import wait_until

KILLED = [
    pytest.param(True, id="worker"),
    # On SQLite a worker has no children.
    pytest.param(False, id="child", marks=pytest.mark.postgres),
]


def test_every_documented_step_has_its_kill():
    assert documented() == [list(RUN), [*CHECK, *MERGE], list(ACT)]


def killed_at(step: str, nursery: Nursery, *, whole: bool, ended: Callable[[], Any]) -> None:
    """A worker dies at the step; another one, or another child of its own, works to the end."""
    worker = nursery.worker(step=step, whole=whole)
    wait_until(worker.has_reached_its_step)
    if whole:
        wait_until(lambda: not worker.lives)
        worker = nursery.worker()
    wait_until(ended)
    assert worker.lives
    worker.kill()


# --- runs ----------------------------------------------------------------------------------------


def open_run() -> Run:
    return services.open_run(
        by=OPERATOR, kind=RunKind.AD_HOC, reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )


@pytest.mark.parametrize("whole", KILLED)
def test_run_comes_to_the_same_end_wherever_it_was_broken_off(county, nursery, whole):
    clean = services.work(open_run().pk)

    def broken_off_at(step: str) -> list[str]:
        run = open_run()
        is_computed = Run.objects.filter(pk=run.pk, state="computed").exists
        killed_at(step, nursery, whole=whole, ended=is_computed)
        return wrong_with_run(run, digest=clean.digest)

    assert {step: broken_off_at(step) for step in RUN} == {step: [] for step in RUN}
    assert wrong_with_books() == []


# --- files ---------------------------------------------------------------------------------------


def codes_of(turn: int) -> list[str]:
    return [code(100 * turn + number) for number in range(5)]


def received(county: County, turn: int) -> Batch:
    """A file of a turn's own enterprises: three new, one renamed, one as it was, a bad line."""
    codes = codes_of(turn)
    county.register([codes[3]], name="旧名有限公司")
    lines = [
        roster_line(1, 统一社会信用代码=one, 企业名称=f"虚构{place}号有限公司")
        for place, one in enumerate(codes)
    ]
    county.register([codes[4]], name="虚构4号有限公司", established_on=None)
    bad = roster_line(1, 统一社会信用代码="91130102", 企业名称="虚构有限公司")
    return files.receive(
        by=county.clerk,
        layout_key="roster",
        name="名录.csv",
        stream=csv_file([ROSTER, *lines, bad]),
    )


def confirm(county: County, batch: Batch) -> None:
    batch.refresh_from_db()
    files.confirm_batch(by=county.clerk, batch_id=batch.pk, key=batch.confirm_key)


def is_in(batch: Batch, state: str) -> Callable[[], bool]:
    return Batch.objects.filter(pk=batch.pk, state=state).exists


def merged_cleanly(county: County) -> dict[str, list[Any]]:
    batch = files.check_batch(received(county, 1).pk)
    confirm(county, batch)
    return taken_in(files.merge_batch(batch.pk), codes_of(1))


@pytest.mark.parametrize("whole", KILLED)
def test_file_is_taken_in_once_wherever_it_was_broken_off(county, nursery, whole):
    clean = merged_cleanly(county)
    assert clean["counts"] == [3, 2, 0, 1]

    def broken_off_at(turn: int, step: str) -> dict[str, list[Any]]:
        batch = received(county, turn)
        if step in CHECK:
            killed_at(step, nursery, whole=whole, ended=is_in(batch, BatchState.CHECKED))
            confirm(county, batch)
            files.merge_batch(batch.pk)
        else:
            files.check_batch(batch.pk)
            confirm(county, batch)
            killed_at(step, nursery, whole=whole, ended=is_in(batch, BatchState.MERGED))
        return taken_in(Batch.objects.get(pk=batch.pk), codes_of(turn))

    steps = {**CHECK, **MERGE}
    found = {step: broken_off_at(turn, step) for turn, step in enumerate(steps, start=2)}
    assert found == dict.fromkeys(steps, clean)
    assert (wrong_with_books(), orphans()) == ([], [])
