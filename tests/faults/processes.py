"""Workers and web processes beside a test that can be made to die at a step."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings

from tests.workers import wait_until, worker_environment
from tools.servers import free_port


@dataclass(frozen=True)
class Process:
    """One process and its children; `mark` is there as soon as it has reached its step."""

    pid: int
    mark: Path
    port: int

    @property
    def lives(self) -> bool:
        """Itself, or a child it has left behind."""
        return self._told(0)

    def has_reached_its_step(self) -> bool:
        return self.mark.exists()

    def let_go(self) -> None:
        """Let one that is held go on."""
        self.mark.with_suffix(".go").touch()

    def kill(self) -> None:
        """The whole of it, as `kill -9` or a power cut would."""
        wait_until(lambda: not self._told(signal.SIGKILL))

    def _told(self, signum: int) -> bool:
        """Whether there was anybody to tell; it becomes a group of its own a moment after birth."""
        heard = False
        for tell in (os.kill, os.killpg):
            with contextlib.suppress(ProcessLookupError):
                tell(self.pid, signum)
                heard = True
        return heard


class Nursery:
    """Gives processes on the test's own database. Their broker is a Redis, or folders of theirs."""

    def __init__(self, folder: Path, *, redis_url: str = "") -> None:
        self.folder = folder
        self.redis_url = redis_url
        self._born: list[Process] = []
        self._given = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=settings.BASE_DIR,
            env=worker_environment(folder)
            | {"DJANGO_SETTINGS_MODULE": "credit_portal.settings"}
            | {"REDIS_URL": redis_url, "BROKER_URL": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def worker(self, *, step: str | None = None, how: str = "worker") -> Process:
        """A worker; with a step, one to which something happens there (see `nursery.fault`). It
        comes there by what it finds in the database: older messages are gone."""
        if step is not None:
            self.empty_broker()
        return self._give("worker", step, how, 0)

    def web(self, *, step: str | None = None) -> Process:
        """A web process that is killed at a step."""
        return self._give("web", step, "worker", free_port())

    def empty_broker(self) -> None:
        """Every message is lost."""
        if self.redis_url:
            with contextlib.closing(redis.Redis.from_url(self.redis_url)) as client:
                client.flushall()
        for message in (self.folder / "broker" / "queue").glob("*"):
            message.unlink(missing_ok=True)

    @property
    def log(self) -> str:
        """What the processes have said so far."""
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def _give(self, what: str, step: str | None, how: str, port: int) -> Process:
        self._given += 1
        mark = self.folder / f"mark-{self._given}"
        wanted = {"what": what, "step": step, "how": how, "port": port}
        told = wanted | {"mark": str(mark), "log": str(self.folder / "log")}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        born = Process(int(self._process.stdout.readline()), mark, port)
        self._born.append(born)
        return born

    def say_where_all_stand(self) -> None:
        """Every process that lives writes its stacks into the log."""
        left = [process for process in self._born if process.lives]
        for process in left:
            os.killpg(process.pid, signal.SIGRTMIN)
        if left:
            time.sleep(1)

    def clear(self) -> None:
        """End every process that is left."""
        while self._born:
            self._born.pop().kill()

    def close(self) -> None:
        self.clear()
        self._process.communicate(timeout=20)
