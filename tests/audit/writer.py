"""One writer of many: `python -m tests.audit.writer ACTS THREADS`, in a process of its own."""

import os
import sys
import threading

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_portal.settings")


def write(acts: int, name: str) -> None:
    from django.db import connections

    from audit.acts import Account
    from tests.factories.audit import keep_file

    for number in range(acts):
        keep_file(by=Account(name), number=f"{name}-{number}")
    connections.close_all()


def main() -> None:
    django.setup()
    acts, threads = (int(argument) for argument in sys.argv[1:])
    names = [f"{os.getpid()}-{number}" for number in range(threads)]
    started = [threading.Thread(target=write, args=(acts, name)) for name in names]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


if __name__ == "__main__":
    main()
