"""QuerySets of the roster room; each `visible_to` builds on `scope.reach`."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from .scope import Actor, reach


class EnterpriseQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> EnterpriseQuerySet:
        """Enterprises the user may see.

        Lead agencies: on their roster and those below. Departments: registered in their area,
        where they inspect (属地监管). Representatives: their own. Source: R3, R39–R40.
        """
        who = reach(user)
        if who.everything:
            return self
        return self.filter(
            Q(keeper__in=who.rosters)
            | Q(keeper__isnull=True, region__in=who.rosters)
            | Q(region__in=who.area)
            | Q(pk__in=who.enterprises)
        )


class RosterEntryQuerySet(models.QuerySet):
    def known_at(self, instant: dt.datetime) -> RosterEntryQuerySet:
        """Rows as the portal knew them at an instant."""
        return self.filter(
            Q(retracted_at__isnull=True) | Q(retracted_at__gt=instant), recorded_at__lte=instant
        )

    def effective_on(self, date: dt.date) -> RosterEntryQuerySet:
        """Stays in `[joined_on, left_on)`; an unknown joining day is long ago."""
        return self.filter(
            Q(joined_on__isnull=True) | Q(joined_on__lte=date),
            Q(left_on__isnull=True) | Q(left_on__gt=date),
        )

    def current(self) -> RosterEntryQuerySet:
        """Stays that go on today, as known now."""
        return self.filter(retracted_at__isnull=True, left_on__isnull=True)

    def visible_to(self, user: Actor) -> RosterEntryQuerySet:
        """The stays on rosters the user may see, and those of own enterprises."""
        who = reach(user)
        if who.everything:
            return self
        return self.filter(
            Q(region__in=who.rosters)
            | Q(enterprise__region__in=who.area)
            | Q(enterprise__in=who.enterprises)
        )
