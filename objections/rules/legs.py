"""The stretches of a case that have a limit: when each began, stood still and ended.

Computed from the steps that were taken, never counted down. Source: design idea 8.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from objections.enums import Action, CaseKind, Leg
from objections.rules.workflow import OPEN, WORKFLOWS
from workdays.rules.clock import Stop

ON_FROM_ACCEPTANCE = frozenset({Leg.WITH_SOURCE})
"""Begins with the acceptance, not with the sending: seven days in all."""
ENTERPRISES = frozenset({Leg.SUPPLY, Leg.REVIEW_FILE})
"""Limits of the enterprise, not of an office."""


@dataclass(frozen=True)
class Taken:
    """A step as it was taken. `reason` of a stop or an extension is shown with it."""

    source: str
    action: str
    target: str
    on: dt.date
    reason: str = ""


@dataclass(frozen=True)
class Stretch:
    """One leg: `extended` counts extensions with their reasons; `ended_on` is None while it runs."""

    leg: str
    start: dt.date
    stops: tuple[Stop, ...] = ()
    extended: tuple[str, ...] = ()
    ended_on: dt.date | None = None

    @property
    def is_enterprises(self) -> bool:
        return self.leg in ENTERPRISES

    @property
    def runs(self) -> bool:
        return self.ended_on is None


def stretches(kind: str, taken: Iterable[Taken]) -> tuple[Stretch, ...]:
    """The legs of a case in the order in which they began.

    >>> filed = Taken("", "file", "submitted", dt.date(2026, 3, 2))
    >>> [one.leg for one in stretches("objection", [filed])]
    ['accept']
    """
    found: list[Stretch] = []
    for step in taken:
        _take(CaseKind(kind), step, found)
    return tuple(found)


def _take(kind: CaseKind, step: Taken, found: list[Stretch]) -> None:
    match step.action:
        case Action.ASK_PAPERS:
            found[-1] = replace(found[-1], stops=(Stop(step.on, None, step.reason),))
            found.append(Stretch(Leg.SUPPLY, step.on))
            return
        case Action.SUPPLY:
            accepting, supplying = found[-2:]
            stop = replace(accepting.stops[-1], until=step.on)
            found[-2:] = [replace(accepting, stops=(stop,)), replace(supplying, ended_on=step.on)]
            return
        case Action.EXTEND:
            found[-1] = replace(found[-1], extended=(*found[-1].extended, step.reason))
            return
    starts = WORKFLOWS[kind].step(step.source, step.action).starts
    if starts:
        _start(Leg(starts), step, found)
    elif step.target not in OPEN:
        _end_all(step.on, found)


def _start(leg: Leg, step: Taken, found: list[Stretch]) -> None:
    if leg in ON_FROM_ACCEPTANCE:
        found[-1] = replace(found[-1], leg=leg)  # the same stretch with another limit
        return
    _end_all(step.on, found)
    found.append(Stretch(leg, step.on))


def _end_all(on: dt.date, found: list[Stretch]) -> None:
    found[:] = [_ended(one, on) if one.runs else one for one in found]


def _ended(one: Stretch, on: dt.date) -> Stretch:
    """With its standstill, when it stood still to the end."""
    stops = tuple(replace(stop, until=stop.until or on) for stop in one.stops)
    return replace(one, ended_on=on, stops=stops)
