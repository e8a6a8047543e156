"""A form is carried out once; what arrives again finds the answer of the first time.

The edge says which form a request brings (`arrive`). The outermost act takes it in its own
transaction, so it is used up exactly when the act is done, and free again when it was refused. An
arrival that comes meanwhile waits there for the first one.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from audit.current import Target
from audit.models import ChainHead, SentForm

KEY, SEEN, READ = "_once", "_seen", "_read"
"""Hidden fields of a form: its key, what its row was read at, the last event at that time."""

KEPT = dt.timedelta(days=7)
"""So long an arrival finds the first one; of an older page the version decides."""


class CarriedOut(Exception):
    """The form of this request was carried out by an earlier arrival."""


@dataclass(frozen=True)
class Arrival:
    """A form as it arrived: `digest` of key and contents; `read` is the last event when the page
    was made, None where it does not say."""

    account: str
    digest: str
    read: int | None = None
    token: uuid.UUID = field(default_factory=uuid.uuid4)


_arrival: ContextVar[Arrival | None] = ContextVar("audit_arrival", default=None)


@contextmanager
def watching() -> Iterator[None]:
    """A request begins, and has brought no form yet."""
    token = _arrival.set(None)
    try:
        yield
    finally:
        _arrival.reset(token)


aside = watching
"""Acts inside are not what the form asked for, and leave it free."""


def arrive(arrival: Arrival) -> None:
    """From here on the request is this arrival of its form."""
    _arrival.set(arrival)


def read_at() -> int | None:
    """The last event when the page of this request's form was made."""
    arrival = _arrival.get()
    return arrival.read if arrival else None


def new_key() -> str:
    return secrets.token_urlsafe(16)


def last_event() -> int:
    """The number of the newest event: what comes after it a page made now does not know."""
    return ChainHead.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def take() -> None:
    """Use the form up in the open transaction; several acts of one arrival share it.

    Waits while an earlier arrival is being carried out. Raises CarriedOut when it was.
    """
    arrival = _arrival.get()
    if arrival is None:
        return
    form = SentForm(
        account=arrival.account, digest=arrival.digest, token=arrival.token, at=timezone.now()
    )
    SentForm.objects.bulk_create([form], ignore_conflicts=True)
    if not _own(arrival).exists():
        raise CarriedOut


def leads_to(targets: list[Target]) -> None:
    """Say what the act was about, for an arrival that finds no answer."""
    arrival = _arrival.get()
    if arrival is not None and targets:
        _own(arrival).update(target_type=targets[0].type, target_id=targets[0].id)


def answered(location: str) -> None:
    """Keep where the first arrival was led to, if it did anything."""
    arrival = _arrival.get()
    if arrival is not None:
        _own(arrival).update(location=location)


def earlier() -> SentForm | None:
    """The other arrival that has carried this request's form out."""
    arrival = _arrival.get()
    return _sent(arrival).exclude(token=arrival.token).first() if arrival else None


def forget(*, at: dt.datetime) -> int:
    """Remove the forms that are older than KEPT; how many. Called by the sweep."""
    return SentForm.objects.filter(at__lt=at - KEPT).delete()[0]


def _sent(arrival: Arrival) -> QuerySet[SentForm]:
    return SentForm.objects.filter(account=arrival.account, digest=arrival.digest)


def _own(arrival: Arrival) -> QuerySet[SentForm]:
    return _sent(arrival).filter(token=arrival.token)
