"""Whether an act was carried out for good since a request or a command began.

What fails afterwards must not say that nothing was saved.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction


@dataclass
class Watch:
    committed: bool = False

    def see(self) -> None:
        self.committed = True


_watch: ContextVar[Watch | None] = ContextVar("audit_watch", default=None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Tell, during the block and after it, whether an act was committed in it."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def any_act() -> bool:
    """Whether one was committed since the innermost watch began."""
    watch = _watch.get()
    return watch is not None and watch.committed


def expect() -> None:
    """An act has written its event; it is done as soon as the transaction is committed."""
    if watch := _watch.get():
        transaction.on_commit(watch.see)
