"""QuerySets of the grading room: what is current, and who sees it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from audit.refusal import Refused
from records.models import Record
from records.queries import competence, in_sight, sees_province
from roster.enums import Permission
from roster.models import Enterprise
from roster.queries import ReferenceQuerySet, kept_on
from roster.rules.placing import PROVINCE
from roster.scope import Actor, may, reach

from .edition import EDITION
from .enums import (
    OPEN_STATES,
    PartState,
    ProposalKind,
    ProposalState,
    RunKind,
    RunState,
    SchemeState,
)

CURRENT_KINDS = (RunKind.ANNUAL, RunKind.QUARTERLY)


class SchemeQuerySet(ReferenceQuerySet):
    """Schemes, or their rows: `published` says which of them can never change again."""

    published = models.Q(state=SchemeState.PUBLISHED)

    def visible_to(self, user: Actor) -> models.QuerySet[Any]:
        """Published standards are for everybody at work; drafts for who drafts them. R30."""
        if may(user, Permission.EDIT_SCHEME):
            return self
        return super().visible_to(user).filter(self.published)

    def newest_published(self) -> Any:
        """The version by which the next run counts; None when there is none."""
        return self.filter(self.published).order_by("-version").first()

    def update(self, **values: object) -> int:
        self.refuse_published()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self.refuse_published()
        return super().delete()

    def refuse_published(self) -> None:
        """Raise Refused when a published standard is among the rows. Design idea 2."""
        if self.filter(self.published).exists():
            raise Refused("grading.scheme_published")


class SchemeRowQuerySet(SchemeQuerySet):
    published = models.Q(scheme__state=SchemeState.PUBLISHED)


class RunQuerySet(models.QuerySet):
    def unfinished(self) -> RunQuerySet:
        """Runs with work left, the stopped ones among them; not those that were given up."""
        standing = ~Q(state=PartState.WITHDRAWN)
        parts = self.model._meta.get_field("parts").related_model.objects.filter(standing)
        return self.exclude(state=RunState.COMPUTED).filter(
            Exists(parts.filter(run=OuterRef("pk")))
        )

    def computed_here(self) -> RunQuerySet:
        """Runs that this program may compute: begun by its own edition, or by none yet."""
        waiting = Q(state=RunState.OPENED, edition__lte=EDITION)
        return self.filter(waiting | Q(edition=EDITION))

    def left_to_newer(self) -> RunQuerySet:
        """Unfinished runs that only a newer program may compute."""
        return self.unfinished().filter(edition__gt=EDITION)

    def left_by_older(self) -> RunQuerySet:
        """Runs that an older program began and did not end: nobody goes on with them."""
        return self.unfinished().exclude(state=RunState.OPENED).filter(edition__lt=EDITION)

    def visible_to(self, user: Actor) -> RunQuerySet:
        """Runs with a part the user may see."""
        who = reach(user, Permission.VIEW_RATINGS)
        if who.everything:
            return self
        parts = self.model._meta.get_field("parts").related_model.objects.visible_to(user)
        return self.filter(Exists(parts.filter(run=OuterRef("pk"))))


class PartQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> PartQuerySet:
        """Parts of the rosters the user may see; before publication only lead agencies."""
        who = reach(user, Permission.VIEW_RATINGS)
        if who.everything:
            return self
        return self.filter(
            Q(region__in=who.rosters) | Q(region__in=who.area, published_at__isnull=False)
        )

    def kept_by(self, user: Actor, permission: str = Permission.VIEW_RATINGS) -> PartQuerySet:
        """Parts of the rosters that the user's lead agencies keep themselves. Source: R38."""
        posts = [post for post in user.posts() if post.is_lead and post.grants(permission)]
        return self.filter(region__in={post.region for post in posts})

    def under_way(self) -> PartQuerySet:
        """Parts nobody has published yet, nor withdrawn."""
        return self.filter(state__in=OPEN_STATES)

    def to_review(self, user: Actor) -> PartQuerySet:
        """Waiting for this user as the first of two people. Source: design idea 4."""
        return self.kept_by(user, Permission.REVIEW_PART).filter(state=PartState.COMPUTED)

    def to_publish(self, user: Actor) -> PartQuerySet:
        """Waiting for this user as the second one. Source: design idea 4."""
        reviewed = self.kept_by(user, Permission.PUBLISH_PART).filter(state=PartState.REVIEWED)
        return reviewed.exclude(reviewed_by=user.username).exclude(run__kind=RunKind.AD_HOC)

    def to_withdraw(self, user: Actor) -> PartQuerySet:
        """Somebody else has asked to give them up. Source: design idea 4."""
        kept = self.kept_by(user, Permission.PUBLISH_PART).exclude(state=PartState.WITHDRAWN)
        return kept.exclude(withdrawn_by="").exclude(withdrawn_by=user.username)

    def current(self) -> PartQuerySet:
        """For every roster the newest published annual or quarterly part: the publish switch.

        Newest by reference date, then by when it was opened. Source: R33; design idea 4.
        """
        published = self.model._default_manager.filter(
            state=PartState.PUBLISHED, run__kind__in=CURRENT_KINDS
        )
        newest = (
            published.filter(region=OuterRef("region"))
            .order_by("-run__reference_date", "-run_id")
            .values("pk")[:1]
        )
        return self.filter(state=PartState.PUBLISHED, pk=newest)


class RatingQuerySet(models.QuerySet):
    def standing(self) -> RatingQuerySet:
        """Ratings no correction has replaced."""
        return self.filter(replaced_by__isnull=True)

    def published(self) -> RatingQuerySet:
        """Ratings of published annual and quarterly parts, the superseded ones too."""
        return self.filter(part__state=PartState.PUBLISHED, part__run__kind__in=CURRENT_KINDS)

    def in_force(self, parts: list[int]) -> RatingQuerySet:
        """At most one rating an enterprise: standing in one of the current parts, which the
        caller resolved once per request, and not overtaken by a newer one in another of them.

        `regrading.settle` keeps the few that are, and `regrading.keep_grades` sees to it that an
        enterprise which changed rosters stands in one part at least. Source: R33; design §7.
        """
        overtaken = self.model._meta.apps.get_model("grading", "Overtaken")._default_manager
        beside = overtaken.filter(part=OuterRef("part"), enterprise=OuterRef("enterprise"))
        return self.standing().filter(~Exists(beside), part__in=parts)

    def visible_to(self, user: Actor) -> RatingQuerySet:
        """Ratings of enterprises the user may see, and once published also of the enterprises
        a department gave records about. Source: R32, R39–R41; design idea 6.

        Asked of each row that is looked at: a list looks at a page of them, not at the province.
        """
        who = reach(user, Permission.VIEW_RATINGS)
        if who.everything or PROVINCE in who.rosters:
            return self
        # An equation, where EXISTS would say the same: of EXISTS PostgreSQL first gathers all it
        # could be true for, half a million of a city, before it looks at one rating of a page.
        seen = Enterprise.objects.visible_to(user).filter(pk=OuterRef("enterprise")).values("pk")
        given = Exists(decided_by(user).filter(enterprise=OuterRef("enterprise")))
        unpublished = Q(part__published_at__isnull=True) & ~Q(part__region__in=who.rosters)
        return self.filter(Q(enterprise=Subquery(seen)) | given).exclude(unpublished)


def decided_by(user: Actor) -> models.QuerySet[Record]:
    """Live records that a user's own agencies decided: who decided something about an enterprise
    sees its grade. Source: R39; design idea 6."""
    agencies = reach(user, Permission.VIEW_RATINGS).agencies
    return Record.objects.live().filter(authority__in=agencies)


class ProposalQuerySet(models.QuerySet):
    def waiting_on_record(self, key: int) -> Any:
        """The one change of a record that waits for a second person; None when none does."""
        return self.filter(record=key, state=ProposalState.WAITING).first()

    def waiting_on_registration(self, code: str) -> Any:
        """The same of the registration of an enterprise."""
        registrations = self.filter(enterprise=code, kind=ProposalKind.REGISTRATION)
        return registrations.filter(state=ProposalState.WAITING).first()

    def to_decide(self, user: Actor) -> ProposalQuerySet:
        """Waiting for this user as the second person. Source: design idea 3."""
        confirms = competence(user, Permission.CONFIRM_CORRECTIONS, prefix="record__")
        posts = [post for post in user.posts() if post.grants(Permission.CONFIRM_CORRECTIONS)]
        kept = registration_of({post.region for post in posts if post.is_lead})
        waiting = self.filter(confirms | kept, state=ProposalState.WAITING)
        return waiting.exclude(proposed_by=user.username)

    def of_unit(self, user: Actor) -> ProposalQuerySet:
        """About records the user's agencies gave, or collect as lead agency, and about the
        registration of enterprises on their own rosters."""
        posts = [post for post in user.posts() if post.grants(Permission.VIEW_RECORDS)]
        kept = registration_of({post.region for post in posts if post.is_lead})
        return self.filter(competence(user, Permission.VIEW_RECORDS, prefix="record__") | kept)

    def visible_to(self, user: Actor) -> ProposalQuerySet:
        """Proposals about records the user may see, and for lead agencies about the registration
        of the enterprises on their rosters and those below."""
        if sees_province(user):
            return self
        rosters = reach(user, Permission.VIEW_RECORDS).rosters
        about_records = Q(record__isnull=False) & in_sight(user, prefix="record__")
        return self.filter(about_records | registration_of(rosters))


def registration_of(rosters: Collection[str]) -> Q:
    """Proposals about the registration of enterprises that some rosters keep, or kept last."""
    return Q(record__isnull=True) & kept_on(rosters, prefix="enterprise__")
