"""One sweep over everything unfinished: safe at any time, any number of times, on any machine."""

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

import audit.anchor
import grading.services
import intake.evidence
import intake.services
import notices.letters
import notices.outbox
import objections.filing
import objections.handling
import objections.publishing
import objections.reminding
import roster.bindings
from audit import once
from audit.models import Event
from audit.refusal import Refused, record_refusal
from credit_portal import logs, sessions, sign_in, throttle
from grading.system import SYSTEM
from intake.sweeping import tend_each

logger = logging.getLogger(__name__)

OPENED = "grading.run_opened"


def sweep() -> dict[str, int]:
    """Announce again what is unfinished; the answer counts what was announced, by room.

    Called by a timer in each worker and by a command; a page that waits for progress sweeps
    its own room. A fault in one step leaves the others done; then raises an ExceptionGroup.
    """
    steps: dict[str, Callable[[], int]] = {
        "batches": intake.services.sweep_batches,
        "evidence": intake.evidence.sweep,
        "runs": grading.services.sweep_runs,
        "letters": lambda: notices.letters.draw_due(by=SYSTEM),
        "mails": lambda: notices.outbox.send_due(at=timezone.now()),
        "publications": lambda: objections.publishing.take_down_due(on=timezone.localdate()),
        "deadlines": objections.handling.reckon_due,
        "bindings": lambda: roster.bindings.reckon_due(by=SYSTEM),
        "forms": lambda: once.forget(at=timezone.now()),
        "sign_ins": lambda: sign_in.tell_counted(at=timezone.now()),
        "sessions": lambda: sessions.forget(at=timezone.now()),
        "tries": lambda: throttle.forget(at=timezone.now()),
        "logs": lambda: logs.forget(
            settings.LOG_DIR, on=timezone.localdate(), days=settings.LOG_DAYS
        ),
        "anchors": audit.anchor.tend,
    }
    return _counted(steps)


def _counted(steps: dict[str, Callable[[], int]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    tend_each(steps, lambda name: counted.update({name: steps[name]()}))
    return counted


def daily(*, on: dt.date) -> dict[str, int]:
    """What each day brings, as often as it is asked for: reminders, the end of cases whose time
    for a review has run out, of old drafts, of files that nothing names. The answer counts what was
    done. A fault in one leaves the others done; then raises an ExceptionGroup. R29."""
    steps: dict[str, Callable[[], int]] = {
        "drafts_dropped": lambda: objections.filing.drop_old_drafts(by=SYSTEM, on=on),
        "evidence_erased": lambda: intake.evidence.erase_unnamed(by=SYSTEM),
        "reminders": lambda: objections.reminding.remind_due(on=on),
        "cases_closed": lambda: objections.handling.close_due(on=on),
    }
    return _counted(steps)


def open_due_runs(*, on: dt.date) -> int:
    """Open the yearly and quarterly runs that are due by a day; their number. Source: R31, R33.

    Raises Refused when one is still due: look again soon. Of one cause there is one event a day,
    however often somebody looks.
    """
    try:
        return len(grading.services.open_due_runs(on=on))
    except Refused as refusal:
        logger.info("A run is due and was not opened: %s", refusal)
        if not _is_recorded(refusal, on):
            record_refusal(act=OPENED, by=SYSTEM, exc=refusal)
        raise


def _is_recorded(refusal: Refused, on: dt.date) -> bool:
    begin = timezone.make_aware(dt.datetime.combine(on, dt.time()))
    today = Event.objects.refused().filter(at__gte=begin, act=OPENED, actor=SYSTEM.username)
    return today.filter(details__code=refusal.code).exists()
