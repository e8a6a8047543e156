"""Who sees whom, and who may do what to what: the one authorisation layer.

Three competences (design idea 6): evaluating belongs to the unit that keeps the enterprise on
its roster; giving and correcting a record to the authority that decided it; inspecting to the
department where the enterprise is registered. Source: R2, R3, R12, R39–R41.
"""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db.models import Q
from django.utils.timezone import localdate

from audit.refusal import NotPermitted

from .posts import Post, subtrees


class Actor(Protocol):
    """Whoever acts: a user, or the operator at the server's own command line."""

    username: str

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
        return cls(username=f"os:{getpass.getuser()}")


@dataclass(frozen=True)
class Reach:
    """What a person can see.

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


VIEWING = frozenset({"view_roster", "view_records", "view_ratings"})


def reach(user: Actor) -> Reach:
    """The reach of a user's posts today; the operator reaches everything, strangers nothing."""
    if isinstance(user, Operator):
        return Reach(everything=True)
    if not getattr(user, "is_authenticated", False):
        return Reach()
    cached = getattr(user, "_reach", None)
    if cached is None:
        cached = _reach(user)
        user._reach = cached  # type: ignore[attr-defined]
    return cached


def _reach(user: Any) -> Reach:
    posts = [post for post in user.posts() if any(post.grants(right) for right in VIEWING)]
    lead = [post for post in posts if post.is_lead]
    other = [post for post in posts if not post.is_lead]
    below = frozenset().union(*(post.subtree for post in lead))
    return Reach(
        rosters=below,
        area=frozenset().union(*(post.subtree for post in other)),
        agencies=frozenset(post.agency for post in posts),
        authorities=below,
        enterprises=represented(user, on=localdate()),
    )


def represented(user: Any, *, on: dt.date) -> frozenset[str]:
    """Codes of the enterprises a user speaks for on a day."""
    if not user.is_active:
        return frozenset()
    return frozenset(
        apps.get_model("roster", "Representative")
        .objects.filter(user_id=user.pk, since__lte=on)
        .filter(Q(until__isnull=True) | Q(until__gt=on))
        .values_list("enterprise_id", flat=True)
    )


def may(user: Actor, permission: str, target: Held | None = None) -> bool:
    """Whether the user holds a post that carries the permission, for the target if one is given."""
    if isinstance(user, Operator):
        return True
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
    "may",
    "reach",
    "represented",
    "require",
    "subtrees",
]
