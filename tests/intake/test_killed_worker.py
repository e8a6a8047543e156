"""Workers that really die, or are thought dead, on the test's own database."""

import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from audit.models import Event
from intake import services
from intake.enums import BatchState
from intake.models import Batch
from tests.factories.intake import CLERK, csv_file
from tests.workers import wait_until, worker_environment
from workdays.models import CalendarDay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("days")]
ROWS = [["日期", "类别", "节日"], *[[f"2031-01-{day:02d}", "休", "试"] for day in range(1, 8)]]


@pytest.fixture(autouse=True)
def silent(monkeypatch):
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *args, **options: None)


def received() -> Batch:
    return services.receive(by=CLERK, layout_key="test-days", name="x", stream=csv_file(ROWS))


def confirmed() -> Batch:
    batch = services.check_batch(received().pk, pause=0)
    return services.confirm_batch(by=CLERK, batch_id=batch.pk, key=batch.confirm_key)


def worker(task, batch, step, tmp_path) -> subprocess.Popen:
    environment = worker_environment(tmp_path) | {
        "DJANGO_SETTINGS_MODULE": "credit_portal.settings"
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.intake.killed_worker", task, str(batch.pk), step],
        cwd=settings.BASE_DIR,
        env=environment,
    )


def killed(task, batch, step, tmp_path) -> None:
    assert worker(task, batch, step, tmp_path).wait(30) == -signal.SIGKILL
    time.sleep(1.1)  # its lease of one second


def test_killed_while_checking_is_checked_again_from_the_beginning(tmp_path):
    batch = received()
    killed("check", batch, "second-slice", tmp_path)
    batch.refresh_from_db()
    assert (batch.state, batch.lines_done, batch.slices.count()) == (BatchState.CHECKING, 2, 1)
    assert services.sweep_batches() == 1
    batch = services.check_batch(batch.pk, pause=0)
    assert (batch.state, batch.added, batch.slices.count()) == (BatchState.CHECKED, 7, 1)


@pytest.mark.parametrize("step", ["before-write", "after-first-write", "before-commit"])
def test_killed_while_merging_leaves_nothing_and_is_merged_once(step, tmp_path):
    batch = confirmed()
    killed("merge", batch, step, tmp_path)
    assert not CalendarDay.objects.exists()
    assert Batch.objects.get().state == BatchState.MERGING
    batch = services.merge_batch(batch.pk)
    assert (batch.state, batch.token, CalendarDay.objects.count()) == (BatchState.MERGED, 3, 7)
    assert Event.objects.filter(act="intake.file_merged").count() == 1


def test_slow_merge_whose_lease_ran_out_is_left_alone(tmp_path):
    batch = confirmed()
    slow = worker("merge", batch, "slow", tmp_path)
    wait_until(lambda: Batch.objects.get().state == BatchState.MERGING)
    time.sleep(1.2)
    services.merge_batch(batch.pk)
    assert slow.wait(30) == 0
    assert Batch.objects.get().state == BatchState.MERGED
    assert CalendarDay.objects.count() == 7
    assert Event.objects.filter(act="intake.file_merged").count() == 1
