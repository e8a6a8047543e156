"""Starts workers and web processes quickly: Python and the portal are loaded once, then forked.

Run as a script; one JSON object a line on standard input asks for one process, its number comes
back. Ends with its input, and leaves no process behind.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import faulthandler
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import django

SLICE_SIZE, CHUNK_LINES, LEASE_SECONDS = 5, 2, 0.5
"""Small and short, so that a little work has every step of much, and no test waits for long."""


def main() -> None:
    django.setup()
    prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    born: list[int] = []
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(**json.loads(line))
        born.append(child)
        print(child, flush=True)
    for one in born:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one, signal.SIGKILL)


def prepare() -> None:
    from django.conf import settings

    load()
    from grading import engine
    from intake import limits

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    engine.SLICE_SIZE, engine.SLICES_AT_ONCE = SLICE_SIZE, 1
    engine.LEASE, engine.PAUSE_AFTER_WRITE = dt.timedelta(seconds=LEASE_SECONDS), {}
    limits.CHUNK_LINES, limits.SQLITE_PAUSE_SECONDS = CHUNK_LINES, 0
    limits.LEASE_SECONDS = limits.ANNOUNCE_SECONDS = LEASE_SECONDS


def load() -> None:
    """What the processes would each load at their start."""
    for module in (
        "celery.apps.worker", "celery.bin.celery", "celery.concurrency.prefork",
        "celery.concurrency.solo", "celery.worker.consumer", "credit_portal.folder_broker",
        "credit_portal.sweep", "credit_portal.urls", "django.core.servers.basehttp",
    ):  # fmt: skip
        import_module(module)
    from credit_portal import release
    from credit_portal.celery import app

    app.loader.import_default_modules()
    app.finalize()
    release.remember()


def become(*, what: str, log: str, step: str | None, how: str, mark: str, port: int) -> None:
    """Be that process, and never come back."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(log, "a") as output:  # noqa: PTH123
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    faulthandler.register(signal.SIGRTMIN, all_threads=True)
    if step is not None:
        from tests.faults.steps import PLACES

        PLACES[step].arm(fault(how, Path(mark)))
    try:
        {"worker": be_worker, "web": be_web}[what](port)
    finally:
        os._exit(0)


def fault(how: str, mark: Path) -> Callable[[], None]:
    """What happens the first time that the step is reached, as the mark then says.

    worker: its whole group is killed. child: this process is killed, if it is a child. held: it
    waits until it is let go. full: nothing more fits into the database (SQLite).
    """
    first = os.getpid()
    if how == "child":
        leave_the_end_to_the_child(first, mark)
    happen: dict[str, Callable[[], None]] = {
        "worker": lambda: os.killpg(first, signal.SIGKILL),
        "child": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "held": lambda: wait_for(mark.with_suffix(".go")),
        "full": fill_database,
    }

    def once() -> None:
        if how == "child" and os.getpid() == first:
            return
        with contextlib.suppress(FileExistsError):
            mark.touch(exist_ok=False)
            happen[how]()

    return once


def wait_for(sign: Path) -> None:
    while not sign.exists():
        time.sleep(0.05)


def fill_database() -> None:
    """For this connection; the next begins with the limit of the file."""
    from django.db import connection

    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")


def leave_the_end_to_the_child(first: int, mark: Path) -> None:
    """The sweep of the process that is to survive does not sum a run up before the child did."""
    from grading import engine

    finish = engine.finish

    def later(run_id: int) -> None:
        if os.getpid() != first or mark.exists():
            finish(run_id)

    engine.finish = later


def be_worker(port: int) -> None:
    from credit_portal.celery import app

    app.conf.worker_lost_wait = LEASE_SECONDS
    options = ["--loglevel", "INFO", "--concurrency", "1", "--hostname", f"{os.getpid()}@test"]
    app.worker_main(["--quiet", "worker", *options, "--without-gossip", "--without-mingle"])


def be_web(port: int) -> None:
    from django.core.servers import basehttp
    from django.core.wsgi import get_wsgi_application

    application: Any = get_wsgi_application()
    basehttp.run("127.0.0.1", port, application, threading=True)


if __name__ == "__main__":
    main()
