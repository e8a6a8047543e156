"""A worker as `celery worker` starts it, with short leases and small slices: work that was broken
off is taken over after seconds, and a little of it has every step of much.

    python bench/hurried_worker.py --pool solo --hostname one@bench …
"""

from __future__ import annotations

import datetime as dt
import sys

from portal import start

start()

from credit_portal.celery import app
from grading import engine
from intake import limits

LEASE_SECONDS = 2


def main(arguments: list[str]) -> None:
    engine.SLICE_SIZE, engine.SLICES_AT_ONCE = 25, 1
    engine.LEASE = dt.timedelta(seconds=LEASE_SECONDS)
    limits.CHUNK_LINES = 25
    limits.LEASE_SECONDS = limits.ANNOUNCE_SECONDS = LEASE_SECONDS
    app.worker_main(["--quiet", "worker", *arguments, "--without-gossip", "--without-mingle"])


if __name__ == "__main__":
    main(sys.argv[1:])
