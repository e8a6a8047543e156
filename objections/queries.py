"""QuerySets of the room: who sees a case, and the queues of who works on it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from intake.sources import OF_A_BATCH, ending
from records.queries import competent_agencies
from roster.days import in_effect
from roster.enums import AgencyKind, Permission
from roster.models import Agency, Posting, Representative, User
from roster.roles import PERMISSIONS
from roster.scope import Actor, Operator, may, reach

from .enums import UPHELD, Action, CaseKind, Stage, State
from .rules.workflow import OPEN, THEY_VERIFIED

LEADING_TO = {
    Stage.ACCEPTED: (Action.ACCEPT,),
    Stage.REFUSED: (Action.REFUSE,),
    Stage.WITHDRAWN: (Action.WITHDRAW, Action.REFER),
    Stage.ENDED: (Action.DECIDE, Action.REPLY),
}
"""The step by which a case comes to a stage."""


THEIRS = (Action.EXTEND, Action.ANSWER, Action.CONCLUDE)
"""What a source department does in a case."""
ASKED_BY_URGENCY = (F("due_on").asc(nulls_last=True), "pk")
BY_URGENCY = (Coalesce("due_on", "papers_due_on").asc(nulls_last=True), "pk")
"""By the day that binds, the office's or the enterprise's; what cannot be reckoned comes last."""


def handlers_now() -> models.QuerySet[Posting]:
    """The posts of today, in lead agencies, that handle cases."""
    roles = [role for role, granted in PERMISSIONS.items() if Permission.HANDLE_CASES in granted]
    posts = Posting.objects.filter(in_effect(localdate()), agency__kind=AgencyKind.LEAD)
    return posts.filter(role__in=roles, user__is_active=True)


def linked_to(user: Actor) -> models.QuerySet:
    """The codes of the enterprises a person speaks or ever spoke for."""
    linked = Representative.objects.filter(user__username=user.username)
    return linked.values("enterprise")


def lead_agency(region: str, *, on: dt.date) -> Agency | None:
    """The lead agency of a region on a day."""
    return Agency.objects.filter(in_effect(on), region=region, kind=AgencyKind.LEAD).first()


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Cases the user may see.

        Of the unit and the levels above it: all cases of its rosters. Of a representative: those of
        the enterprises spoken for. A source department sees what it is asked (`Verification`), not
        what the case says of others' records. Source: R29; domain facts 7.
        """
        if isinstance(user, Operator):
            return self
        who = reach(user, Permission.VIEW_CASES)
        if who.everything:
            return self
        seen = Q(unit__in=who.rosters)
        if who.enterprises and may(user, Permission.OWN_ENTERPRISE):
            seen |= Q(enterprise__in=who.enterprises)
        return self.filter(seen)

    def of_unit(self, user: Actor, permission: str = Permission.HANDLE_CASES) -> Self:
        """Cases that the user's own unit decides."""
        posts = [post for post in user.posts() if post.grants(permission) and post.is_lead]
        return self.filter(unit__in={post.region for post in posts})

    def seen_of_unit(self, user: Actor) -> Self:
        """Cases of the user's own unit, whoever of it decides."""
        return self.of_unit(user, Permission.VIEW_CASES)

    def handled_by(self, user: Actor) -> Self:
        """Open cases that the user has taken up."""
        return self.open().filter(handler=getattr(user, "username", ""))

    def to_handle(self, user: Actor) -> Self:
        """Cases of the user's unit that nobody has accepted or answered yet; and those that the user
        has taken up, or whose handler has left the post: accepted and not yet sent on, or without the
        papers that were asked for when their time was over."""
        others = handlers_now().exclude(user=getattr(user, "pk", None))
        with_others = Exists(
            others.filter(user__username=OuterRef("handler"), agency__region=OuterRef("unit"))
        )
        late = Q(state=State.PAPERS, papers_due_on__lt=localdate())
        left = (Q(state=State.ACCEPTED) | late) & ~Q(with_others)
        waiting = self.of_unit(user).filter(Q(state=State.SUBMITTED) | left)
        return waiting._apart_from(user)

    def to_decide(self, user: Actor) -> Self:
        """Cases that wait for this user as the second person: verified, and not by the user."""
        mine = self._rows("steps").filter(taken_by=user.username, action__in=THEY_VERIFIED)
        verified = self.of_unit(user, Permission.DECIDE_CASES).filter(state=State.VERIFIED)
        return verified.exclude(Exists(mine))._apart_from(user)

    def _apart_from(self, user: Actor) -> Self:
        """Without those in which `running.refuse_person` lets the user do nothing: of an enterprise
        one speaks or ever spoke for, and reviews of what one had a part in."""
        part = self._rows("steps", of="reviewed_case").filter(taken_by=user.username)
        return self.exclude(enterprise__in=linked_to(user)).exclude(Exists(part))

    def of_days(self, since: dt.date, until: dt.date) -> Self:
        """Brought between two days, both included."""
        return self.filter(submitted_on__range=(since, until))

    def came_to(self, stage: str) -> Self:
        """Cases that came so far at one time, whatever came after."""
        return self.filter(self.at_stage(stage))

    def at_stage(self, stage: str) -> Exists:
        """`came_to` as a condition, to count by."""
        if stage == Stage.UPHELD:
            return Exists(self._rows("items").filter(outcome__in=UPHELD))
        return Exists(self._rows("steps").filter(action__in=LEADING_TO[Stage(stage)]))

    def refused_for(self, code: str) -> Self:
        """Cases that were not accepted for a coded reason."""
        return self.filter(Exists(self._rows("steps").filter(action=Action.REFUSE, code=code)))

    def _rows(self, name: str, of: str = "pk") -> models.QuerySet:
        """Items or steps of a case, or of the one it reviews, within a query of cases."""
        rows = self.model._meta.get_field(name).related_model._default_manager
        return rows.filter(case=OuterRef(of))

    def open(self) -> Self:
        """A decision is still to come."""
        return self.filter(state__in=OPEN)

    def due(self, by: dt.date) -> Self:
        """The running limit of an office ends on a day or before."""
        return self.open().filter(due_on__lte=by)

    def papers_due(self, by: dt.date) -> Self:
        """The enterprise's limit for papers ends on a day or before."""
        return self.filter(state=State.PAPERS, papers_due_on__lte=by)

    def with_handler_names(self) -> Self:
        """With `handler_name`, how the offices call who has a case."""
        people = User.objects.filter(username=OuterRef("handler")).values("full_name")
        return self.annotate(handler_name=Subquery(people[:1]))


class VerificationQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Of the department that is asked, and of who sees the case in an office."""
        if isinstance(user, Operator) or reach(user, Permission.VIEW_CASES).everything:
            return self
        rosters = reach(user, Permission.VIEW_CASES).rosters
        asked = self.held_by(user, Permission.VIEW_CASES).values("pk")
        return self.filter(Q(case__unit__in=rosters) | Q(pk__in=asked))

    def held_by(self, user: Actor, permission: str) -> Self:
        """Those the user may answer: of the own agency, and as lead agency of those of its region
        (as records are given and corrected). Source: R26; `records.queries.competent_agencies`."""
        if isinstance(user, Operator):
            return self
        return self.filter(agency__in=competent_agencies(user, permission))

    def to_answer(self, user: Actor) -> Self:
        """Those that wait for an answer the user may give; in a review not who had another part in
        what is reviewed than answering."""
        waiting = self.held_by(user, Permission.VERIFY_CASES).waiting()
        steps = self.model._meta.apps.get_model("objections", "CaseStep")._default_manager
        part = steps.filter(case=OuterRef("case__reviewed_case"), taken_by=user.username)
        others = part.exclude(action__in=THEIRS)
        return waiting.exclude(case__enterprise__in=linked_to(user)).exclude(Exists(others))

    def waiting(self) -> Self:
        return self.filter(answered_on__isnull=True, dropped_on__isnull=True)


class CaseItemQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """What the cases are about that the user may see."""
        cases = self.model._meta.get_field("case").related_model._default_manager
        return self.filter(case__in=cases.visible_to(user).values("pk"))

    def of_sources(self) -> Self:
        """Items of objections that were decided, also by a review alone: each once, whatever looked
        at it. They are charged to the department that decided on the record; a repair to none, for
        it leaves the record right as it was."""
        decided = ~Q(outcome="") | Q(Exists(self._reviewing().exclude(outcome="")))
        return self.filter(decided, case__kind=CaseKind.OBJECTION, record__isnull=False)

    def of_days(self, since: dt.date, until: dt.date) -> Self:
        """Of cases that were brought between two days, both included."""
        return self.filter(case__submitted_on__range=(since, until))

    def upheld(self) -> Self:
        return self.filter(self.is_upheld())

    def is_upheld(self) -> Q:
        """In the first place, or by its review."""
        return Q(outcome__in=UPHELD) | Q(Exists(self._reviewing().filter(outcome__in=UPHELD)))

    def charged_to(self, what: str) -> Self:
        """Items put down to a field that was put right, or to a ground (`CaseItem.charges`)."""
        charged = Q(corrections__has_key=what) | Q(corrections={}, ground=what)
        upheld = self._reviewing().filter(outcome__in=UPHELD)
        return self.filter(Exists(upheld.filter(charged)) | (charged & ~Exists(upheld)))

    def _reviewing(self) -> models.QuerySet:
        """The items of reviews, within a query of what they look at again."""
        return self.model._default_manager.filter(reviewed_item=OuterRef("pk"))

    def of_file(self, batch: int) -> Self:
        """Items about records that came with a file; 0: with none."""
        if batch == 0:
            return self.exclude(record__source__regex=OF_A_BATCH)
        return self.filter(record__source__endswith=ending(batch))


class DraftQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """A draft is the own one, and of an enterprise one still speaks for."""
        if isinstance(user, Operator):
            return self.none()
        who = reach(user)
        return self.filter(user_id=getattr(user, "pk", None), enterprise__in=who.enterprises)
