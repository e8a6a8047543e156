"""The Celery application. Messages only say "look in the database"."""

import os
from typing import Any

import celery
import structlog
from celery.signals import setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")


class Task(celery.Task):
    """Done only where program and database are of one version. Left alone, it is announced again
    by a worker that knows how."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from credit_portal import release  # inline: Celery loads this before the models

        if release.fits(release.standing()):
            return super().__call__(*args, **kwargs)
        return None


app = celery.Celery("credit_portal", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**_said: Any) -> None:
    """The settings have said where and how it is logged; Celery adds nothing to that."""


@task_prerun.connect
def name_task(task_id: str, task: Any, **_said: Any) -> None:
    """Its name on every line that is logged while it runs."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def forget_task(**_said: Any) -> None:
    structlog.contextvars.clear_contextvars()


from credit_portal.worker import Rounds  # noqa: E402 -- needs the settings named above

app.steps["worker"].add(Rounds)
