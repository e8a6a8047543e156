"""What every layout of a supervising unit has in common: whose file it is, and what that may."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from audit.actors import OPERATING_PREFIX
from audit.refusal import NotPermitted
from intake import layouts
from intake.enums import BatchState, TakeBackState
from intake.layouts import Actor as Person
from intake.layouts import Layout, Line
from intake.models import Batch, TakeBack

from .enums import Permission
from .models import User
from .posts import listed
from .rules.placing import PROVINCE
from .scope import Actor, Operator, may, require, visible


def account(by: Any) -> Actor:
    """The actor behind a person as a batch keeps it: the account, or the operator at the server.

    No account is named like an operator. Raises NotPermitted for a name that is neither.
    """
    if isinstance(by, User | Operator):
        return by
    if by.username.startswith(OPERATING_PREFIX):
        return Operator(username=by.username)
    found = User.objects.filter(username=by.username).first()
    if found is None:
        raise NotPermitted("roster.not_permitted")
    return found


class UnitLayout(Layout):
    """A layout for files that need a permission.

    A batch is its uploader's own to confirm; colleagues of the same agency may look at it.
    `about` tells a clerk in a sentence what such a file is for and what it does.
    """

    about: ClassVar[Any] = ""

    @property
    def headings_needed(self) -> list[str]:
        """The headings a file must have; where another will do, both."""
        return [
            "／".join([one.heading, *(self.column(name).heading for name in one.alternatives)])
            for one in self.columns
            if one.required
        ]

    def is_meant(self, line: Line, said: str) -> bool:
        """By the enterprise: its code stands in every key of ours."""
        return bool(line.values.get("code")) and line.values["code"] in said

    def require(self, by: Person, batch: Any = None) -> None:
        """Raise NotPermitted unless the person holds the permission now, and the batch is theirs."""
        require(account(by), Permission(self.permission))
        super().require(by, batch)

    def require_taker(self, by: Person, batch: Any) -> None:
        """Whoever of the unit may send such files may ask for one to be taken back."""
        require(account(by), Permission(self.permission))
        self.require_sight(by, batch)

    def require_second(self, by: Person, batch: Any) -> None:
        """Raise NotPermitted unless the person is one of those `seconded_by` means."""
        person = account(by)
        self.require_sight(person, batch)
        if not Batch.objects.filter(seconded_by(person), pk=batch.pk).exists():
            raise NotPermitted("roster.not_permitted")

    def require_sight(self, by: Person, batch: Any) -> None:
        """Raise NotPermitted unless the person may look at what the batch holds."""
        if not visible(Batch.objects.filter(pk=batch.pk), account(by)).exists():
            raise NotPermitted("intake.not_permitted")


def seconded_by(person: Actor) -> Q:
    """Batches whose taking back a person may agree to: who confirms corrections in their unit; for
    what the operator loaded, in the lead agency of the province. Source: design idea 3."""
    posts = [post for post in person.posts() if post.grants(Permission.CONFIRM_CORRECTIONS)]
    own = [Q(units__contains=listed([post.agency_code])) for post in posts]
    if any(post.is_lead and post.region == PROVINCE for post in posts):
        own.append(Q(units=""))
    return reduce(or_, own, Q(pk__in=()))


def waiting_for(rows: QuerySet[Batch], person: Actor) -> QuerySet[Batch]:
    """Batches whose taking back waits for this person, somebody else having asked for it."""
    asked = TakeBack.objects.filter(state=TakeBackState.WAITING).exclude(
        proposed_by=person.username
    )
    return rows.filter(seconded_by(person), state=BatchState.WEIGHED, pk__in=asked.values("batch"))


def offered(by: Actor) -> list[UnitLayout]:
    """The kinds of files a person may take in: the roster first, on which the others stand."""
    found = [
        layout
        for layout in layouts.all()
        if isinstance(layout, UnitLayout) and may(by, layout.permission)
    ]
    return sorted(found, key=lambda layout: Permission.values.index(layout.permission))


def offered_layout(by: Actor, key: str) -> UnitLayout:
    """One of them. Raises NotPermitted for an unknown key like for one that is not offered."""
    for layout in offered(by):
        if layout.key == key:
            return layout
    raise NotPermitted("intake.unknown_layout", key=key)


__all__ = ["UnitLayout", "account", "offered", "offered_layout", "seconded_by", "waiting_for"]
