"""The act that is open on this connection."""

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections, models

from audit.rules.rowsum import RowSum


class Actor(Protocol):
    """Who acts. `audit_agency` and `audit_region` may be absent."""

    @property
    def username(self) -> str: ...


class NoOpenAct(RuntimeError):
    """A note or a stamp outside an act; wrap the service with `audit.acts.act`."""


@dataclass(frozen=True)
class Target:
    type: str
    id: str
    label: str


@dataclass
class OpenAct:
    name: str
    by: Actor
    connection: Any
    notes: list[dict[str, object]] = field(default_factory=list)
    targets: dict[tuple[str, str], Target] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], RowSum] = field(default_factory=dict)
    stated: dict[tuple[type[models.Model], Any], None] = field(default_factory=dict)
    depth: list[str] = field(default_factory=list)
    stamped: dt.datetime | None = None
    stamped_within: tuple[object, ...] = ()


open_var: ContextVar[OpenAct | None] = ContextVar("audit_open_act", default=None)


def connection() -> Any:
    return connections[DEFAULT_DB_ALIAS]


def open_act() -> OpenAct | None:
    """The open act of this connection.

    A context copied into another thread carries the variable along but not the
    connection; such a thread is outside the act.
    """
    found = open_var.get()
    return found if found is not None and found.connection is connection() else None


def require_act() -> OpenAct:
    found = open_act()
    if found is None:
        raise NoOpenAct(
            "Notes and stamps belong to an act: decorate the service with audit.acts.act."
        )
    return found
