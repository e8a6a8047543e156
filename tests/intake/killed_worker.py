"""A worker that takes up a batch and dies, or dawdles, at a named step. Run as a script."""

import os
import signal
import sys
import time

import django

django.setup()

from intake import layouts, limits, services  # noqa: E402  Django starts first
from tests.factories.intake import DayLayout  # noqa: E402  Django starts first


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed(DayLayout):
    """Dies in the middle of what it does."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step
        self.slices = 0

    def check(self, context, lines):
        self.slices += 1
        if self.step == "second-slice" and self.slices == 2:
            die()
        return super().check(context, lines)

    def write(self, context, lines, outcomes):
        if self.step == "before-write":
            die()
        super().write(context, lines, outcomes)
        if self.step == "after-first-write":
            die()
        if self.step == "slow":
            time.sleep(1.5)

    def finish(self, context):
        if self.step == "before-commit":
            die()


def main() -> None:
    task, batch_id, step = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    limits.CHUNK_LINES = 2
    limits.LEASE_SECONDS = 1
    layouts.register(Doomed(step))
    if task == "check":
        services.check_batch(batch_id, pause=0)
    else:
        services.merge_batch(batch_id)


if __name__ == "__main__":
    main()
