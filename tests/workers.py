"""A real Celery worker beside a test, on the test's own database."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PATIENCE_SECONDS = 40


@contextlib.contextmanager
def worker(folder: Path, *, name: str = "one", **environment: str) -> Iterator[subprocess.Popen]:
    """Runs until the block ends; give `folder` for its broker and its log.

    The tables must be committed: use it in transactional tests only.
    """
    log = folder / f"worker-{name}.log"
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "credit_portal.celery:app"),
        *("worker", "--pool", "solo", "--loglevel", "INFO", "--hostname", f"{name}@test"),
        *("--without-gossip", "--without-mingle"),
    ]
    own = worker_environment(folder) | environment
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=own, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    except BaseException:
        print(log.read_text())  # pytest shows it with the failure
        raise
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def worker_environment(folder: Path) -> dict[str, str]:
    """This process's environment, with the test's database and folders in it."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(folder),
        "STORE_DIR": str(settings.STORE_DIR),
        "AUDIT_ANCHOR_DIR": str(settings.AUDIT_ANCHOR_DIR),
        "AUDIT_KEY_FILE": str(settings.AUDIT_KEY_FILE),
        "REDIS_URL": settings.REDIS_URL,
        "SWEEP_SECONDS": "1",
    }


def database_url() -> str:
    """The URL of the database that this test runs on."""
    described = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{described['NAME']}"
    account = f"{quote(described['USER'], safe='')}:{quote(described['PASSWORD'], safe='')}"
    return f"postgresql://{account}@{described['HOST']}:{described['PORT']}/{described['NAME']}"


def wait_until(condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as the condition holds; fail the test when it never does."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"nothing happened within {seconds} s"
        time.sleep(0.1)
