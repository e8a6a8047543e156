"""A worker that is killed at a named step; started as a process of its own by test_faults.

python -m tests.grading.killed_worker DATABASE_NAME RUN STEP
"""

import datetime as dt
import os
import signal
import sys

import django


def die(*args: object, **kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function):
    """The function, and then the end."""

    def wrapped(*args, **kwargs):
        function(*args, **kwargs)
        die()

    return wrapped


def main(database: str, run_id: str, step: str) -> None:
    django.setup()
    from django.db import connection

    from grading import engine

    connection.close()
    connection.settings_dict["NAME"] = database
    engine.LEASE = dt.timedelta(0)
    engine.PAUSE_AFTER_WRITE = {}
    whole = engine.grade_chunks
    if step == "taken":
        engine.grade_chunks = die
    elif step == "collected":
        engine.collect = after(engine.collect)
    elif step == "decided":
        engine._add_verdicts = after(engine._add_verdicts)
    elif step == "rated":
        engine._rate = after(engine._rate)
    elif step == "before_commit":
        engine.slice_digest = die
    elif step == "committed":
        engine.grade_chunks = after(whole)
    elif step == "before_sum":
        engine.finish = die
    elif step == "parts_summed":
        engine._finish_parts = after(engine._finish_parts)
    elif step == "sliced":
        engine.slice_run = after(engine.slice_run)
    else:
        raise SystemExit(f"unknown step {step}")
    engine.work(int(run_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
