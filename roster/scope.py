"""Who sees whom, and who may do what to what: the one authorisation layer.

Three competences (design idea 6): evaluating belongs to the unit that keeps the enterprise on
its roster; giving and correcting a record to the authority that decided it; inspecting to the
department where the enterprise is registered. Source: R2, R3, R12, R39–R41.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet
from django.utils.timezone import localdate

from audit.actors import operating_account
from audit.refusal import NotPermitted
from intake import layouts

from .days import in_effect
from .enums import Permission
from .posts import Post, listed, subtrees
from .rules.placing import PROVINCE


class Actor(Protocol):
    """Whoever acts: a user, or the operator at the server's own command line."""

    @property
    def username(self) -> str: ...
    @property
    def audit_agency(self) -> str: ...
    @property
    def audit_region(self) -> str: ...

    def posts(self) -> tuple[Post, ...]: ...


class Held(Protocol):
    """A thing an act can be aimed at; it knows which posts hold it."""

    def held_by(self, post: Post, permission: str) -> bool: ...


@dataclass(frozen=True)
class Operator:
    """The operating-system account at the command line, recorded as such.

    It stands beside the database and may start, load and see everything, but never counts as
    one of the two people that a review, a publication or a confirmation needs.
    """

    username: str
    audit_agency: str = "系统运行"
    audit_region: str = ""

    def posts(self) -> tuple[Post, ...]:
        return ()

    @classmethod
    def here(cls) -> Operator:
        return cls(username=operating_account())


@dataclass(frozen=True)
class Reach:
    """What a person can see.

    everything: what the lead agency of the province sees, and the operator.
    rosters: regions whose roster (and the records about it) the person may see, as a lead agency.
    area: regions whose enterprises a department supervises.
    agencies: own agencies; the records they gave are theirs. authorities: regions whose
    authorities' records a lead agency collects. enterprises: codes a representative speaks for.
    """

    everything: bool = False
    rosters: frozenset[str] = frozenset()
    area: frozenset[str] = frozenset()
    agencies: frozenset[int] = frozenset()
    authorities: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()

    @property
    def of_rosters(self) -> bool:
        """Whether there is any roster in it: what only lead agencies have is there for them."""
        return self.everything or bool(self.rosters)


VIEWING = frozenset({Permission.VIEW_ROSTER, Permission.VIEW_RECORDS, Permission.VIEW_RATINGS})


def reach(user: Actor, permission: str | None = None) -> Reach:
    """The reach of a user's posts today; the operator reaches everything, strangers nothing.

    With a permission only of the posts that carry it: who reads records in one county and only
    the roster in another must not read records there. Without, of every post that views anything.
    """
    if isinstance(user, Operator):
        return Reach(everything=True)
    if not getattr(user, "is_authenticated", False):
        return Reach()
    cached: dict[str | None, Reach] = user.__dict__.setdefault("_reach", {})
    if permission not in cached:
        cached[permission] = _reach(user, {permission} if permission else VIEWING)
    return cached[permission]


def _reach(user: Any, permissions: Iterable[str]) -> Reach:
    posts = [post for post in user.posts() if any(post.grants(right) for right in permissions)]
    lead = [post for post in posts if post.is_lead]
    other = [post for post in posts if not post.is_lead]
    below = frozenset().union(*(post.subtree for post in lead))
    return Reach(
        everything=any(post.region == PROVINCE for post in lead),
        rosters=below,
        area=frozenset().union(*(post.subtree for post in other)),
        agencies=frozenset(post.agency for post in posts),
        authorities=below,
        enterprises=represented(user, on=localdate()),
    )


def regions_of(user: Actor, permission: str) -> frozenset[str] | None:
    """Regions in which a user's posts carry a permission; None stands for all of them."""
    if isinstance(user, Operator):
        return None
    posts = [post for post in user.posts() if post.grants(permission)]
    if any(post.region == PROVINCE for post in posts):
        return None
    return frozenset().union(*(post.subtree for post in posts))


def visible(rows: QuerySet[Any], user: Actor) -> QuerySet[Any]:
    """The rows a user may see, whatever their room; everything that lists rows asks this.

    A queryset answers by its own `visible_to`. Tables of the rooms below, which know no users,
    stand in `BELOW`. Raises ImproperlyConfigured for a table nobody has thought about.
    """
    own = getattr(rows, "visible_to", None)
    if own is not None:
        return own(user)
    rule = BELOW.get(rows.model._meta.label_lower)
    if rule is None:
        raise ImproperlyConfigured(
            f"{rows.model._meta.label} has no visible_to(user): nobody said who may see it."
        )
    return rule(rows, user)


def has_scope(model: type[Model]) -> bool:
    """Whether somebody has said who may see the rows of a table."""
    return hasattr(model._default_manager.all(), "visible_to") or (model._meta.label_lower in BELOW)


class Sees:
    """Whether a user may see related rows; asks once per row and page."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._known: dict[tuple[type, Any], bool] = {}

    def __call__(self, obj: Model) -> bool:
        key = (type(obj), obj.pk)
        if key not in self._known:
            self._known[key] = (
                has_scope(type(obj))
                and visible(type(obj)._default_manager.filter(pk=obj.pk), self.user).exists()
            )
        return self._known[key]


def _events(rows: Any, user: Actor) -> QuerySet[Any]:
    """Audit administrators: of the province everything, of another level what happened there.

    What has no place of its own (an own password) happened wherever the person then held a post.
    """
    regions = regions_of(user, Permission.VIEW_AUDIT)
    return rows if regions is None else rows.happened_in(regions)


SIGHT = {
    str(Permission.EDIT_ROSTER): Permission.VIEW_ROSTER,
    str(Permission.GIVE_RECORDS): Permission.VIEW_RECORDS,
}
"""What a file holds is seen by those who may see what files of its kind are for."""


def _batches(rows: QuerySet[Any], user: Actor) -> QuerySet[Any]:
    """Files of the agencies one is posted in; who left an agency no longer sees even own ones.

    A batch keeps the codes of the agencies, of somebody posted in several all of them: names
    change, and what one agency was called another may be called later. What the operator loaded
    is the provincial lead agency's to see. Source: R2, R3; design idea 6.
    """
    if isinstance(user, Operator):
        return rows
    if not getattr(user, "is_authenticated", False):
        return rows.none()
    seen = Q(pk__in=())
    for asked, needed in SIGHT.items():
        posts = [post for post in user.posts() if post.grants(needed)]
        if posts:
            keys = [one.key for one in layouts.all() if str(one.permission) == asked]
            seen |= Q(layout__in=keys) & _of_agencies(user, posts)
            if any(post.is_lead and post.region == PROVINCE for post in posts):
                seen |= Q(layout__in=keys, units="")
    return rows.filter(seen)


def _of_agencies(user: Actor, posts: list[Post]) -> Q:
    codes = {listed([post.agency_code]) for post in posts}
    own = reduce(or_, (Q(units__contains=code) for code in codes))
    return Q(units__in=codes) | (Q(uploader=user.username) & own)


def open_to_staff(rows: QuerySet[Any], user: Actor) -> QuerySet[Any]:
    """Reference tables are the same for everybody who has a post."""
    return rows if may(user, Permission.VIEW_REFERENCE) else rows.none()


BELOW: dict[str, Callable[[QuerySet[Any], Actor], QuerySet[Any]]] = {
    "audit.event": _events,
    "intake.batch": _batches,
    "workdays.calendarday": open_to_staff,
    "workdays.calendaryear": open_to_staff,
    "workdays.limit": open_to_staff,
}
"""Who sees the rows of audit, intake and workdays. Source: R64; domain facts 7."""


def represented(user: Any, *, on: dt.date) -> frozenset[str]:
    """Codes of the enterprises a user speaks for on a day."""
    if not user.is_active:
        return frozenset()
    return frozenset(
        apps.get_model("roster", "Representative")
        .objects.filter(in_effect(on), user_id=user.pk)
        .values_list("enterprise_id", flat=True)
    )


def may(user: Actor, permission: str, target: Held | None = None) -> bool:
    """Whether the user holds a post that carries the permission, for the target if one is given.

    What a representative may do follows from speaking for an enterprise, not from a post.
    """
    if isinstance(user, Operator):
        return True
    if not getattr(user, "is_authenticated", True):
        return False
    if permission == Permission.OWN_ENTERPRISE:
        codes = represented(user, on=localdate())
        return bool(codes) if target is None else getattr(target, "pk", None) in codes
    return any(
        post.grants(permission) and (target is None or target.held_by(post, permission))
        for post in user.posts()
    )


def require(user: Actor, permission: str, target: Held | None = None) -> None:
    """Raise NotPermitted, which answers like a thing that is not there, unless `may`."""
    if not may(user, permission, target):
        raise NotPermitted("roster.not_permitted", permission=str(permission))


__all__ = [
    "Actor",
    "Held",
    "Operator",
    "Reach",
    "Sees",
    "has_scope",
    "may",
    "open_to_staff",
    "reach",
    "regions_of",
    "represented",
    "require",
    "subtrees",
    "visible",
]
