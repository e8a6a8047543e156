"""A file handed in while no worker runs and no message arrives is finished by the sweep."""

from pathlib import Path

import pytest

from intake.enums import BatchState
from intake.models import Batch
from roster.models import Enterprise
from tests.factories.files import ROSTER, confirm, counts, page, roster_line, sent
from tests.factories.roster import Hebei, code, signed_in
from tests.workers import wait_until, worker

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
    pytest.mark.usefixtures("store_dir"),
]


def test_file_without_a_worker_is_finished_by_the_sweep(hebei: Hebei, tmp_path: Path):
    clerk = signed_in(hebei.county)
    batch = sent(clerk, "roster", [ROSTER, roster_line(21)])  # announced to nobody

    def state() -> str:
        return Batch.objects.values_list("state", flat=True).get(pk=batch.pk)

    assert state() == BatchState.RECEIVED
    assert "后台程序没有报告" in clerk.get(page("change", batch)).content.decode()
    with worker(tmp_path):
        wait_until(lambda: state() == BatchState.CHECKED)
        batch.refresh_from_db()
        confirm(clerk, batch)
        wait_until(lambda: state() == BatchState.MERGED)

    batch.refresh_from_db()
    assert counts(batch) == (1, 0, 0, 0)
    assert Enterprise.objects.filter(pk=code(21)).exists()
