"""Two of everything at the same moment."""

from __future__ import annotations

import time

from django.utils import timezone

from credit_portal.models import WorkerPulse
from grading import services
from grading.models import Run, RunSchedule
from intake import services as files
from intake.enums import BatchState
from intake.models import Batch
from tests.faults.cases import codes_of, confirm, is_in, merged_cleanly, open_run, received
from tests.faults.nursery import LEASE_SECONDS
from tests.faults.wholeness import taken_in, wrong_with_run
from tests.workers import wait_until


def test_two_workers_that_start_together_open_a_due_run_once(county, nursery):
    clean = services.work(open_run().pk)
    RunSchedule.objects.create(kind="annual", month=12, day=31, since="2020-01-01")
    WorkerPulse.objects.all().delete()
    began = timezone.now()
    nursery.worker()
    nursery.worker()
    wait_until(Run.objects.filter(kind="annual", state="computed").exists)
    wait_until(lambda: WorkerPulse.objects.filter(through_at__gt=began).count() == 2)
    run = Run.objects.get(kind="annual")
    assert wrong_with_run(run, digest=clean.digest) == []


def test_two_workers_that_sweep_together_take_a_file_in_once(county, nursery):
    clean = merged_cleanly(county)
    batch = files.check_batch(received(county, 2).pk, pause=0)
    confirm(county, batch)
    nursery.worker()
    nursery.worker()
    wait_until(is_in(batch, BatchState.MERGED))
    assert taken_in(Batch.objects.get(pk=batch.pk), codes_of(2)) == clean


def test_merge_that_outlives_its_lease_is_left_alone(county, nursery):
    clean = merged_cleanly(county)
    batch = files.check_batch(received(county, 2).pk, pause=0)
    confirm(county, batch)
    slow = nursery.worker(step="after the first write", how="held")
    wait_until(slow.has_reached_its_step)
    nursery.worker()
    time.sleep(3 * LEASE_SECONDS)
    slow.let_go()
    wait_until(is_in(batch, BatchState.MERGED))
    assert taken_in(Batch.objects.get(pk=batch.pk), codes_of(2)) == clean
