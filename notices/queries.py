"""QuerySets of the room: whose notices and letters these are."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from roster.enums import Permission
from roster.posts import Post
from roster.scope import Actor, Operator, reach

from .enums import MailState


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """To the enterprises one speaks for, to agencies where one holds a post with the notice's
        permission, and to oneself, in an agency while one has a post there. Domain facts 7."""
        if isinstance(user, Operator) or not getattr(user, "is_authenticated", False):
            return self.none()
        agencies = {post.agency for post in user.posts()}
        own = Q(agency__isnull=True) | Q(agency__in=agencies)
        seen = Q(user=getattr(user, "pk", None)) & own | Q(enterprise__in=reach(user).enterprises)
        for post in user.posts():
            seen |= _of_post(post)
        return self.filter(seen)

    def unread_by(self, user: Any) -> Self:
        """Those the user has not opened."""
        return self.filter(~self._read_by(user))

    def unread_first(self, user: Any) -> Self:
        """Those the user has not opened, then the others; each newest first."""
        return self.annotate(is_read=self._read_by(user)).order_by("is_read", "-pk")

    def _read_by(self, user: Any) -> Exists:
        readings = self.model._meta.get_field("readings").related_model.objects
        return Exists(readings.filter(notice=OuterRef("pk"), user=user.pk))


def _of_post(post: Post) -> Q:
    from .models import Notice  # the choices of its permission stand there

    granted = [one for one in Notice.PERMISSIONS if post.grants(one)]
    return Q(agency=post.agency, permission__in=granted, user__isnull=True)


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """To the enterprise it is addressed to, and to who sees cases in the office that issued it
        and at the levels above."""
        if isinstance(user, Operator):
            return self
        who = reach(user, Permission.VIEW_CASES)
        seen = Q(enterprise__in=who.enterprises) | Q(agency__in=who.agencies)
        return self if who.everything else self.filter(seen | Q(agency__region__in=who.rosters))

    def about(self, row: models.Model) -> Self:
        """Letters about one thing, oldest first."""
        named = self.filter(about_type=row._meta.label_lower, about_id=str(row.pk))
        return named.order_by("pk")


class MailQuerySet(models.QuerySet):
    def due(self, *, at: dt.datetime) -> Self:
        """Not sent, and in nobody's hands."""
        return self.filter(state=MailState.WAITING, next_at__lte=at)
