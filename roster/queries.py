"""QuerySets of the roster room; each `visible_to` builds on `scope.reach`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any, Self

from django.apps import apps
from django.db import connections, models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from .days import ever, in_effect
from .enums import BindingState, Permission
from .rules.placing import PROVINCE
from .rules.registration import name_key
from .scope import Actor, Operator, may, open_to_staff, reach, regions_of

CODE_START = re.compile(r"[0-9][0-9A-Z]{5,17}")
DIGITS = re.compile(r"[0-9]{2,5}")
LAST_CHARACTER = "Z"


def is_code_start(text: str) -> bool:
    """Whether a search text is a unified code, its beginning, or a registration number."""
    return CODE_START.fullmatch(name_key(text).upper()) is not None and len(text.split()) == 1


class HoldsPairs(Func):
    """Whether a text has every two neighbouring characters of another; PostgreSQL, by index."""

    template = "roster_bigrams(%(expressions)s)"
    arg_joiner = ") @> roster_bigrams("
    output_field = models.BooleanField()


def _by_word(word: str, *, vendor: str) -> Q:
    """Names that hold a word. Its pairs narrow down by index, its place in the name decides.

    Not by LIKE: PostgreSQL would take the two conditions for independent and expect far too few.
    """
    held = Q(GreaterThan(StrIndex("name_key", Value(word)), 0))
    if vendor != "postgresql" or len(word) < 2:
        return held
    pairs = Q(HoldsPairs(F("name_key"), Value(word)))
    return pairs if len(word) == 2 else pairs & held


def _begins_with(path: str, number: str) -> Q:
    return Q(**{f"{path}__gte": number, f"{path}__lte": number.ljust(18, LAST_CHARACTER)})


def _by_number(number: str) -> Q:
    """A whole or begun unified code, or a registration number of 15 digits."""
    begun = _begins_with("code", number)
    if len(number) == 15 and number.isdigit():
        return begun | Q(registration_number=number)
    return begun


def _registered_in(path: str, area: frozenset[str]) -> Q:
    """Registered in an area; the whole province is no list of two hundred regions."""
    return Q(**{f"{path}__isnull": False}) if PROVINCE in area else Q(**{f"{path}__in": area})


def kept_on(rosters: Collection[str], *, prefix: str = "") -> Q:
    """Enterprises on rosters, or, on none, registered in their regions. Source: R12–R16.

    `prefix` leads from the rows at hand to the enterprise: "enterprise__".
    """
    keeper, region = f"{prefix}keeper", f"{prefix}region"
    left = Q(**{f"{keeper}__isnull": True, f"{region}__in": rosters})
    return Q(**{f"{keeper}__in": rosters}) | left


class ReferenceQuerySet(models.QuerySet):
    """Tables that are the same for everybody with a post: regions, agencies, industries."""

    def visible_to(self, user: Actor) -> models.QuerySet[Any]:
        return open_to_staff(self, user)


class DatedQuerySet(ReferenceQuerySet):
    """Of those the ones that hold from a day until before another one."""

    def effective_on(self, date: dt.date) -> Self:
        return self.filter(in_effect(date))


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> UserQuerySet:
        """Accounts of people posted in a security administrator's area, now or formerly.

        Those never given anything belong to where they were opened, who never was posted but spoke
        for an enterprise to the province.
        """
        regions = regions_of(user, Permission.MANAGE_ACCOUNTS)
        if regions is None:
            return self
        if not regions:
            return self.none()
        postings = self.model._meta.get_field("postings").related_model.objects.filter(
            user=OuterRef("pk")
        )
        spoken_for = self.model._meta.get_field("representations").related_model.objects.filter(
            user=OuterRef("pk")
        )
        held = (Exists(rows.filter(ever())) for rows in (postings, spoken_for))
        opened_here = Q(*(~one for one in held), region__in=regions)
        return self.filter(opened_here | Exists(postings.filter(agency__region__in=regions)))


class PostingQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> PostingQuerySet:
        """Posts in the own area of a security administrator."""
        regions = regions_of(user, Permission.MANAGE_ACCOUNTS)
        return self if regions is None else self.filter(agency__region__in=regions)


class RepresentativeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> RepresentativeQuerySet:
        """For the security administrators of the province, who keep them."""
        return self if may(user, Permission.MANAGE_REPRESENTATIVES) else self.none()


class BindingQuerySet(models.QuerySet):
    def of(self, user: Any) -> BindingQuerySet:
        """What a person has asked for, newest first."""
        return self.filter(user=user.pk).order_by("-pk")

    def visible_to(self, user: Actor) -> BindingQuerySet:
        """For the unit that decides: the one that keeps the enterprise; of an enterprise that is
        unknown or kept by nobody, the province. Source: R12–R16.
        """
        if isinstance(user, Operator):
            return self
        posts = [post for post in user.posts() if post.grants(Permission.DECIDE_BINDINGS)]
        units = {post.region for post in posts if post.is_lead}
        return self.filter(self._decided_in(units)) if units else self.none()

    def waiting_for(self, user: Actor) -> BindingQuerySet:
        """What a person's unit has to decide."""
        return self.visible_to(user).filter(state=BindingState.WAITING)

    def _decided_in(self, units: Collection[str]) -> Q:
        enterprises = apps.get_model("roster", "Enterprise").objects
        kept = Q(code__in=enterprises.filter(keeper__in=units).values("pk"))
        if PROVINCE not in units:
            return kept
        somewhere = enterprises.filter(pk=OuterRef("code"), keeper__isnull=False)
        return kept | Q(~Exists(somewhere))


class RegistrationQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> RegistrationQuerySet:
        """Versions of enterprises the user may see today; the dossier moves with the enterprise."""
        if reach(user, Permission.VIEW_ROSTER).everything:
            return self
        enterprises = self.model._meta.get_field("enterprise").related_model.objects
        return self.filter(enterprise__in=enterprises.visible_to(user).values("pk"))


class EnterpriseQuerySet(models.QuerySet):
    def find(self, text: str) -> EnterpriseQuerySet:
        """Enterprises by unified code or its beginning, registration number, or words of a name.

        Each way can use an index: the code as a range, the number as it stands, names and former
        names by `name_key` (on PostgreSQL an index over pairs of characters). Bracket width,
        spaces and case do not matter.
        """
        words = [name_key(word) for word in text.split()]
        if is_code_start(text):
            return self.filter(_by_number(words[0].upper()))
        found = self
        for word in words:
            named = _by_word(word, vendor=connections[self.db].vendor)
            found = found.filter(named | _by_number(word) if DIGITS.fullmatch(word) else named)
        return found

    def to_maintain(self, user: Actor) -> EnterpriseQuerySet:
        """Enterprises on the rosters whose registration this user keeps right. Source: R19."""
        posts = [post for post in user.posts() if post.grants(Permission.EDIT_ROSTER)]
        return self.filter(keeper__in={post.region for post in posts if post.is_lead})

    def visible_to(self, user: Actor) -> EnterpriseQuerySet:
        """Enterprises the user may see.

        Lead agencies: on their roster and those below. Departments: registered in their area,
        where they inspect (属地监管). Representatives: their own. Source: R3, R39–R40.
        """
        who = reach(user, Permission.VIEW_ROSTER)
        if who.everything:
            return self
        registered = _registered_in("region", who.area)
        return self.filter(kept_on(who.rosters) | registered | Q(pk__in=who.enterprises))


class RosterEntryQuerySet(models.QuerySet):
    def find(self, text: str, *, by: Actor) -> RosterEntryQuerySet:
        """Stays by code or its beginning; by the rest only of enterprises the reader still sees.

        A stay remains in sight when the enterprise moves away; what others call it since does not.
        """
        enterprises = self.model._meta.get_field("enterprise").related_model.objects
        seen = Q(enterprise__in=enterprises.visible_to(by).find(text).values("pk"))
        begun = name_key(text).upper()
        if not is_code_start(text) and not DIGITS.fullmatch(begun):
            return self.filter(seen)
        return self.filter(seen | _begins_with("enterprise_id", begun))

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
        who = reach(user, Permission.VIEW_ROSTER)
        if who.everything:
            return self
        return self.filter(
            Q(region__in=who.rosters)
            | _registered_in("enterprise__region", who.area)
            | Q(enterprise__in=who.enterprises)
        )
