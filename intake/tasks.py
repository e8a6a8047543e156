"""Messages of the intake room: each says which batch to look at. Safe to run twice."""

from __future__ import annotations

from celery import Task, shared_task

from .enums import BatchState


@shared_task(ignore_result=True)
def check_batch(batch_id: int) -> None:
    from . import services  # services announce this task

    services.check_batch(batch_id)


@shared_task(ignore_result=True)
def merge_batch(batch_id: int) -> None:
    from . import services  # services announce this task

    services.merge_batch(batch_id)


@shared_task(ignore_result=True)
def weigh_take_back(batch_id: int) -> None:
    from . import taking_back  # it announces this task

    taking_back.weigh(batch_id)


@shared_task(ignore_result=True)
def take_back(batch_id: int) -> None:
    from . import taking_back  # it announces this task

    taking_back.carry_out(batch_id)


@shared_task(ignore_result=True)
def sweep_batches() -> None:
    from . import services  # services announce tasks

    services.sweep_batches()


def task_for(state: str) -> Task:
    """The task that carries a batch on from a state that waits for work."""
    return {
        BatchState.RECEIVED: check_batch,
        BatchState.CHECKING: check_batch,
        BatchState.CONFIRMED: merge_batch,
        BatchState.MERGING: merge_batch,
        BatchState.WEIGHING: weigh_take_back,
        BatchState.GIVING_BACK: take_back,
    }[BatchState(state)]
