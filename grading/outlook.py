"""What would become of a grade, on which date, if nothing new happens. Source: R30–R33; idea 2.

Nothing is decided here a second time: the statement of the run counts, its rules decide, only
for a reference date that has not come yet.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from records.models import Record
from roster.models import Enterprise

from .engine import rules_for
from .enums import PartState
from .facts import View, facts_of, weigh
from .models import RosterRun, RunSchedule, Scheme
from .rules.cycle import coming
from .rules.verdict import Facts, Rule, decide
from .rules.window import last_day_in_window, window_start

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Forecast:
    """What the rules would say on a date.

    leaving: records that counted the day before and do not any more. is_reference_date: a run
    falls due on it, so the grade really is given anew.
    """

    on: dt.date
    facts: Facts
    rule: Rule
    leaving: tuple[int, ...] = ()
    is_reference_date: bool = False


@dataclass(frozen=True)
class Outlook:
    """Forecasts in date order, the first of them for today.

    pending: for reference dates gone by whose run waits for what comes in late.
    """

    scheme: Scheme
    forecasts: tuple[Forecast, ...]
    pending: tuple[Forecast, ...] = ()

    @property
    def today(self) -> Forecast:
        return self.forecasts[0]

    @property
    def next_reference(self) -> dt.date | None:
        """The next day a run falls due on; None when no cycle is in force."""
        coming_up = (*self.pending, *self.forecasts)
        return next((row.on for row in coming_up if row.is_reference_date), None)

    @property
    def turns(self) -> tuple[Forecast, ...]:
        """The days on which the grade would turn out otherwise than the day before."""
        return tuple(
            later
            for earlier, later in pairwise(self.forecasts)
            if later.rule.grade != earlier.rule.grade
        )

    @property
    def rows(self) -> tuple[Forecast, ...]:
        """What is worth showing: what is pending, today, every turn, the days a run falls due."""
        turns = set(self.turns)
        return self.pending + tuple(
            forecast
            for place, forecast in enumerate(self.forecasts)
            if place == 0 or forecast in turns or forecast.is_reference_date
        )


def outlook(code: str, *, scheme: Scheme, on: dt.date, known_at: dt.datetime) -> Outlook:
    """How an enterprise would be graded today, on every day something leaves the window, and on
    the reference dates up to the first after which nothing more leaves.

    Counts what is known at `known_at`. One statement a date, at most one date a day of the
    window. Source: R30, 四(一).
    """
    view = View(
        scheme=scheme.pk,
        reference=on,
        start=window_start(on, months=scheme.window_months),
        known_at=known_at,
        first_known_by=known_at,
    )
    leaving = _leaving(code, view=view, months=scheme.window_months)
    due = _reference_dates(after=on, until=max(leaving, default=on))
    pending = _not_opened_yet(code, on=on)
    forecasts = []
    for day in sorted({on, *leaving, *due, *pending}):
        facts = Facts.parse(facts_of(code, view=view.on(day, months=scheme.window_months)))
        forecasts.append(
            Forecast(
                on=day,
                facts=facts,
                rule=decide(facts, rules_for(scheme)),
                leaving=tuple(leaving.get(day, ())) if day > on else (),
                is_reference_date=day in due or day in pending,
            )
        )
    gone = len([day for day in pending if day < on])
    return Outlook(scheme, tuple(forecasts[gone:]), pending=tuple(forecasts[:gone]))


def _leaving(code: str, *, view: View, months: int) -> dict[dt.date, list[int]]:
    """The records that count on the view's date and pass out of the window, by that day."""
    counted = [item.record for item in weigh(code, view=view) if not item.failed]
    windowed = Record.objects.filter(
        pk__in=counted,
        kind__in=Scheme.objects.get(pk=view.scheme).kinds.filter(in_window=True).values("kind"),
    ).order_by("decided_on", "pk")
    days: dict[dt.date, list[int]] = {}
    for pk, decided_on in windowed.values_list("pk", "decided_on"):
        days.setdefault(last_day_in_window(decided_on, months=months) + DAY, []).append(pk)
    return days


def _not_opened_yet(code: str, *, on: dt.date) -> set[dt.date]:
    """Reference dates gone by whose days of waiting are not over and on which the enterprise's
    roster has no part yet."""
    keeper = Enterprise.objects.filter(pk=code).values("keeper")
    parts = RosterRun.objects.filter(region__in=keeper).exclude(state=PartState.WITHDRAWN)
    waiting = set()
    for schedule in RunSchedule.objects.all():
        due = schedule.cycle.newest_before(on)
        if due is None or on > due + dt.timedelta(days=schedule.wait_days):
            continue
        if not parts.filter(run__kind=schedule.kind, run__reference_date=due).exists():
            waiting.add(due)
    return waiting


def _reference_dates(*, after: dt.date, until: dt.date) -> set[dt.date]:
    """Days after `after` on which a run falls due, up to the first on or after `until`."""
    cycles = (schedule.cycle for schedule in RunSchedule.objects.all())
    return coming(cycles, after=after, until=until)


__all__ = ["Forecast", "Outlook", "outlook"]
