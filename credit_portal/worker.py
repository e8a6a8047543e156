"""What every worker does beside its tasks: report, and sweep up what is unfinished.

A thread of its own, so that neither a long task nor an empty broker silences it.
"""

import logging
import threading
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

logger = logging.getLogger(__name__)


class Rounds(bootsteps.StartStopStep):
    """Starts with the worker and ends with it; one round every SWEEP_SECONDS."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.worker = str(parent.hostname)
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        self.thread = threading.Thread(target=self.run, name="rounds", daemon=True)
        self.thread.start()

    def stop(self, parent: Any) -> None:
        self.stopped.set()

    def run(self) -> None:
        while True:
            make_round(worker=self.worker)
            if self.stopped.wait(settings.SWEEP_SECONDS):
                return


def make_round(*, worker: str) -> None:
    """One report and one sweep. A database that is away is waited for, not died of."""
    from credit_portal import pulse, sweep  # inline: the worker loads this before the models

    try:
        pulse.report(worker=worker, at=timezone.now())
        sweep.sweep()
    except DatabaseError:
        logger.exception("The round of %s failed; the next one tries again", worker)
    finally:
        connections.close_all()
