"""An empty database for one measurement: a SQLite file, or one on a PostgreSQL server."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import servers

SETTINGS = ("work_mem = '64MB'", "maintenance_work_mem = '256MB'")
"""The same for whole and bare; the server's own defaults are for tiny machines."""


@contextlib.contextmanager
def empty_database(kind: str, name: str, postgres: str | None) -> Iterator[str]:
    """The URL of an empty database, gone afterwards.

    `postgres` names a server; without it a private one is started from the installed programs.
    """
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            yield f"sqlite:///{folder}/bench.sqlite3"
        return
    with _server(postgres) as server:
        database = f"portal_bench_{name}"
        _execute(server, "DROP DATABASE IF EXISTS {}", database)
        _execute(server, "CREATE DATABASE {}", database)
        for setting in SETTINGS:
            _execute(server, f"ALTER DATABASE {{}} SET {setting}", database)
        try:
            yield urlsplit(server)._replace(path=f"/{database}").geturl()
        finally:
            _execute(server, "DROP DATABASE {} WITH (FORCE)", database)


@contextlib.contextmanager
def _server(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    programs = servers.postgres_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed; name a server with --postgres URL.")
    with servers.postgres(programs) as private:
        yield private


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
