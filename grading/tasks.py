"""Messages say: look in the database. A lost one is made good by the sweep."""

from celery import shared_task

SECONDS_PER_MESSAGE = 30


@shared_task(ignore_result=True)
def work_on_run(run_id: int) -> None:
    """Grade slices of a run for a while, then announce the rest."""
    from . import engine  # services schedule tasks, so tasks import late

    if not engine.work(run_id, seconds=SECONDS_PER_MESSAGE):
        work_on_run.apply_async((run_id,), retry=False)
