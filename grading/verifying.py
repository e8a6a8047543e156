"""Everything that can be checked about what the portal keeps, in order: the rest stands on what
comes first. Source: R4, R64; design ideas 3, 4 and 7."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from audit.acts import act, note
from audit.compare import compare
from audit.found import Found
from audit.models import Event
from audit.recount import recount
from audit.verify import verify as verify_chain
from roster.present import check_enterprises
from roster.scope import Actor

from .messages import CHECKS
from .replay import check_clock, runs_to_replay, verify_current, verify_run


@dataclass(frozen=True)
class Check:
    """One of them, and what it is about."""

    about: str
    carry_out: Callable[[], Found]
    number: int | None = None

    def __str__(self) -> str:
        return str(CHECKS[self.about]).format(number=self.number)


def checks() -> Iterator[Check]:
    """One after the other; the runs are looked up when it is their turn."""
    yield Check("chain", _chain)
    yield Check("rows", recount)
    yield Check("stated", compare)
    yield Check("enterprises", check_enterprises)
    yield Check("clock", check_clock)
    for run in runs_to_replay():
        yield Check("run", partial(verify_run, run), run.pk)
    yield Check("in_force", verify_current)


VERIFIED = "grading.verified"
RECORDED_EVERY = dt.timedelta(days=8)
"""Once a week, and a day for what comes in between. Default, no source."""


@dataclass(frozen=True)
class LastTime:
    """What was recorded last: when, and the first that was wrong ("" if nothing was)."""

    at: dt.datetime
    first_bad: str


@act(VERIFIED)
def record_outcome(*, by: Actor, found: Found) -> None:
    """Leave what the checks came to in the chain, for the home of those who must act on it."""
    note(ok=found.ok, checked=found.checked, first_bad=found.first_bad or "")


def last_time() -> LastTime | None:
    event = Event.objects.done().filter(act=VERIFIED).order_by("-number").first()
    if event is None:
        return None
    return LastTime(event.at, event.details["notes"][0]["values"]["first_bad"])


def _chain() -> Found:
    verdict = verify_chain()
    return Found(verdict.ok, verdict.checked, verdict.problem or None)


__all__ = ["RECORDED_EVERY", "Check", "LastTime", "checks", "last_time", "record_outcome"]
