"""Who works on a batch: the lease, the fencing token, and the progress that a page shows.

A batch is taken up by raising its token. Every write of the holder names its token and must hit
exactly one row; a holder that was thought dead finds that it hits none and stops.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.refusal import Refused

from . import limits
from .layouts import Layout
from .models import Batch

_MERGE_LOCKS = 7_341_905
"""First key of the advisory locks that living merges hold, the second is the batch."""
_SHOW_EVERY_SECONDS = 2.0


class LeaseLost(Exception):
    """The batch is somebody else's now, or was cancelled; nothing more may be written."""


@dataclass(frozen=True)
class Progress:
    """Lines done of lines in all."""

    done: int
    total: int
    state: str

    @property
    def percent(self) -> int:
        return 100 if self.total == 0 else self.done * 100 // self.total


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


_PASSING = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the database took one of two acts back."""


def is_passing(fault: OperationalError) -> bool:
    """Whether the same again may well succeed: two acts stood in each other's way."""
    if is_sqlite():
        return "locked" in str(fault)
    return getattr(fault.__cause__, "sqlstate", None) in _PASSING


def lease_end() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=limits.LEASE_SECONDS)


def claim(batch_id: int, *, frm: Sequence[str], to: str, held: bool = False) -> Work | None:
    """Take a batch up, or None when it is not to be worked on, somebody does, or only a newer
    program knows how.

    `held`: the caller received the batch in this process, so its first lease is the caller's.
    """
    now = timezone.now()
    with transaction.atomic():
        if not _nobody_merges(batch_id):
            return None
        free = Q(token=0) if held else Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        taken = (
            Batch.objects.known_here()
            .filter(free, pk=batch_id, state__in=frm)
            .update(
                state=to,
                token=F("token") + 1,
                attempts=F("attempts") + 1,
                lease_until=lease_end(),
                lines_done=0,
            )
        )
        if taken != 1:
            return None
        return Work(Batch.objects.get(pk=batch_id))


def _nobody_merges(batch_id: int) -> bool:
    """Whether no living connection is merging the batch; a killed one has let go of its lock."""
    if is_sqlite():
        return True  # the merging transaction would be holding the only write lock
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_MERGE_LOCKS, batch_id])
        return cursor.fetchone()[0]


class Work:
    """One holder's hold on a batch."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.token = batch.token
        self.layout: Layout | None = None
        self.context: Any = None
        self._renewed = time.monotonic()
        self._shown = time.monotonic()
        self._beside: Any = None

    @contextmanager
    def tried(self) -> Iterator[None]:
        """One try to work on the batch. Raises Refused for one that was taken up again and again
        and never ended.

        A try that the database itself broke off is none of the batch's: a disk that is full for
        an hour refuses no file.
        """
        if self.batch.attempts > limits.ATTEMPTS:
            raise Refused("intake.gave_up")
        try:
            yield
        except OperationalError as fault:
            if not is_passing(fault):
                with suppress(DatabaseError, LeaseLost):
                    self._update(attempts=F("attempts") - 1)
            raise

    @contextmanager
    def fenced(self, **fields: Any) -> Iterator[None]:
        """A short transaction that counts only while the batch is still held; renews the lease."""
        with transaction.atomic():
            self._update(lease_until=self._lease(), **fields)
            yield

    def keep_alive(self) -> None:
        """Renew the lease when a third of it has gone; not inside a merge."""
        if connection.in_atomic_block:
            return
        if time.monotonic() - self._renewed > limits.LEASE_SECONDS / 3:
            self._update(lease_until=self._lease())

    def breathe(self, seconds: float) -> None:
        """Let the people's writes in between."""
        time.sleep(seconds)

    def hold(self) -> None:
        """Begin the merge: still the holder, and visibly alive until the transaction ends.

        Whoever has the lock at this moment is only looking whether somebody merges.
        """
        if not is_sqlite():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(%s, %s)", [_MERGE_LOCKS, self.batch.pk]
                )
        if not Batch.objects.filter(pk=self.batch.pk, token=self.token).exists():
            raise LeaseLost

    def show_progress(self, lines_done: int) -> None:
        """Write the progress of a merge beside its transaction, where the database can."""
        if is_sqlite() or time.monotonic() - self._shown < _SHOW_EVERY_SECONDS:
            return
        self._shown = time.monotonic()
        if self._beside is None:
            self._beside = connection.copy()
        with self._beside.cursor() as cursor:
            cursor.execute(
                "UPDATE intake_batch SET lines_done = %s, lease_until = %s"
                " WHERE id = %s AND token = %s",
                [lines_done, self._lease(), self.batch.pk, self.token],
            )

    def finish(self) -> None:
        """Let the layout end its writing, after the last line."""
        if self.layout is not None:
            self.layout.finish(self.context)

    def end(self, **fields: Any) -> None:
        """Leave the batch in its next state and let go of it."""
        self._update(lease_until=None, announced_at=None, **{"attempts": 0, **fields})

    def close(self) -> None:
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def _lease(self) -> dt.datetime:
        self._renewed = time.monotonic()
        return lease_end()

    def _update(self, **fields: Any) -> None:
        if Batch.objects.filter(pk=self.batch.pk, token=self.token).update(**fields) != 1:
            raise LeaseLost


__all__ = ["LeaseLost", "Progress", "Work", "claim", "is_passing", "is_sqlite", "lease_end"]
