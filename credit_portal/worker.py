"""What every worker does beside its tasks: report, and sweep up what is unfinished.

A thread of its own, so that neither a long task nor an empty broker silences it.
"""

import contextlib
import datetime as dt
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import connections
from django.utils import timezone

from intake.sweeping import tend_each

logger = logging.getLogger(__name__)

ROUND = threading.RLock()
"""Held for a round. A child forked in the middle of one inherits what the thread of rounds holds at
that moment, a lock of the database's library say, and waits for it forever: so a fork waits."""
os.register_at_fork(
    before=ROUND.acquire, after_in_parent=ROUND.release, after_in_child=ROUND.release
)


class Rounds(bootsteps.StartStopStep):
    """Starts with the worker and ends with it; one round every SWEEP_SECONDS."""

    def __init__(self, parent: Any, **options: Any) -> None:
        from credit_portal import release  # inline: Celery loads this before the models

        super().__init__(parent, **options)
        self.worker = str(parent.hostname)
        self.stopped = threading.Event()
        self.looked_on: dt.date | None = None
        self.daily_on: dt.date | None = None
        self.thread: threading.Thread | None = None
        release.remember()

    def start(self, parent: Any) -> None:
        self.thread = threading.Thread(target=self.run, name="rounds", daemon=True)
        self.thread.start()

    def stop(self, parent: Any) -> None:
        self.stopped.set()

    def run(self) -> None:
        while True:
            with ROUND:
                self.make_round()
            if self.stopped.wait(settings.SWEEP_SECONDS):
                return

    def make_round(self) -> None:
        """Report, sweep, and look for runs that are due: once a day, or until none is left.

        Whatever goes wrong is logged and tried again, and keeps no other step from being made: a
        worker that no longer sweeps would be worse than any single fault. The home warns when no
        worker has got through a whole round. One of another version than the database only reports.
        """
        from credit_portal import pulse, release, sweep  # inline: as above

        now = timezone.now()
        try:
            standing = release.standing()
            steps: dict[str, Callable[[], Any]] = {
                "report": lambda: pulse.report(worker=self.worker, at=now, standing=standing),
            }
            if release.fits(standing):
                steps["sweep"] = sweep.sweep
                steps["due runs"] = lambda: self.open_due_runs(timezone.localdate(now))
                steps["daily"] = lambda: self.do_daily(timezone.localdate(now))
            tend_each(steps, lambda name: steps[name]())
            pulse.got_through(worker=self.worker, at=now)
        except Exception:
            logger.exception("A round of %s failed; the next one tries again", self.worker)
        finally:
            connections.close_all()

    def open_due_runs(self, today: dt.date) -> None:
        from audit.refusal import Refused  # inline: as above
        from credit_portal import sweep  # inline: as above

        if self.looked_on == today:
            return
        with contextlib.suppress(Refused):  # is recorded; the next round looks again
            sweep.open_due_runs(on=today)
            self.looked_on = today

    def do_daily(self, today: dt.date) -> None:
        from credit_portal import sweep  # inline: as above

        if self.daily_on != today:
            sweep.daily(on=today)
            self.daily_on = today
