"""What a page that waits for a batch does for it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from . import limits, tasks
from .announce import send
from .enums import WAITING_FOR_WORK
from .models import Batch


def tend_batch(batch: Batch, *, now: dt.datetime) -> bool:
    """Announce a batch again that waits and that nobody works on; whether it was this caller.

    At most once in `limits.TEND_SECONDS`, however many pages wait for it.
    """
    since = now - dt.timedelta(seconds=limits.TEND_SECONDS)
    last = batch.announced_at or batch.confirmed_at or batch.received_at
    if batch.state not in WAITING_FOR_WORK or last > since:
        return False
    turn = Q(announced_at__isnull=True) | Q(announced_at__lte=since)
    waiting = Batch.objects.known_here().waiting_for_work(now)
    if waiting.filter(turn, pk=batch.pk).update(announced_at=now) != 1:
        return False
    send(tasks.task_for(batch.state), batch.pk)
    return True


__all__ = ["tend_batch"]
