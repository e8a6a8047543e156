"""Random faults against a running portal, while runs and files go through it; how much differs.

    python bench/faults.py                                   200 faults on SQLite, folders as broker
    python bench/faults.py --database postgresql             200 on PostgreSQL and Redis
    python bench/faults.py --faults 20 --seed 7

Web, two workers and, there, PostgreSQL and Redis are private and real. Two people work without a
pause, by HTTP, and press again until they are answered: one starts yearly runs, reviews and has
them published by a second person; one sends in rosters and confirms them. Meanwhile faults are
drawn by the seed. In the end all work must be done, and every run and every file is compared with
what it should be. Prints the faults by kind and the number of differences; exit code 1 when there
is any. By hand only: it takes minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import servers

SETTLE_SECONDS = 120
"""For the last work to end after the last fault."""
ENTERPRISES = 600
LINES = 60
PAUSE_SECONDS = (0.2, 6.0)
"""Between two faults, drawn evenly."""


@dataclass
class Program:
    """A process with its children that is started again whenever it has ended."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        if self.process is None or self.process.poll() is not None:
            with (self.folder / f"{self.name}.log").open("a") as log:
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environment, stdout=log,
                    stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip

    def kill(self) -> None:
        """As `kill -9`, children and all."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def kill_child(self) -> None:
        """One of its children alone; of a process without children itself."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = listed.read_text().split() if listed.exists() else []
        if not children:
            self.kill()
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(children[-1]), signal.SIGKILL)


@dataclass
class Portal:
    """Everything that runs, and the faults that can befall it."""

    folder: Path
    port: int
    programs: dict[str, Program]
    database: servers.Server | None
    broker: servers.Server | None
    ended: threading.Event = field(default_factory=threading.Event)

    def keep(self) -> None:
        """Start again whatever ended, as systemd would."""
        while not self.ended.wait(0.3):
            for program in self.programs.values():
                program.ensure()

    @property
    def faults(self) -> dict[str, Callable[[], None]]:
        programs = self.programs
        named: dict[str, Callable[[], None]] = {
            "worker killed": programs["one"].kill,
            "second worker killed": programs["two"].kill,
            "web killed": programs["web"].kill,
            "all programs killed": self.kill_all,
            "broker emptied": self.empty_broker,
        }
        if self.broker is not None and self.database is not None:
            database, broker = self.database, self.broker
            named |= {
                "worker's child killed": programs["one"].kill_child,
                "second worker's child killed": programs["two"].kill_child,
                "broker restarted": lambda: restarted(broker, signal.SIGTERM, 0),
                "broker killed, away for a while": lambda: restarted(broker, signal.SIGKILL, 2),
                "database restarted": lambda: restarted(database, signal.SIGINT, 0),
                "database stopped at once": lambda: restarted(database, signal.SIGQUIT, 0),
                "database away for a while": lambda: restarted(database, signal.SIGQUIT, 2),
            }
        else:
            named["broker's folders away for a while"] = self.hide_broker
        return named

    def kill_all(self) -> None:
        for program in self.programs.values():
            program.kill()

    @property
    def queue(self) -> Path:
        return self.folder / "broker" / "queue"

    def empty_broker(self) -> None:
        if self.broker is not None:
            import redis

            with contextlib.closing(redis.Redis.from_url(self.broker.url)) as client:
                client.flushall()
            return
        for message in self.queue.iterdir():
            message.unlink(missing_ok=True)

    def hide_broker(self) -> None:
        hidden = self.queue.with_name("hidden")
        self.queue.rename(hidden)
        time.sleep(2)
        if self.queue.exists():  # a program that started meanwhile has made new ones
            shutil.rmtree(hidden)
        else:
            hidden.rename(self.queue)


def restarted(server: servers.Server, how: signal.Signals, seconds: float) -> None:
    server.stop(how)
    time.sleep(seconds)
    server.start()


# --- starting ------------------------------------------------------------------------------------


@contextlib.contextmanager
def portal_on(database: str) -> Iterator[Portal]:
    """A portal in a folder of its own, with demo data; gone afterwards."""
    with contextlib.ExitStack() as ends:
        name = tempfile.mkdtemp(prefix="portal-faults-")
        ends.callback(shutil.rmtree, name, ignore_errors=True)
        folder = Path(name)
        cluster, broker = None, None
        if database == "postgresql":
            cluster, broker = _servers(ends)
        os.environ.update(
            VAR_DIR=str(folder),
            DATABASE_URL=cluster.url if cluster else f"sqlite:///{folder}/portal.sqlite3",
            REDIS_URL=broker.url if broker else "",
            SWEEP_SECONDS="1",
            LOG_LEVEL="INFO",
        )
        prepare = [sys.executable, "manage.py", "prepare", "--enterprises", str(ENTERPRISES)]
        subprocess.run(prepare, cwd=ROOT, check=True, stdout=sys.stderr)
        portal = Portal(folder, servers.free_port(), {}, cluster, broker)
        portal.programs.update(_programs(folder, portal.port))
        threading.Thread(target=portal.keep, daemon=True).start()
        try:
            yield portal
        finally:
            portal.ended.set()
            time.sleep(0.5)
            portal.kill_all()


def _servers(ends: contextlib.ExitStack) -> tuple[servers.Server, servers.Server]:
    programs, redis = servers.postgres_programs(), servers.redis_program()
    if programs is None or redis is None:
        raise SystemExit("PostgreSQL and Redis must be installed; or leave --database out.")
    return (
        ends.enter_context(servers.postgres_server(programs)),
        ends.enter_context(servers.redis_server(redis)),
    )


def _programs(folder: Path, port: int) -> dict[str, Program]:
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    worker = [sys.executable, "bench/hurried_worker.py", "--concurrency", "2", "--hostname"]
    granian = str(Path(sys.executable).parent / "granian")
    web = [
        *(granian, "--interface", "wsgi", "--host", servers.HOST, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "error"),
        "credit_portal.wsgi:application",
    ]
    commands = {"one": [*worker, "one@bench"], "two": [*worker, "two@bench"], "web": web}
    return {name: Program(name, command, environment, folder) for name, command in commands.items()}


# --- injecting -----------------------------------------------------------------------------------


def plan(names: list[str], *, count: int, seed: int) -> list[tuple[str, float]]:
    """Which fault comes, and after how many seconds: the same for a seed."""
    draw = random.Random(seed)
    return [(draw.choice(names), draw.uniform(*PAUSE_SECONDS)) for _ in range(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    with portal_on(options.database) as portal:
        from fault_work import Work  # inline: Django starts on the database that is there now

        work = Work(portal.port, portal.folder, lines=LINES, give_up_after=SETTLE_SECONDS)
        work.begin()
        befallen = Counter[str]()
        for name, pause in plan(list(portal.faults), count=options.faults, seed=options.seed):
            time.sleep(pause)
            portal.faults[name]()
            befallen[name] += 1
            print(f"{befallen.total():4} {name}; {work.stand}", file=sys.stderr, flush=True)
        differences = work.end()
        for name, count in sorted(befallen.items()):
            print(f"{count:5} {name}")
        print(f"{befallen.total():5} faults, seed {options.seed}; meanwhile {work.stand}")
        for one in differences:
            print(f"      {one}")
        print(f"{len(differences):5} differences")
        if differences:
            kept = Path(tempfile.mkdtemp(prefix="portal-faults-logs-"))
            for log in portal.folder.glob("*.log"):
                shutil.copy(log, kept)
            print(f"Logs: {kept}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
