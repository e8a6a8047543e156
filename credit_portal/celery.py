"""The Celery application. Messages only say "look in the database"."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")

app = Celery("credit_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

from credit_portal.worker import Rounds  # noqa: E402 -- needs the settings named above

app.steps["worker"].add(Rounds)
