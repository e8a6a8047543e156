"""What every layout of a supervising unit has in common: whose file it is, and what that may."""

from __future__ import annotations

from typing import Any

from audit.refusal import NotPermitted
from intake.layouts import Actor as Person
from intake.layouts import Layout

from .enums import Permission
from .models import User
from .scope import Actor, Operator, require


def account(by: Any) -> Actor:
    """The actor behind a person as a batch keeps it: the account, or the operator at the server.

    An account always goes before the operator, so that no account can be named like one. Raises
    NotPermitted for a name that is neither.
    """
    if isinstance(by, User | Operator):
        return by
    found = User.objects.filter(username=by.username).first()
    if found is not None:
        return found
    if by.username.startswith(Operator.PREFIX):
        return Operator(username=by.username)
    raise NotPermitted("roster.not_permitted")


class UnitLayout(Layout):
    """A layout for files that need a permission; a batch stays its uploader's own."""

    def require(self, by: Person, batch: Any = None) -> None:
        """Raise NotPermitted unless the person holds the permission now, and the batch is theirs."""
        require(account(by), Permission(self.permission))
        super().require(by, batch)


__all__ = ["UnitLayout", "account"]
