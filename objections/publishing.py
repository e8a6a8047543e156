"""The daily round over records past their publication, and who is told of it. Domain facts 3."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from audit.acts import act
from grading.system import SYSTEM
from notices.services import To, tell
from records import takedown
from records.models import PublicationRound
from roster.enums import AgencyKind, Permission
from roster.models import Agency
from roster.scope import Actor

PORTIONS = 50
"""So many before the sweep goes on to its other steps; the next one goes on with the rest."""


def take_down_due(*, on: dt.date) -> int:
    """Take down what is past its publication; how many came down. Called by the sweep: once a day it
    finds something to do, however often it is made, and goes on where it was broken off."""
    if not takedown.is_due(on):
        return 0
    begun_at, down = timezone.now(), 0
    for number, keys in enumerate(takedown.portions(on=on)):
        if number == PORTIONS:
            return down
        down += takedown.take_down(by=SYSTEM, record_ids=keys, on=on).taken_down
    report_round(by=SYSTEM, on=on, begun_at=begun_at)
    return down


@act("objections.takedown_reported")
def report_round(*, by: Actor, on: dt.date, begun_at: dt.datetime) -> None:
    """End the round of a day, and tell each lead agency what came down of its own roster."""
    by_region = _by_region()
    ended = takedown.end_round(by=by, on=on, begun_at=begun_at)
    if ended is None:
        return
    for agency in Agency.objects.effective_on(on).filter(kind=AgencyKind.LEAD):
        down, waiting = by_region.get(agency.region_id, (0, 0))
        _tell(ended, agency, "taken_down", down, by=by)
        _tell(ended, agency, "not_made_good", waiting, by=by)


def _by_region() -> dict[str, tuple[int, int]]:
    """Of each region's roster: how many came down, and how many wait to."""
    counted = takedown.came_down().order_by().values_list("record__enterprise__keeper").annotate(
        down=Count("pk", filter=Q(waits=False)), waiting=Count("pk", filter=Q(waits=True))
    )  # fmt: skip
    return {region: (down, waiting) for region, down, waiting in counted}


def _tell(ended: PublicationRound, agency: Agency, kind: str, count: int, *, by: Actor) -> None:
    if count:
        tell(
            by=by, to=To(agency=agency, permission=Permission.HANDLE_CASES),
            kind=f"objections.{kind}", about=ended, values={"count": count, "on": ended.on},
            key=f"{kind}:{ended.on}:{agency.code}",
        )  # fmt: skip


__all__ = ["report_round", "take_down_due"]
