"""Private servers for tests: started in a temporary folder, on loopback, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

START_SECONDS = 60
HOST = "127.0.0.1"
LOCALE = "C.UTF-8"  # in locale C Chinese text gives no trigrams


class ServerFault(RuntimeError):
    """A server that is installed did not start; the message carries the end of its log."""


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres, the newest version first; None when not installed."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdecimal() else 0,
        reverse=True,
    )
    found = shutil.which("initdb")
    candidates = [*packaged, *([Path(found).resolve().parent] if found else [])]
    return next(
        (
            path
            for path in candidates
            if (path / "initdb").exists() and (path / "postgres").exists()
        ),
        None,
    )


def redis_program() -> str | None:
    return shutil.which("redis-server") or shutil.which("valkey-server")


@dataclass
class Server:
    """A server program on its folder, and the URL under which it answers while it runs."""

    url: str
    command: list[str]
    folder: Path
    account: pwd.struct_passwd | None
    end: signal.Signals
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.stop(self.end)

    def start(self) -> None:
        """Returns when it answers. Raises ServerFault."""
        log = self.folder / "log"
        with log.open("a") as output:
            self.process = subprocess.Popen(
                self.command, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder,
                **_as(self.account),
            )  # fmt: skip
        limit = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise ServerFault(f"{self.command[0]} did not start:\n{_tail(log)}")
            time.sleep(0.2)

    def stop(self, how: signal.Signals) -> None:
        """Returns when it has ended; a server that does not hear is killed."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def postgres(programs: Path) -> Iterator[str]:
    """A fresh cluster for tests that lose nothing by losing it; gives its DATABASE_URL."""
    with postgres_server(programs, synchronous_commit="off") as server:
        yield server.url


@contextlib.contextmanager
def postgres_server(programs: Path, **settings: str) -> Iterator[Server]:
    """A fresh cluster that can be stopped and started: what is committed outlives its processes,
    though not its machine. Never runs as root: PostgreSQL refuses that."""
    account = _unprivileged()
    with _folder(account) as folder:
        password = secrets.token_hex(16)
        secret = folder / "password"
        secret.write_text(password)
        data = folder / "data"
        _own(secret, account)
        _check(
            [
                *(str(programs / "initdb"), "--pgdata", str(data), "--username", "portal"),
                *("--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync"),
                *("--encoding", "UTF8", "--locale", LOCALE),
            ],
            account,
            folder,
        )
        port = free_port()
        given = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "max_connections": "120",
            "shared_buffers": "128MB",
            **settings,
        }
        command = [str(programs / "postgres"), "-D", str(data)]
        command += [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        url = f"postgresql://portal:{password}@{HOST}:{port}/postgres"
        # INT is PostgreSQL's fast end: it does not wait for forgotten connections.
        server = Server(url, command, folder, account, signal.SIGINT, lambda: _answers(url))
        with server.running():
            yield server


@contextlib.contextmanager
def redis_server(program: str) -> Iterator[Server]:
    """A Redis without files of its own."""
    with _folder(None) as folder:
        port = free_port()
        command = [
            *(program, "--bind", HOST, "--port", str(port), "--dir", str(folder)),
            *("--save", "", "--appendonly", "no"),
        ]
        url = f"redis://{HOST}:{port}/0"
        server = Server(url, command, folder, None, signal.SIGTERM, lambda: _pings(url))
        with server.running():
            yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# --- processes -----------------------------------------------------------------------------------


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _pings(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()


def _check(command: list[str], account: pwd.struct_passwd | None, folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **_as(account))
    if done.returncode:
        raise ServerFault(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


# --- accounts and folders ------------------------------------------------------------------------


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to become when started as root; None when we already are nobody special."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerFault("Started as root, and neither account exists: postgres, nobody.")


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def _folder(account: pwd.struct_passwd | None) -> Iterator[Path]:
    # In /tmp itself: a TMPDIR inside root's home could not be entered by the other account,
    # and a socket's path must stay short.
    base = "/tmp" if account else None  # noqa: S108 -- mkdtemp makes it private
    folder = Path(tempfile.mkdtemp(prefix="portal-", dir=base))
    _own(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)
