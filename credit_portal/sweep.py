"""One sweep over everything unfinished: safe at any time, any number of times, on any machine."""

import datetime as dt
import logging

from django.utils import timezone

import audit.anchor
import grading.services
import intake.services
from audit.refusal import Refused
from credit_portal import sign_in

logger = logging.getLogger(__name__)


def sweep() -> dict[str, int]:
    """Announce again what is unfinished; the answer counts what was announced, by room.

    Called by a timer in each worker and by a command; a page that waits for progress sweeps
    its own room.
    """
    return {
        "batches": intake.services.sweep_batches(),
        "runs": grading.services.sweep_runs(),
        "sign_ins": sign_in.tell_counted(at=timezone.now()),
        "anchors": audit.anchor.tend(),
    }


def open_due_runs(*, on: dt.date) -> int:
    """Open the yearly and quarterly runs that are due by a day; their number. Source: R31, R33.

    Two workers may find the same one due: the second is refused, and that is all.
    """
    try:
        return len(grading.services.open_due_runs(on=on))
    except Refused as refusal:
        logger.info("No due run opened: %s", refusal)
        return 0
