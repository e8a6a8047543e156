"""How many files are read at one time on this machine: places, each a lock on a file of its own.

The limits of a child bound one child; every thread of every web process may start one. A lock
belongs to the open file, which the child inherits: it is let go when whoever started the child and
the child itself are gone, however they ended.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from audit.refusal import Refused

from . import limits

PAUSE_SECONDS = 0.05


@contextmanager
def place(size: int) -> Iterator[int]:
    """A place to read a file of so many bytes: a descriptor for the child to inherit.

    Raises Refused when none gets free in time: a person is told after a moment, a command waits
    until whoever reads now must have ended.
    """
    seconds = limits.READER_WAIT_SECONDS if settings.IN_WEB_PROCESS else limits.CHILD_SECONDS
    patience = time.monotonic() + seconds
    while (taken := _taken(size)) is None:
        if time.monotonic() > patience:
            raise Refused("intake.reading_busy")
        time.sleep(PAUSE_SECONDS)
    try:
        yield taken
    finally:
        os.close(taken)


def _taken(size: int) -> int | None:
    """One of the places that is free; the last one is left to small files."""
    small = size <= limits.SMALL_FILE_BYTES
    open_to_it = limits.READERS if small else max(limits.READERS - 1, 1)
    for number in range(open_to_it):
        lock = os.open(_folder() / f"{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return lock
    return None


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "reading"  # not the store, which machines may share
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


__all__ = ["place"]
