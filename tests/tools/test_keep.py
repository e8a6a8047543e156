import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keep
import pytest

from tests.architecture import ROOT
from tests.workers import wait_until

CHATTY = (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)")
"""A child that says who it is and would stay for a minute."""

Start = Callable[..., subprocess.Popen]


@pytest.fixture
def start() -> Iterator[Start]:
    """keep.py with an owner and a command; nothing of it is left after the test."""
    started: list[subprocess.Popen] = []

    def starting(owner: int, *command: str) -> subprocess.Popen:
        keeper = [sys.executable, str(ROOT / "tools" / "keep.py"), str(owner)]
        started.append(subprocess.Popen([*keeper, *command], stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield starting
    for process in started:
        process.terminate()
        process.communicate()


def test_keep_hands_on_the_exit_code(start: Start) -> None:
    kept = start(os.getpid(), sys.executable, "-c", "raise SystemExit(7)")

    assert kept.wait(20) == 7


def test_keep_starts_again_what_ended_by_itself(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log"

    start(os.getpid(), "--again", "sh", "-c", f"echo started >> {log}; exit 1")

    wait_until(lambda: log.exists() and log.read_text().count("started") >= 2)


def test_keep_ends_with_its_owner(start: Start) -> None:
    with subprocess.Popen(["sleep", "60"]) as owner:
        kept = start(owner.pid, "--again", *CHATTY)
        child = int(kept.stdout.readline())
        owner.kill()

    assert kept.wait(20) == 0
    assert not keep._is_alive(child)


def test_a_signal_ends_keep_and_child(start: Start) -> None:
    kept = start(os.getpid(), "--again", *CHATTY)
    child = int(kept.stdout.readline())

    kept.terminate()

    assert kept.wait(20) == 0
    assert not keep._is_alive(child)


def test_a_child_that_does_not_hear_it_at_first_is_told_again(start: Start) -> None:
    deaf = "trap '' TERM; echo deaf; sleep 2; trap - TERM; exec sleep 60"
    kept = start(os.getpid(), "--again", "sh", "-c", deaf)
    kept.stdout.readline()

    kept.terminate()

    assert kept.wait(10) == 0
