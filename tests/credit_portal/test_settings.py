import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.workers import worker_environment

POSTGRES = "postgresql://portal:x@db.example/credit"


def database(folder: Path, **environment: str) -> dict[str, Any]:
    """The database settings as a process with this environment has them."""
    code = "import json, credit_portal.settings as s; print(json.dumps(s.DATABASES['default']))"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


def test_sqlite_is_set_for_many_writers(tmp_path: Path) -> None:
    found = database(tmp_path)

    assert found["NAME"] == f"{tmp_path}/portal.sqlite3"
    assert found["OPTIONS"] == {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }


def test_the_web_process_pools_its_connections(tmp_path: Path) -> None:
    found = database(tmp_path, DATABASE_URL=POSTGRES, PORTAL_PROCESS="web", WEB_THREADS="6")

    assert found["OPTIONS"]["pool"] == {"min_size": 2, "max_size": 8, "timeout": 10}
    assert "CONN_MAX_AGE" not in found


POOLED = """
import django
django.setup()
from django.db import connection

def process():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('lock_timeout')")
        process, waits = cursor.fetchone()
        assert waits == "10s", waits
        return process

first = process()
connection.close()
print(first, flush=True)
input()
print(process(), flush=True)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there connections are pooled")
def test_a_pooled_connection_that_is_gone_fails_no_request(tmp_path: Path) -> None:
    environment = worker_environment(tmp_path) | {
        "PORTAL_PROCESS": "web",
        "DJANGO_SETTINGS_MODULE": "credit_portal.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", POOLED], cwd=settings.BASE_DIR, env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as web:  # fmt: skip
        first = int(web.stdout.readline())
        with connection.cursor() as cursor:  # as a server that is started again does to all
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        second = web.communicate("\n", timeout=60)[0]

    assert (web.returncode, int(second or first) != first) == (0, True)


def test_postgresql_compiles_no_statements_unless_told_to(tmp_path: Path) -> None:
    found = database(tmp_path, DATABASE_URL=POSTGRES)
    told = database(tmp_path, DATABASE_URL=f"{POSTGRES}?options=-c%20jit%3Don")

    assert (found["OPTIONS"], told["OPTIONS"]) == (
        {"options": "-c jit=off"},
        {"options": "-c jit=on"},
    )


@pytest.mark.parametrize(
    ("told", "options"),
    [("", "-c lock_timeout=10s -c jit=off"), ("?options=-c%20x%3D1", "-c lock_timeout=10s -c x=1")],
)
def test_a_request_waits_for_a_lock_no_longer_than_it_says(
    tmp_path: Path, told: str, options: str
) -> None:
    found = database(tmp_path, DATABASE_URL=f"{POSTGRES}{told}", PORTAL_PROCESS="web")

    assert found["OPTIONS"]["options"] == options


def test_a_worker_or_a_command_has_no_pool_and_waits_as_long_as_it_must(tmp_path: Path) -> None:
    found = database(tmp_path, DATABASE_URL=POSTGRES)
    assert "lock_timeout" not in found["OPTIONS"]["options"]

    assert "pool" not in found["OPTIONS"]
    assert found["CONN_MAX_AGE"] == 60
