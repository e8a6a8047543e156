"""Messages of the intake room: each says which batch to look at. Safe to run twice."""

from __future__ import annotations

from celery import shared_task


@shared_task(ignore_result=True)
def check_batch(batch_id: int) -> None:
    from . import services  # services announce this task

    services.check_batch(batch_id)


@shared_task(ignore_result=True)
def merge_batch(batch_id: int) -> None:
    from . import services  # services announce this task

    services.merge_batch(batch_id)


@shared_task(ignore_result=True)
def sweep_batches() -> None:
    from . import services  # services announce tasks

    services.sweep_batches()
