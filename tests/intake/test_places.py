"""Places to read files in: no more at one time than the machine has."""

import os
import subprocess
import sys
from contextlib import ExitStack, suppress

import pytest

from audit.refusal import Refused
from intake import limits
from intake.parsing import open_tables
from intake.places import place

SMALL, LARGE = limits.SMALL_FILE_BYTES, limits.SMALL_FILE_BYTES + 1
HOLDER = """
import sys, django
django.setup()
from intake.places import place
with place(0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def two_places(settings, monkeypatch, tmp_path):
    """Two places, for which nobody waits."""
    settings.VAR_DIR = tmp_path
    settings.IN_WEB_PROCESS = True
    monkeypatch.setattr(limits, "READERS", 2)
    monkeypatch.setattr(limits, "READER_WAIT_SECONDS", 0)


def free(size: int = SMALL) -> int:
    """How many places are free for a file of so many bytes."""
    number = 0
    with ExitStack() as held, suppress(Refused):
        while number < 10:
            held.enter_context(place(size))
            number += 1
    return number


def test_file_without_a_place_is_refused():
    with place(SMALL), place(SMALL), pytest.raises(Refused) as caught, place(SMALL):
        pass
    assert caught.value.code == "intake.reading_busy"


def test_more_files_than_places_are_refused():
    with place(SMALL):
        assert free() == 1
    assert free() == 2


def test_large_files_leave_the_last_place_to_small_ones(monkeypatch):
    assert free(LARGE) == 1
    with place(LARGE):
        assert (free(LARGE), free(SMALL)) == (0, 1)
    monkeypatch.setattr(limits, "READERS", 1)
    assert free(LARGE) == 1


def test_file_being_read_has_a_place_until_it_is_read(tmp_path):
    file = tmp_path / "file"
    file.write_text("a,b\n1,2\n")
    with file.open("rb") as stream:
        with open_tables(stream) as tables:
            assert free() == 1
            list(tables.rows(","))
        assert free() == 2


@pytest.mark.parametrize("fault", [Refused("intake.empty_file"), KeyError()])
def test_place_is_free_again_after_a_fault(fault):
    with pytest.raises(type(fault)), place(SMALL):
        raise fault
    assert free() == 2


def test_killed_process_lets_go_of_its_place(settings):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "credit_portal.settings", "VAR_DIR": str(settings.VAR_DIR)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        assert free() == 1
        holder.kill()
    assert free() == 2


def test_child_that_outlives_its_process_keeps_the_place():
    with place(SMALL) as lock:
        child = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    with child:
        assert free() == 1
        child.kill()
    assert free() == 2


@pytest.mark.parametrize(
    ("web", "limit"), [(True, "READER_WAIT_SECONDS"), (False, "CHILD_SECONDS")]
)
def test_file_waits_for_a_place(web, limit, settings, monkeypatch, beside):
    settings.IN_WEB_PROCESS = web
    with place(SMALL), place(SMALL):
        monkeypatch.setattr(limits, limit, 30)
        waiting = beside(free)
        assert not waiting.ended_within(0.3)
        monkeypatch.setattr(limits, limit, 0)
    assert waiting.wait() == 2
