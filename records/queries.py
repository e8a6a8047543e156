"""QuerySets of the records room."""

from __future__ import annotations

import datetime as dt
import re

from django.db import models
from django.db.models import Q

from roster.enums import Permission
from roster.models import Agency, Enterprise
from roster.queries import ReferenceQuerySet
from roster.scope import Actor, Operator, reach

NUMBER = re.compile(r"[\[\]〔〕［］()（）【】]|号$")
BRACKETS = (("〔", "〕"), ("[", "]"), ("［", "］"), ("（", "）"), ("(", ")"), ("【", "】"))


def authorities_for(user: Actor, permission: str, *, on: dt.date) -> models.QuerySet[Agency]:
    """Agencies for which a user may give or correct records: the own one, and as lead agency all
    of the region. Source: R25–R26; `Record.held_by`."""
    agencies = Agency.objects.filter(Q(until__isnull=True) | Q(until__gt=on))
    if isinstance(user, Operator):
        return agencies
    posts = [post for post in user.posts() if post.grants(permission)]
    return agencies.filter(
        Q(pk__in={post.agency for post in posts})
        | Q(region__in={post.region for post in posts if post.is_lead})
    )


class KindQuerySet(ReferenceQuerySet):
    def effective_on(self, date: dt.date) -> KindQuerySet:
        """Kinds in use on a day, from the first to before the last."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=date), Q(until__isnull=True) | Q(until__gt=date)
        )


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


class MarkQuerySet(HistoryQuerySet):
    def visible_to(self, user: Actor) -> MarkQuerySet:
        """Marks on records the user may see."""
        records = self.model._meta.get_field("record").related_model.objects
        return self.filter(record__in=records.visible_to(user).values("pk"))


class RecordQuerySet(HistoryQuerySet):
    def find(self, text: str) -> RecordQuerySet:
        """Records by document number as a whole, or about enterprises found by code or name.

        A text with brackets or 号 at its end is a number; the style of its brackets does not
        matter.
        """
        text = " ".join(text.split())
        if NUMBER.search(text):
            return self.filter(~Q(number=""), number__in=_bracketed(text))
        return self.filter(enterprise__in=Enterprise.objects.find(text).values("pk"))

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


def _bracketed(number: str) -> list[str]:
    """A number in every style of brackets in use."""
    plain = number
    for opening, closing in BRACKETS:
        plain = plain.replace(opening, "\0").replace(closing, "\1")
    return [plain.replace("\0", opening).replace("\1", closing) for opening, closing in BRACKETS]
