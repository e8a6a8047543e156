"""QuerySets of the records room."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from roster.enums import Permission
from roster.models import Enterprise
from roster.scope import Actor, reach


class HistoryQuerySet(models.QuerySet):
    """Rows with both times: `recorded_at` and `retracted_at`. Design idea 3."""

    def known_at(self, instant: dt.datetime) -> HistoryQuerySet:
        """Rows as the portal knew them at an instant."""
        return self.filter(
            Q(retracted_at__isnull=True) | Q(retracted_at__gt=instant), recorded_at__lte=instant
        )

    def live(self) -> HistoryQuerySet:
        """Rows as the portal knows them now."""
        return self.filter(retracted_at__isnull=True)


class RecordQuerySet(HistoryQuerySet):
    def visible_to(self, user: Actor) -> RecordQuerySet:
        """Records the user may see.

        Lead agencies: about enterprises on their rosters, and given by authorities of their
        regions. Departments: given by their own agency. Representatives: about their own
        enterprise. Source: R25–R26, 三(二)–(三).
        """
        who = reach(user, Permission.VIEW_RECORDS)
        if who.everything:
            return self
        kept = Enterprise.objects.filter(
            Q(keeper__in=who.rosters) | Q(keeper__isnull=True, region__in=who.rosters)
        )
        return self.filter(
            Q(enterprise__in=kept.values("pk"))
            | Q(authority__region__in=who.authorities)
            | Q(authority__in=who.agencies)
            | Q(enterprise__in=who.enterprises)
        )
