"""`make test`: every pass that this machine can run, then a table of what ran and what did not.

    python tools/passes.py [--only sqlite,postgres,redis,browser] [-- more arguments for pytest]

The whole suite always runs on SQLite. PostgreSQL, Redis and a browser are used where they are
installed (or named by DATABASE_URL, REDIS_URL, PORTAL_CHROMIUM). With CI=true a pass that is
left out is a failure.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import servers

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
SUMMARY_FILE = ROOT / "var" / "test-summary.txt"
WORKERS = 2
BESIDE_A_SERVER = 3
"""While one waits for the server another works."""
NEITHER = "not browser and not redis"
SUMMARY_LINE = re.compile(r"=* ?(\d+ .+ in [\d.]+s.*?|no tests ran in .*?) ?=*$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NAMES = ("sqlite", "postgres", "redis", "browser")


@dataclass
class Pass:
    """One call of pytest: what it selects, what it must be given, what it needs installed."""

    name: str
    selects: str
    server: AbstractContextManager[dict[str, str]] | None
    package: str = ""
    workers: int = WORKERS


@dataclass
class Outcome:
    name: str
    state: str
    detail: str
    seconds: float = 0.0
    package: str = ""
    failed: bool = field(default=False)


def main() -> int:
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, _interrupt)
    arguments = _arguments()
    outcomes = [
        _run(one, arguments.more) if one.name in arguments.only else _not_asked(one)
        for one in _passes()
    ]
    text = report(outcomes, ci=_in_ci())
    print(text, flush=True)
    SUMMARY_FILE.parent.mkdir(exist_ok=True)
    SUMMARY_FILE.write_text(text)
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help=f"of {', '.join(NAMES)}")
    parser.add_argument("more", nargs="*", help="handed on to pytest")
    arguments = parser.parse_args()
    arguments.only = [name for name in arguments.only.replace(" ", ",").split(",") if name]
    unknown = set(arguments.only) - set(NAMES)
    if unknown:
        parser.error(f"--only has {', '.join(sorted(unknown))}; allowed: {', '.join(NAMES)}")
    return arguments


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# --- the passes ----------------------------------------------------------------------------------


def _passes() -> Iterator[Pass]:
    yield Pass("sqlite", f"{NEITHER} and not postgres", nullcontext({}))
    yield Pass("postgres", NEITHER, _postgres(), "postgresql", workers=BESIDE_A_SERVER)
    yield Pass("redis", "redis", _redis(), "redis-server", workers=1)
    yield Pass("browser", "browser", _chromium(), "chromium fonts-noto-cjk", workers=1)


def _postgres() -> AbstractContextManager[dict[str, str]] | None:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        return nullcontext({"DATABASE_URL": given})
    programs = servers.postgres_programs()
    return _postgres_of(programs) if programs else None


@contextlib.contextmanager
def _postgres_of(programs: Path) -> Iterator[dict[str, str]]:
    with servers.postgres(programs) as url:
        yield {"DATABASE_URL": url}


def _redis() -> AbstractContextManager[dict[str, str]] | None:
    if os.environ.get("REDIS_URL"):
        return nullcontext({"REDIS_URL": os.environ["REDIS_URL"]})
    program = servers.redis_program()
    return _redis_of(program) if program else None


@contextlib.contextmanager
def _redis_of(program: str) -> Iterator[dict[str, str]]:
    with servers.redis_server(program) as server:
        yield {"REDIS_URL": server.url}


def _chromium() -> AbstractContextManager[dict[str, str]] | None:
    candidates = (os.environ.get("PORTAL_CHROMIUM", ""), *CHROMIUMS)
    found = next(filter(None, map(shutil.which, filter(None, candidates))), None)
    return nullcontext({"PORTAL_CHROMIUM": found}) if found else None


# --- one pass ------------------------------------------------------------------------------------


def _run(one: Pass, more: list[str]) -> Outcome:
    if one.server is None:
        missing = f"{one.package.split()[0]} is not installed"
        return Outcome(one.name, "left out", missing, package=one.package, failed=_in_ci())
    print(f"\n▶ {one.name}", flush=True)
    began = time.monotonic()
    try:
        with one.server as environment:
            code, line = _pytest(one, environment, more)
    except servers.ServerFault as fault:
        print(fault, flush=True)
        code, line = 1, "the server did not start, see above"
    state = "passed" if code == 0 else "FAILED"
    return Outcome(one.name, state, line, time.monotonic() - began, failed=code != 0)


def _pytest(one: Pass, environment: dict[str, str], more: list[str]) -> tuple[int, str]:
    """Exit code and summary line; the output is handed through as it comes."""
    # Slow tests stand together; whoever is done takes over from the other.
    spread = ("-n", str(one.workers), "--dist", "worksteal") if one.workers > 1 else ()
    command = [str(PYTHON), "-m", "pytest", "-m", one.selects, *spread, *more]
    if sys.stdout.isatty():
        command.append("--color=yes")
    own = {key: value for key, value in os.environ.items() if key not in _OWN_SWITCHES}
    process = subprocess.Popen(
        command, env=own | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    last = "no summary"
    assert process.stdout is not None
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            found = SUMMARY_LINE.match(COLOURS.sub("", line).strip())
            last = found[1] if found else last
        return process.wait(), last
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


# What a machine may have set for the portal itself must not reach a pass that did not ask for it.
_OWN_SWITCHES = frozenset(
    {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "PORTAL_MODE", "DEBUG", "SECRET_KEY", "VAR_DIR"}
    | {"ALLOWED_HOSTS", "STORE_DIR", "AUDIT_ANCHOR_DIR", "AUDIT_KEY_FILE", "DEMO_ACCOUNTS"}
    | {"SECOND_FACTOR", "SESSION_IDLE_MINUTES", "SESSION_HOURS", "LOG_DIR", "LOG_FORMAT"}
)


def _not_asked(one: Pass) -> Outcome:
    return Outcome(one.name, "left out", "not asked for", failed=_in_ci())


# --- the table -----------------------------------------------------------------------------------


def report(outcomes: list[Outcome], *, ci: bool) -> str:
    lines = ["", f"{'pass':<10}{'state':<10}{'seconds':>8}  result", "-" * 72]
    for outcome in outcomes:
        lines.append(
            f"{outcome.name:<10}{outcome.state:<10}{outcome.seconds:>8.0f}  {outcome.detail}"
        )
    packages = [outcome.package for outcome in outcomes if outcome.package]
    if packages:
        lines += ["", f"To run all passes: apt-get install -y {' '.join(packages)}"]
    if ci and any(outcome.state == "left out" for outcome in outcomes):
        lines += ["", "CI=true: a pass that is left out counts as a failure."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
