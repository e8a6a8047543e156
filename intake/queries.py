"""QuerySets of the intake room."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from .enums import WAITING_FOR_WORK


class BatchQuerySet(models.QuerySet):
    def of(self, username: str) -> BatchQuerySet:
        """Batches a person brought."""
        return self.filter(uploader=username)

    def waiting_for_work(self, at: dt.datetime) -> BatchQuerySet:
        """Batches that a worker must take up: none has, or the one that had is gone."""
        return self.filter(
            Q(lease_until__isnull=True) | Q(lease_until__lt=at), state__in=WAITING_FOR_WORK
        )

    def not_announced_since(self, at: dt.datetime) -> BatchQuerySet:
        """Batches nobody was told about lately."""
        return self.filter(Q(announced_at__isnull=True) | Q(announced_at__lt=at))
