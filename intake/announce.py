"""Telling a worker to look in the database; never more than that.

A broker that is down or full fails nothing: the sweep announces again what is unfinished.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import KombuError

logger = logging.getLogger(__name__)


def announce(task: Task, *args: Any) -> None:
    """Send a task when the open transaction commits, or now without one; never fails."""
    transaction.on_commit(lambda: send(task, *args), robust=True)


def send(task: Task, *args: Any) -> bool:
    """Send a task now; whether the broker took it."""
    try:
        task.apply_async(args=args, retry=False)
    except (KombuError, OSError) as exc:
        logger.warning("The broker did not take %s%s: %s", task.name, args, exc)
        return False
    return True


__all__ = ["announce", "send"]
