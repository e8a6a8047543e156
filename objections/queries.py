"""QuerySets of the room: who sees a case, and the queues of who works on it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from roster.enums import Permission
from roster.models import Agency
from roster.scope import Actor, Operator, may, reach

from .rules.workflow import OPEN


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Cases the user may see.

        Of the unit and the levels above it: all cases of its rosters. Of a source department: the
        cases it is asked about. Of a representative: those of the enterprises spoken for. Source:
        R29; domain facts 7.
        """
        if isinstance(user, Operator):
            return self
        who = reach(user, Permission.VIEW_CASES)
        if who.everything:
            return self
        asked = self._verifications().held_by(user, Permission.VIEW_CASES)
        seen = Q(Exists(asked.filter(case=OuterRef("pk"))))
        if who.rosters:
            seen |= Q(unit__in=who.rosters)
        if who.enterprises and may(user, Permission.OWN_ENTERPRISE):
            seen |= Q(enterprise__in=who.enterprises)
        return self.filter(seen)

    def of_unit(self, user: Actor, permission: str = Permission.HANDLE_CASES) -> Self:
        """Cases that the user's own unit decides."""
        posts = [post for post in user.posts() if post.grants(permission) and post.is_lead]
        return self.filter(unit__in={post.region for post in posts})

    def open(self) -> Self:
        """A decision is still to come."""
        return self.filter(state__in=OPEN)

    def due(self, by: dt.date) -> Self:
        """The running limit of an office ends on a day or before."""
        return self.open().filter(due_on__lte=by)

    def by_urgency(self) -> Self:
        """By the day that binds; what stands still or cannot be reckoned comes last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")

    def _verifications(self) -> VerificationQuerySet:
        found = self.model._meta.get_field("verifications").related_model.objects
        return found.all()


class VerificationQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        cases = self.model._meta.get_field("case").related_model.objects
        return self.filter(case__in=cases.visible_to(user).values("pk"))

    def held_by(self, user: Actor, permission: str) -> Self:
        """Those the user may answer: of the own agency, and as lead agency of those of its region
        (as records are given and corrected). Source: R26; `records.queries.competence`."""
        if isinstance(user, Operator):
            return self
        posts = [post for post in user.posts() if post.grants(permission)]
        agencies = Agency.objects.filter(
            Q(pk__in={post.agency for post in posts})
            | Q(region__in={post.region for post in posts if post.is_lead})
        )
        return self.filter(agency__in=agencies.order_by().values("pk"))

    def waiting(self) -> Self:
        return self.filter(answered_on__isnull=True, dropped=False)


class DraftQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """A draft is the own one, and of an enterprise one still speaks for."""
        if isinstance(user, Operator):
            return self.none()
        who = reach(user)
        return self.filter(user_id=getattr(user, "pk", None), enterprise__in=who.enterprises)
