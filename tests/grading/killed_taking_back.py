"""A worker that takes a file back and is killed at a named step; started by
test_taking_back_faults as a process of its own.

python -m tests.grading.killed_taking_back DATABASE_NAME BATCH STEP
"""

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


def main(database: str, batch_id: str, step: str) -> None:
    django.setup()
    from django.db import connection

    from grading import taking_back as graded
    from intake import taking_back

    connection.close()
    connection.settings_dict["NAME"] = database
    number = int(batch_id)
    if step == "weighed":
        taking_back._keep = die
        taking_back.weigh(number)
    elif step == "weighing":
        graded._regrade = after(graded._regrade)
        taking_back.weigh(number)
    elif step == "locked":
        graded._lock = after(graded._lock)
    elif step == "undone":
        graded._regrade = die
    elif step == "regraded":
        graded._regrade = after(graded._regrade)
    elif step == "committed":
        taking_back._take_back = after(taking_back._take_back)
    else:
        raise SystemExit(f"unknown step {step}")
    taking_back.carry_out(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
