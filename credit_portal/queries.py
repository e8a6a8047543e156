import datetime as dt
from typing import Any

from django.db import models

SILENT_AFTER = dt.timedelta(minutes=2)
STUCK_AFTER = dt.timedelta(minutes=10)
FORGOTTEN_AFTER = dt.timedelta(days=7)


class WorkerPulseQuerySet(models.QuerySet[Any]):
    def heard(self, *, at: dt.datetime) -> "WorkerPulseQuerySet":
        """Workers that have reported within two minutes before an instant. Default, no source."""
        return self.filter(seen_at__gt=at - SILENT_AFTER)

    def through(self, *, at: dt.datetime) -> "WorkerPulseQuerySet":
        """Workers whose last whole round is not long ago."""
        return self.filter(through_at__gt=at - STUCK_AFTER)

    def forgotten(self, *, at: dt.datetime) -> "WorkerPulseQuerySet":
        """Workers that have been silent for a week: machines that are gone."""
        return self.filter(seen_at__lte=at - FORGOTTEN_AFTER)
