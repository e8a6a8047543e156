"""QuerySets of the records room."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from roster.enums import Permission
from roster.models import Agency, Enterprise
from roster.queries import DatedQuerySet, kept_on
from roster.rules.placing import PROVINCE
from roster.scope import Actor, Operator, reach

NUMBER = re.compile(r"[\[\]〔〕［］()（）【】]|号$")
BRACKETS = (("〔", "〕"), ("[", "]"), ("［", "］"), ("（", "）"), ("(", ")"), ("【", "】"))


def authorities_for(user: Actor, permission: str, *, on: dt.date) -> models.QuerySet[Agency]:
    """Agencies for which a user may give or correct records: the own one, and as lead agency all
    of the region. Source: R25–R26; `Record.held_by`."""
    agencies = Agency.objects.effective_on(on)
    return agencies if isinstance(user, Operator) else agencies.filter(_competent(user, permission))


def competence(user: Actor, permission: str, *, prefix: str = "") -> Q:
    """The records a user's posts with a permission are competent for: `Record.held_by` as rows.

    Their own agency's, and as lead agency those of all authorities of the region.
    """
    if isinstance(user, Operator):
        return Q()
    return Q(**{f"{prefix}authority__in": competent_agencies(user, permission)})


def competent_agencies(user: Actor, permission: str) -> models.QuerySet[Any]:
    """Keys of the agencies for which a user's posts with a permission act, to ask about rows with."""
    return Agency.objects.filter(_competent(user, permission)).order_by().values("pk")


def _competent(user: Actor, permission: str) -> Q:
    """The own agencies, and all of the regions where the user sits in the lead agency."""
    posts = [post for post in user.posts() if post.grants(permission)]
    return Q(pk__in={post.agency for post in posts}) | Q(
        region__in={post.region for post in posts if post.is_lead}
    )


def sees_province(user: Actor) -> bool:
    """Whether every record is in sight: as a lead agency of the province, or as operator."""
    who = reach(user, Permission.VIEW_RECORDS)
    return who.everything or PROVINCE in who.rosters


class KindQuerySet(DatedQuerySet):
    """Kinds of information, each in use from a day on."""


class HistoryQuerySet(models.QuerySet):
    """Rows with both times: `recorded_at` and `retracted_at`. Design idea 3."""

    def known_at(self, instant: dt.datetime) -> HistoryQuerySet:
        """Rows as the portal knew them at an instant."""
        return self.filter(
            Q(retracted_at__isnull=True) | Q(retracted_at__gt=instant), recorded_at__lte=instant
        )

    def live(self) -> Self:
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

    def held_by(self, user: Actor, permission: str) -> RecordQuerySet:
        """Records the user is competent for, not merely sees. Source: R25–R26."""
        return self.filter(competence(user, permission))

    def marked(self, kind: str) -> RecordQuerySet:
        """Records with a live mark of a kind."""
        return self.filter(Exists(self._marks(kind)))

    def claimed(self) -> RecordQuerySet:
        """Live general records said to have had a serious consequence nobody has confirmed. R35."""
        return self.live().filter(
            ~Exists(self._marks("serious")), serious_claimed=True, kind__category="general"
        )

    def undecided(self) -> RecordQuerySet:
        """Live penalties whose wording was not recognised; a clerk decides their kind. §7."""
        return self.live().filter(kind="penalty_undecided")

    def to_confirm(self, user: Actor) -> RecordQuerySet:
        """Claimed consequences that wait for this user as the second person. R35."""
        held = self.claimed().held_by(user, Permission.CONFIRM_CONSEQUENCES)
        return held.exclude(recorded_by=user.username)

    def to_recognise(self, user: Actor) -> RecordQuerySet:
        """Penalties whose kind this user is to decide. §7."""
        return self.undecided().held_by(user, Permission.CORRECT_RECORDS)

    def published(self) -> RecordQuerySet:
        """Live records whose publication has not ended by itself."""
        return self.live().exclude(Exists(self._taken_down(waits=False)))

    def taken_down(self) -> RecordQuerySet:
        """Records whose publication has ended by itself."""
        return self.filter(Exists(self._taken_down(waits=False)))

    def waiting_to_come_down(self) -> RecordQuerySet:
        """Published beyond their term, because the fault is not made good yet."""
        return self.published().filter(Exists(self._taken_down(waits=True)))

    def taken_down_within(self, days: slice) -> RecordQuerySet:
        """Records that came down, or would have, from a day to a day; either may be left open."""
        rows = self._taken_down()
        if days.start is not None:
            rows = rows.filter(on__gte=days.start)
        if days.stop is not None:
            rows = rows.filter(on__lte=days.stop)
        return self.filter(Exists(rows))

    def _taken_down(self, **said: bool) -> models.QuerySet:
        rows = self.model._meta.get_field("taken_down").related_model._default_manager
        return rows.filter(record=OuterRef("pk"), **said)

    def _marks(self, kind: str) -> models.QuerySet:
        marks = self.model._meta.get_field("marks").related_model.objects
        return marks.live().filter(record=OuterRef("pk"), kind=kind)

    def visible_to(self, user: Actor) -> RecordQuerySet:
        """Records the user may see.

        Lead agencies: about enterprises on their rosters, and given by authorities of their
        regions. Departments: given by their own agency. Representatives: about their own
        enterprise. Source: R25–R26, 三(二)–(三).
        """
        return self.filter(in_sight(user))

    def on_roster_of(self, user: Actor) -> RecordQuerySet:
        """Records about enterprises on the user's own rosters, not those below, whoever decided."""
        posts = [post for post in user.posts() if post.grants(Permission.VIEW_RECORDS)]
        regions = {post.region for post in posts if post.is_lead}
        return self.filter(kept_on(regions, prefix="enterprise__"))


def in_sight(user: Actor, *, prefix: str = "") -> Q:
    """The condition of `visible_to`, also for rows that point to a record.

    Asked of few rows (by key, number, enterprise) it costs little. Lists of many take a narrow
    range instead: with an OR between two tables no index leads to the rows.
    """
    if sees_province(user):
        return Q()
    who = reach(user, Permission.VIEW_RECORDS)
    agencies = Agency.objects.filter(Q(pk__in=who.agencies) | Q(region__in=who.authorities))
    seen = Q(**{f"{prefix}authority__in": agencies.order_by().values("pk")})
    if who.rosters:
        seen |= kept_on(who.rosters, prefix=f"{prefix}enterprise__")
    if who.enterprises:
        seen |= Q(**{f"{prefix}enterprise__in": who.enterprises})
    return seen


def _bracketed(number: str) -> list[str]:
    """A number in every style of brackets in use."""
    plain = number
    for opening, closing in BRACKETS:
        plain = plain.replace(opening, "\0").replace(closing, "\1")
    return [plain.replace("\0", opening).replace("\1", closing) for opening, closing in BRACKETS]
