"""The message about a run is lost and the run is not: design idea 5, with a real worker."""

import contextlib
from pathlib import Path

import pytest
import redis
from django.conf import settings

from grading import services
from grading.enums import RunKind
from grading.models import Rating, Run
from tests.factories.grading import COUNTY, OPERATOR, REFERENCE, TODAY, County, code, load_reference
from tests.workers import wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county() -> County:
    load_reference()
    made = County.make()
    made.register([code(number) for number in range(1, 4)])
    made.give(code(1), "penalty_other", "2025-05-05")
    return made


def open_run() -> Run:
    """Announced to a broker that no worker of the test looks into."""
    return services.open_run(
        by=OPERATOR, kind=RunKind.ANNUAL, reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )


def computed(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).state == "computed"


def grades(run: Run) -> list[str]:
    ratings = Rating.objects.filter(part__run=run).order_by("enterprise_id")
    return list(ratings.values_list("grade", flat=True))


def test_a_worker_takes_up_a_run_it_was_never_told_of(county, tmp_path: Path):
    """On the broker of folders, which is empty: the announcement went elsewhere."""
    run = open_run()
    with worker(tmp_path, REDIS_URL="", BROKER_URL=""):
        wait_until(lambda: computed(run))
    assert grades(run) == ["B", "A", "A"]


@pytest.mark.redis
def test_a_worker_takes_up_a_run_after_redis_was_emptied(county, tmp_path: Path):
    with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL)) as broker:
        run = open_run()
        assert broker.llen("portal:celery") == 1
        broker.flushdb()
        with worker(tmp_path):
            wait_until(lambda: computed(run))
    assert grades(run) == ["B", "A", "A"]


def test_a_worker_goes_on_with_a_run_that_another_left_sliced(county, tmp_path: Path):
    run = open_run()
    services.engine.slice_run(run.pk)
    with worker(tmp_path, REDIS_URL="", BROKER_URL=""):
        wait_until(lambda: computed(run))
    assert grades(run) == ["B", "A", "A"]
