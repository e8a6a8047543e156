"""The whole portal in one terminal: database, demo data, web and worker. Called by `make run`."""

import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import honcho.manager

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
HOST = "127.0.0.1"
KEEP = (str(BIN / "python"), str(ROOT / "tools" / "keep.py"), str(os.getpid()))
END_SECONDS = 15  # for a worker to end what it holds; killed after that, it loses nothing either
REQUEST_SECONDS = 3  # for a request that is being answered when the portal stops
# On a demo machine root may run the worker; Celery would say so at length on every start.
AS_ROOT = "ignore:You're running the worker"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    os.chdir(ROOT)
    port = _port()
    _refuse_taken(port)
    var = ROOT / os.environ.get("VAR_DIR", "var")
    var.mkdir(parents=True, exist_ok=True)
    with _alone(var):
        return _run(var, port)


def _run(var: Path, port: int) -> int:
    prepare(var)
    # Messages only say "look in the database"; those of an earlier start may be half written.
    shutil.rmtree(var / "broker", ignore_errors=True)
    return serve(port)


# --- before the start ----------------------------------------------------------------------------


def prepare(var: Path) -> None:
    """Database, reference data, demo data, translations, static files; quick when all is there."""
    database = var / "portal.sqlite3"
    if os.environ.get("DATABASE_URL") or database.exists():
        manage("prepare")
        return
    # A first start that is broken off must not look like a finished one: it happens aside.
    aside = var / "preparing"
    shutil.rmtree(aside, ignore_errors=True)
    manage("prepare", VAR_DIR=str(aside))
    for path in sorted(aside.iterdir(), key=lambda path: path.name.startswith(database.name)):
        target = var / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.rename(target)
    aside.rmdir()


def manage(*arguments: str, **environment: str) -> None:
    """One management command; its failure is ours, its own message says why."""
    done = subprocess.run(
        [str(BIN / "python"), "manage.py", *arguments], env=os.environ | environment
    )
    if done.returncode:
        sys.exit(done.returncode)


@contextlib.contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Two starts on one folder would prepare it against each other."""
    with (var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"门户已在另一个终端运行（{var}）。先在那里按 Ctrl-C 停止，再启动。")
        yield


def _port() -> int:
    text = os.environ.get("PORT", "") or "8000"
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        sys.exit(f"PORT 是 {text!r}；须为 1 至 65535 之间的整数。")
    return int(text)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            sys.exit(
                f"不能使用 {HOST}:{port}（{fault.strerror}）。"
                f"门户可能已在另一个终端运行；也可换一个端口：make run PORT={port + 1}"
            )


# --- web and worker ------------------------------------------------------------------------------


class Manager(honcho.manager.Manager):
    """Honcho's own gives up on a process whose start it has not heard of yet."""

    def __init__(self) -> None:
        super().__init__()
        self._owner = os.getpid()

    def terminate(self) -> None:
        if os.getpid() != self._owner:
            return  # a fork that has not let go of our signals yet; its owner stops its child
        if self._all_started():
            super().terminate()
        else:
            later = threading.Timer(0.1, self.terminate)
            later.daemon = True
            later.start()

    def _killall(self, force: bool = False) -> None:
        if self._all_started():
            super()._killall(force)


def serve(port: int) -> int:
    """Both processes until one ends or somebody says stop; leaves none behind."""
    accounts = _accounts()
    honcho.manager.KILL_WAIT = END_SECONDS
    manager = Manager()
    manager.add_process("web", f"exec {shlex.join(web_command(port))}")
    manager.add_process(
        "worker",
        f"exec {shlex.join(worker_command())}",
        env=os.environ | {"PYTHONWARNINGS": AS_ROOT},
    )
    stopped = threading.Event()
    threading.Thread(target=_welcome, args=(port, accounts, stopped), daemon=True).start()
    # A closed terminal stops like Ctrl-C; honcho itself knows only the other two.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        manager.loop()
    finally:
        stopped.set()
        manager.kill()
    asked = manager.returncode in {128 + signum for signum in STOP_SIGNALS}
    with contextlib.suppress(OSError):
        print(
            "门户已停止，数据已保存。" if asked else "门户意外停止，请查看上面的日志。", flush=True
        )
    return 0 if asked else 1


def web_command(port: int) -> list[str]:
    threads = os.environ.get("WEB_THREADS", "8")
    return [
        *(*KEEP, str(BIN / "granian"), "--interface", "wsgi", "--host", HOST, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", threads, "--no-ws", "--log-level", "error"),
        # Its process that is still loading does not hear that it should stop, and is asked once.
        *("--workers-kill-timeout", str(REQUEST_SECONDS)),
        "credit_portal.wsgi:application",
    ]


def worker_command() -> list[str]:
    celery = [str(BIN / "celery"), "--quiet", "--app", "credit_portal.celery:app", "worker"]
    return [
        *(*KEEP, "--again", *celery),
        *("--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
    ]


def _accounts() -> str:
    """The demo accounts as the command prints them; nothing where the database has none."""
    return subprocess.run(
        [str(BIN / "python"), "manage.py", "demo", "--accounts"], capture_output=True, text=True
    ).stdout.strip()


def _welcome(port: int, accounts: str, stopped: threading.Event) -> None:
    """Say where and as whom to sign in, once the portal answers."""
    address = f"http://{HOST}:{port}/"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy
    while not stopped.is_set():
        with contextlib.suppress(urllib.error.URLError, OSError):
            opener.open(f"{address}readyz", timeout=5).close()
            break
        time.sleep(0.3)
    else:
        return
    rule = "─" * 72
    print(
        f"\n{rule}\n  门户已就绪：{address}\n  管理端：    {address}admin/\n\n{accounts}\n\n"
        f"  按 Ctrl-C 停止，数据会保留。\n{rule}\n",
        flush=True,
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\n已中断。再次执行 make run 会接着准备。")
