"""The runs and files that faults befall, and what comes of them without any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grading import services
from grading.enums import RunKind
from grading.models import Run
from intake import services as files
from intake.models import Batch
from tests.factories.files import ROSTER, roster_line
from tests.factories.grading import COUNTY, OPERATOR, REFERENCE, TODAY, County, code
from tests.factories.intake import csv_file
from tests.faults.wholeness import taken_in


def open_run() -> Run:
    return services.open_run(
        by=OPERATOR, kind=RunKind.AD_HOC, reference_date=REFERENCE, on=TODAY, regions=[COUNTY]
    )


def is_computed(run: Run) -> Callable[[], bool]:
    return Run.objects.filter(pk=run.pk, state="computed").exists


def codes_of(turn: int) -> list[str]:
    return [code(100 * turn + number) for number in range(5)]


def received(county: County, turn: int) -> Batch:
    """A file of a turn's own enterprises: three new, one renamed, one as it was, a bad line."""
    codes = codes_of(turn)
    county.register([codes[3]], name="旧名有限公司")
    lines = [
        roster_line(1, 统一社会信用代码=one, 企业名称=f"虚构{place}号有限公司")
        for place, one in enumerate(codes)
    ]
    county.register([codes[4]], name="虚构4号有限公司", established_on=None)
    bad = roster_line(1, 统一社会信用代码="91130102", 企业名称="虚构有限公司")
    return files.receive(
        by=county.clerk,
        layout_key="roster",
        name="名录.csv",
        stream=csv_file([ROSTER, *lines, bad]),
    )


def confirm(county: County, batch: Batch) -> None:
    batch.refresh_from_db()
    files.confirm_batch(by=county.clerk, batch_id=batch.pk, key=batch.confirm_key)


def is_in(batch: Batch, state: str) -> Callable[[], bool]:
    return Batch.objects.filter(pk=batch.pk, state=state).exists


def merged_cleanly(county: County) -> dict[str, list[Any]]:
    batch = files.check_batch(received(county, 1).pk, pause=0)
    confirm(county, batch)
    return taken_in(files.merge_batch(batch.pk), codes_of(1))
