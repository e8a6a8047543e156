"""What the page that starts a run offers: scheme, date, rosters that are free and those in work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from roster.models import Region
from roster.scope import Actor

from .enums import OPEN_STATES, RunKind
from .models import RosterRun, RunSchedule, Scheme
from .services import published_scheme, rosters_to_grade


@dataclass(frozen=True)
class Offer:
    """Rosters the actor may start for: free ones, and those whose open part must be settled."""

    scheme: Scheme
    free: list[Region]
    busy: list[RosterRun]

    @property
    def busy_codes(self) -> list[str]:
        return [part.region_id for part in self.busy]

    @property
    def is_empty(self) -> bool:
        return not self.free and not self.busy


def offer(by: Actor) -> Offer:
    """What the actor may start today. Raises Refused when no scheme is published."""
    scheme = published_scheme()
    mine = rosters_to_grade(by)
    busy = list(
        RosterRun.objects.filter(region__in=mine, state__in=OPEN_STATES)
        .select_related("region", "run")
        .order_by("region_id")
    )
    taken = {part.region_id for part in busy}
    return Offer(scheme, [region for region in mine if region.pk not in taken], busy)


def usual_date(*, on: dt.date) -> dt.date:
    """The newest yearly reference date before a day; 31 December where no schedule says else.

    Default, no source: the policy says one year, not which day.
    """
    schedules = RunSchedule.objects.filter(kind=RunKind.ANNUAL)
    due = [day for schedule in schedules if (day := schedule.cycle.newest_before(on))]
    return max(due, default=dt.date(on.year - 1, 12, 31))


def graded_already(regions: list[str], *, kind: str, reference_date: dt.date) -> list[RosterRun]:
    """Published parts of the same kind and date: a new run of these will take their place."""
    return list(
        RosterRun.objects.filter(
            region__in=regions,
            run__kind=kind,
            run__reference_date=reference_date,
            published_at__isnull=False,
        )
        .select_related("region", "run")
        .order_by("region_id")
    )
