"""A second person at work beside the test."""

import threading
from collections.abc import Callable

from django.db import connections, transaction


class Beside:
    """A function running in a thread of its own, with a connection of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.result: object = None
        self.fault: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as fault:  # shown in the test's own thread
            self.fault = fault
        finally:
            connections.close_all()

    def ended_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def wait(self) -> object:
        assert self.ended_within(60), "the other thread is still waiting"
        if self.fault is not None:
            raise self.fault
        return self.result


def at_once(
    beside: Callable[[Callable[[], object]], Beside],
    first: Callable[[], object],
    second: Callable[[], object] | None = None,
) -> Beside:
    """Another act, or the same again, begun while the first is under way: it has to wait for the
    first to be committed. `.wait()` says what it then comes to."""
    with transaction.atomic():
        first()
        waiting = beside(second or first)
        assert not waiting.ended_within(1)
    return waiting
