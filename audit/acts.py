"""One act, one service, one transaction, one event.

    @act("roster.enterprise_registered")
    def register_enterprise(*, by, ...):
        now = stamp()
        ...
        note(target=enterprise, region="130102", reason="…")

The outermost act writes its one event as its last statements and only then locks
the head of the chain, so acts run side by side up to that point. Source: R28, R64.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from audit import anchor, chain, committed, once
from audit.actors import ran_by
from audit.clock import stamp
from audit.current import Actor, OpenAct, connection, open_act, open_var, require_act
from audit.enums import Outcome
from audit.plain import clean_text, plain
from audit.rules.chain import digest_of
from audit.targets import as_target

__all__ = ["Account", "act", "acting", "names", "note", "stamp"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Account:
    """An actor that is no user of the portal: a timer, an operating-system account."""

    username: str
    audit_agency: str = ""
    audit_region: str = ""


_names: set[str] = set()


def names() -> frozenset[str]:
    """Every act declared or run in this process; the label test reads it."""
    return frozenset(_names)


def act(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service an act: one transaction, one event. It is called with `by=`."""

    def decorate(service: Callable[P, R]) -> Callable[P, R]:
        if inspect.iscoroutinefunction(service) or inspect.isgeneratorfunction(service):
            raise TypeError(f"{service.__qualname__}: an act runs to its end in one thread.")
        _names.add(name)

        @functools.wraps(service)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            if kwargs.get("by") is None:
                raise TypeError(f"{service.__qualname__} is an act and needs by=.")
            with acting(name, by=kwargs["by"]):  # type: ignore[arg-type]
                return service(*args, **kwargs)

        return wrapper

    return decorate


@contextmanager
def acting(name: str, *, by: Any) -> Iterator[None]:
    """The same for a block. Inside another act its notes join the outer event."""
    _names.add(name)
    outer = open_act()
    with transaction.atomic(), _joined(outer, name) if outer else _opened(name, by):
        yield


@contextmanager
def _opened(name: str, by: Actor) -> Iterator[None]:
    opened = OpenAct(name=name, by=by, connection=connection(), depth=[name])
    token = open_var.set(opened)
    try:
        once.take()
        yield
        if not transaction.get_rollback():  # a dry run leaves no trace
            once.leads_to(list(opened.targets.values()))
            _write(opened, Outcome.DONE, rows=_row_sums(opened))
            committed.expect()
    finally:
        open_var.reset(token)


@contextmanager
def _joined(outer: OpenAct, name: str) -> Iterator[None]:
    before = len(outer.notes), len(outer.targets), len(outer.regions), dict(outer.rows)
    outer.depth.append(name)
    try:
        yield
    except BaseException:
        # what the savepoint takes back must not stand in the event
        del outer.notes[before[0] :]
        for key in list(outer.targets)[before[1] :]:
            del outer.targets[key]
        del outer.regions[before[2] :]
        outer.rows = before[3]
        raise
    finally:
        outer.depth.pop()


def note(
    *,
    target: object = None,
    region: str = "",
    reason: str = "",
    added: Iterable[str] | None = None,
    retracted: Iterable[str] | None = None,
    added_hash: str = "",
    added_count: int = 0,
    retracted_hash: str = "",
    retracted_count: int = 0,
    **values: object,
) -> None:
    """Say what the open act did.

    `target` is a saved model or (type, id, label); several notes name several
    targets. Of `added` and `retracted` row texts only count and SHA-256 are kept;
    acts over many rows give `added_hash` and `added_count` themselves and name
    their batch or run as target. Further values must have a JSON form.
    """
    current = require_act()
    said: dict[str, object] = {}
    if current.depth[-1] != current.name:
        said["act"] = current.depth[-1]
    if target is not None:
        named = as_target(target)
        current.targets.setdefault((named.type, named.id), named)
        said["target"] = [named.type, named.id]
    if region:
        current.regions.append(clean_text(region))
        said["region"] = clean_text(region)
    if reason:
        said["reason"] = clean_text(reason)
    for key, texts, sha256, count in (
        ("added", added, added_hash, added_count),
        ("retracted", retracted, retracted_hash, retracted_count),
    ):
        digest = digest_of(texts or ()) if texts is not None else {"count": count, "sha256": sha256}
        if digest["count"] or sha256:
            said[key] = digest
    if values:
        said["values"] = plain(values)
    current.notes.append(said)


def _row_sums(opened: OpenAct) -> dict[str, dict[str, object]]:
    """By kept table what was added and what retracted; {} says that no row was touched."""
    sums: dict[str, dict[str, object]] = {}
    for (table, what), found in sorted(opened.rows.items()):
        sums.setdefault(table, {})[what] = found.stored
    return sums


def _write(opened: OpenAct, outcome: Outcome, **details: object) -> None:
    at = stamp()
    own_region = clean_text(getattr(opened.by, "audit_region", "") or "")
    region = opened.regions[0] if opened.regions else own_region
    if own_region and region != own_region:
        details["actor_region"] = own_region
    if (through := ran_by()) and through != opened.by.username:
        details["ran_by"] = through
    chain.append(
        at=at,
        actor=opened.by.username,
        agency=getattr(opened.by, "audit_agency", "") or "",
        region=region,
        act=opened.name,
        outcome=outcome,
        targets=list(opened.targets.values()),
        notes=opened.notes,
        details=details,
    )
    transaction.on_commit(anchor.anchor_when_due, robust=True)


def write_refusal(
    *, act: str, by: Any, exc: BaseException, target: object = None, durable: bool = True
) -> None:
    with transaction.atomic(durable=durable):
        opened = OpenAct(name=act, by=by, connection=connection(), depth=[act])
        token = open_var.set(opened)
        try:
            if target is not None:
                note(target=target)
            values = {key: _said(value) for key, value in getattr(exc, "values", {}).items()}
            code = getattr(exc, "code", None) or type(exc).__name__
            _write(opened, Outcome.REFUSED, code=clean_text(code), values=values)
        finally:
            open_var.reset(token)


def _said(value: object) -> object:
    try:
        return plain(value)
    except TypeError:
        return clean_text(value)
