"""Every step at which a worker may die: killed there, another one brings the work to the same end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grading import services
from grading.models import Correction
from grading.regrading import current_rating
from intake import services as files
from intake import taking_back
from intake.enums import BatchState
from intake.models import Batch
from tests.factories.grading import code
from tests.factories.taking_back import give_file, weighed
from tests.faults.cases import (
    codes_of,
    confirm,
    is_computed,
    is_in,
    merged,
    merged_cleanly,
    open_run,
    received,
)
from tests.faults.processes import Nursery
from tests.faults.steps import ACT, CHECK, GIVE_BACK, MERGE, RUN, WEIGH, documented
from tests.faults.wholeness import orphans, taken_in, wrong_with_books, wrong_with_run
from tests.workers import wait_until

KILLED = [
    "worker",
    # On SQLite a worker has no children.
    pytest.param("child", marks=pytest.mark.postgres),
]


def test_every_documented_step_has_its_kill():
    assert documented() == [list(RUN), [*CHECK, *MERGE], [*WEIGH, *GIVE_BACK], list(ACT)]


def killed_at(step: str, nursery: Nursery, *, killed: str, ended: Callable[[], Any]) -> None:
    """A worker dies at the step; another one, or another child of its own, works to the end."""
    worker = nursery.worker(step=step, how=killed)
    wait_until(worker.has_reached_its_step)
    if killed == "worker":
        wait_until(lambda: not worker.lives)
        worker = nursery.worker()
    wait_until(ended)
    assert worker.lives
    worker.kill()


# --- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed", KILLED)
def test_run_comes_to_the_same_end_wherever_it_was_broken_off(county, nursery, killed):
    clean = services.work(open_run().pk)

    def broken_off_at(step: str) -> list[str]:
        run = open_run()
        killed_at(step, nursery, killed=killed, ended=is_computed(run))
        return wrong_with_run(run, digest=clean.digest)

    assert {step: broken_off_at(step) for step in RUN} == {step: [] for step in RUN}
    assert wrong_with_books() == []


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed", KILLED)
def test_file_is_taken_in_once_wherever_it_was_broken_off(county, nursery, killed):
    clean = merged_cleanly(county)
    assert clean["counts"] == [3, 2, 0, 1]

    def broken_off_at(turn: int, step: str) -> dict[str, list[Any]]:
        batch = received(county, turn)
        if step in CHECK:
            killed_at(step, nursery, killed=killed, ended=is_in(batch, BatchState.CHECKED))
            confirm(county, batch)
            files.merge_batch(batch.pk)
        else:
            files.check_batch(batch.pk, pause=0)
            confirm(county, batch)
            killed_at(step, nursery, killed=killed, ended=is_in(batch, BatchState.MERGED))
        return taken_in(Batch.objects.get(pk=batch.pk), codes_of(turn))

    steps = {**CHECK, **MERGE}
    found = {step: broken_off_at(turn, step) for turn, step in enumerate(steps, start=2)}
    assert found == dict.fromkeys(steps, clean)
    assert (wrong_with_books(), orphans()) == ([], [])


# --- files taken back ----------------------------------------------------------------------------


@pytest.mark.parametrize("killed", KILLED)
def test_file_is_taken_back_once_wherever_it_was_broken_off(county, nursery, killed):
    def broken_off_at(turn: int, step: str) -> dict[str, list[Any]]:
        batch = merged(county, turn)
        taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
        if step in WEIGH:
            killed_at(step, nursery, killed=killed, ended=is_in(batch, BatchState.WEIGHED))
        taking_back.weigh(batch.pk)
        digest = batch.take_backs.get().fates_digest
        taking_back.decide(
            by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=digest
        )
        if step in GIVE_BACK:
            killed_at(step, nursery, killed=killed, ended=is_in(batch, BatchState.TAKEN_BACK))
        taking_back.carry_out(batch.pk)
        return taken_in(Batch.objects.get(pk=batch.pk), codes_of(turn))

    clean = broken_off_at(1, "nowhere")
    steps = {**WEIGH, **GIVE_BACK}
    found = {step: broken_off_at(turn, step) for turn, step in enumerate(steps, start=2)}
    assert found == dict.fromkeys(steps, clean)
    assert wrong_with_books() == []


def test_grades_follow_once_wherever_a_take_back_was_broken_off(county, nursery):
    """Each file made one enterprise a C, whose grade is in force."""
    batches = {step: give_file(county, place) for place, step in enumerate(GIVE_BACK, 1)}
    county.publish(county.run())
    assert [graded(place) for place in (1, 2, 3)] == [("C", 0)] * 3
    for step, batch in batches.items():
        taking_back.ask(by=county.clerk, batch_id=batch.pk, reason="错")
        digest = weighed(batch).fates_digest
        taking_back.decide(
            by=county.approver, batch_id=batch.pk, agree=True, reason="", digest=digest
        )
        killed_at(step, nursery, killed="worker", ended=is_in(batch, BatchState.TAKEN_BACK))
    assert [graded(place) for place in (1, 2, 3)] == [("A", 1), ("B", 1), ("B", 1)]
    assert wrong_with_books() == []


def graded(place: int) -> tuple[str, int] | None:
    """The grade in force of an enterprise, and how often it was put right."""
    rating = current_rating(code(place))
    return rating and (rating.grade, Correction.objects.filter(enterprise=code(place)).count())
