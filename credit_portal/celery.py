"""The Celery application. Messages only say "look in the database"."""

import os
from typing import Any

import celery

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

from credit_portal.worker import Rounds  # noqa: E402 -- needs the settings named above

app.steps["worker"].add(Rounds)
