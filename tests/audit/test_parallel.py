"""Many writers at once: nothing lost, no gap, and nobody waits for a whole act."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from audit.acts import acting, note, stamp
from audit.models import Event
from audit.verify import verify
from tests.factories.audit import CLERK, keep_file

PROJECT = Path(__file__).parents[2]


def own_environment(folder, database_url):
    return os.environ | {
        "DATABASE_URL": database_url,
        "VAR_DIR": str(folder),
        "AUDIT_ANCHOR_DIR": str(folder / "anchor"),
        "AUDIT_KEY_FILE": str(folder / "audit.key"),
    }


def run(environment, *command):
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_twenty_writers_on_sqlite_lose_nothing(tmp_path):
    environment = own_environment(tmp_path, f"sqlite:///{tmp_path}/portal.sqlite3")
    run(environment, "manage.py", "migrate", "audit", "--verbosity", "0")
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.audit.writer", "10", "5"],
            cwd=PROJECT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    said = run(environment, "manage.py", "verify_audit", "--require-anchor")
    assert said == "已核对 200 个审计事件，审计链完整。\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_twenty_writers_on_postgresql_lose_nothing(beside):
    def write():
        return [keep_file(by=CLERK, number=number) for number in range(10)]

    for writer in [beside(write) for _ in range(20)]:
        writer.wait()
    assert list(Event.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, 201)
    )
    assert verify().checked == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_act_at_work_does_not_hold_up_another(beside):
    """The head is locked last: while one act is still working, others come and go."""
    at_work, finish = threading.Event(), threading.Event()

    def slow_act():
        with acting("tried.desk_cleared", by=CLERK):
            stamp()
            note(target=("tried.desk", 1))
            at_work.set()
            finish.wait(30)

    slow = beside(slow_act)
    assert at_work.wait(30)
    for number in range(3):
        keep_file(by=CLERK, number=number)
    assert Event.objects.count() == 3
    finish.set()
    slow.wait()
    assert Event.objects.order_by("-number").first().act == "tried.desk_cleared"
    assert verify().ok


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_process_killed_at_work_leaves_no_event_and_no_lock(beside):
    """Its connection gone, its transaction is undone; the chain goes on without a gap."""

    def act_cut_off():
        with acting("tried.desk_cleared", by=CLERK):
            note(target=("tried.desk", 1))
            stamp()
            connection.connection.close()

    with pytest.raises(Exception, match="closed"):
        beside(act_cut_off).wait()
    keep_file(by=CLERK)
    assert (Event.objects.count(), verify().checked) == (1, 1)
