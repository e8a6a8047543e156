"""Two clerks take in files about the same records at once. Source: design ideas 3 and 7."""

import threading

import pytest
from django.db import connection

from intake import limits, services
from records.layouts import record as layout
from records.models import Record
from tests.factories.grading import County, code, load_reference
from tests.factories.intake import csv_file
from tests.factories.roster_files import counts

HEADINGS = [
    "企业名称",
    "统一社会信用代码",
    "名单名称",
    "列入文号",
    "列入机关",
    "列入日期",
    "移出日期",
]


@pytest.fixture
def county(monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_LINES", 1)
    load_reference()
    county = County.make()
    county.register([code(1), code(2)])
    for number in (1, 2):
        county.give(code(number), "abnormal_operation", "2025-03-04", number=f"{number}号")
    return county


def confirmed(county, *lines):
    """A file of the county's clerk that waits for a worker: number and removal of each line."""
    rows = [
        [f"虚构企业{code(number)[-9:]}", code(number), "经营异常名录", written, county.authority.name,
         "2025-03-04", removed]
        for number, written, removed in lines
    ]  # fmt: skip
    batch = services.receive(
        by=county.clerk, layout_key="listings", name="x.csv", stream=csv_file([HEADINGS, *rows])
    )
    batch = services.check_batch(batch.pk, pause=0)
    return services.confirm_batch(by=county.clerk, batch_id=batch.pk, key=batch.confirm_key)


def merged_side_by_side(monkeypatch, *batches):
    """Merge both in threads of their own; each has written its first slice before the second."""
    met = threading.Barrier(2)
    first = threading.local()
    write = layout.RecordLayout.write

    def write_and_meet(*args):
        write(*args)
        if not getattr(first, "done", False):
            first.done = True
            met.wait(20)

    monkeypatch.setattr(layout.RecordLayout, "write", write_and_meet)

    def work(batch):
        try:
            services.merge_batch(batch.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [services.check_batch(batch.pk, pause=0) for batch in batches]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_corrections_in_opposite_order_end_in_one_merged_and_one_shown_again(county, monkeypatch):
    one = confirmed(county, (1, "1号", "2025-04-01"), (2, "2号", "2025-04-01"))
    other = confirmed(county, (2, "2号", "2025-05-01"), (1, "1号", "2025-05-01"), (1, "9号", ""))
    states = {batch.state for batch in merged_side_by_side(monkeypatch, one, other)}
    assert states == {"merged", "checked"}
    assert (
        len(set(Record.objects.live().filter(number__in=("1号", "2号")).values_list("ended_on")))
        == 1
    )


@pytest.mark.django_db
def test_file_overtaken_while_it_is_written_begins_anew(county, monkeypatch):
    batch = confirmed(county, (1, "1号", "2025-04-01"), (1, "9号", ""))
    lock = layout.lock_records

    def corrected_just_now(keys):
        keys = list(keys)
        monkeypatch.setattr(layout, "lock_records", lock)
        Record.objects.filter(pk__in=keys).update(
            retracted_at="2026-03-02T00:00Z", retract_reason="误录"
        )
        lock(keys)

    monkeypatch.setattr(layout, "lock_records", corrected_just_now)
    batch = services.merge_batch(batch.pk)
    assert (batch.state, *counts(batch)) == ("merged", 1, 1, 0, 0)
