import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake.enums import BatchState
from intake.models import Batch, BatchLine
from intake.rows import copy_rows, update_rows
from workdays.models import CalendarDay

pytestmark = pytest.mark.django_db


def test_copy_rows_writes_a_generator_and_counts():
    rows = ((dt.date(2030, 1, 1) + dt.timedelta(days=n), "休", f"日{n}") for n in range(12_000))
    assert copy_rows(CalendarDay, ("date", "kind", "festival"), rows) == 12_000
    assert CalendarDay.objects.filter(date__year__gte=2030).count() == 12_000
    assert CalendarDay.objects.get(date=dt.date(2030, 1, 3)).festival == "日2"


def test_copy_rows_gives_left_out_fields_their_default_and_reads_back_the_same():
    now = timezone.now()
    copy_rows(
        Batch,
        ("layout", "name", "state", "uploader", "received_at", "size_bytes", "sha256", "copy_sha256",
         "headings", "notes"),
        [("x", "文件\t\\N\n.csv", BatchState.RECEIVED, "zhang", now, 7, "a" * 64, "b" * 64,
          {"titles": ["名\t称", None]}, [])],
    )  # fmt: skip
    batch = Batch.objects.get()
    assert (batch.name, batch.received_at, batch.headings, batch.lines, batch.checked_at) == (
        "文件\t\\N\n.csv", now, {"titles": ["名\t称", None]}, 0, None,
    )  # fmt: skip
    assert batch.state == "received"
    copy_rows(
        BatchLine, ("batch_id", "number", "fate", "problems"), [(batch.pk, 2, "refused", [["a"]])]
    )
    assert BatchLine.objects.get(batch=batch).problems == [["a"]]


def test_copy_rows_names_an_unknown_column():
    with pytest.raises(ValueError, match="nonsense"):
        copy_rows(CalendarDay, ("nonsense",), [])


def test_copy_rows_lets_constraints_speak():
    day = dt.date(2030, 1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(CalendarDay, ("date", "kind", "festival"), [(day, "休", ""), (day, "休", "")])
    assert not CalendarDay.objects.filter(date=day).exists()


@pytest.mark.parametrize("count", [3, 6_000])
def test_update_rows_changes_many_in_one_statement(count, django_assert_num_queries):
    days = [dt.date(2030, 1, 1) + dt.timedelta(days=n) for n in range(count)]
    copy_rows(CalendarDay, ("date", "kind", "festival"), [(day, "休", "旧") for day in days])
    writes = -(-count // 5_000) if connection.vendor == "sqlite" else 1
    with transaction.atomic(), django_assert_num_queries(3 + writes):
        rows = ((day, f"{day:%d}日", "班") for day in days[1:])
        assert update_rows(CalendarDay, "date", ("festival", "kind"), rows) == count - 1
    assert CalendarDay.objects.filter(festival="旧", kind="休").count() == 1
    changed = CalendarDay.objects.get(date=dt.date(2030, 1, 3))
    assert (changed.festival, changed.kind) == ("03日", "班")


def test_update_rows_raises_the_counter_of_whom_it_finds():
    now = timezone.now()
    batch = Batch.objects.create(
        layout="x", name="甲", uploader="zhang", received_at=now, size_bytes=1, sha256="",
        copy_sha256="", headings={},
    )  # fmt: skip
    rows = [(batch.pk, "乙", {"titles": ["名"]}), (batch.pk + 1, "丙", {})]
    with transaction.atomic():
        assert update_rows(Batch, "id", ("name", "headings"), rows, counter="token") == 1
    batch.refresh_from_db()
    assert (batch.name, batch.headings, batch.token) == ("乙", {"titles": ["名"]}, 1)


def test_one_of_takes_thousands_of_values(django_assert_num_queries):
    names = [f"文件{n}'" for n in range(3)]
    now = timezone.now()
    for name in names:
        Batch.objects.create(
            layout="x", name=name, uploader="zhang", received_at=now, size_bytes=1, sha256="",
            copy_sha256="", headings={},
        )  # fmt: skip
    wanted = [*names[:2], *(f"{n}" for n in range(50_000))]
    with django_assert_num_queries(1):
        found = Batch.objects.filter(name__one_of=wanted).order_by("pk")
        assert [batch.name for batch in found] == names[:2]
    assert not Batch.objects.filter(name__one_of=[]).exists()


def test_one_of_looks_through_a_foreign_key():
    from roster.models import Agency, Region

    region = Region.objects.create(code="130000", name="河北省", level="province", kind="省")
    agency = Agency.objects.create(code="a", name="甲", region=region, kind="lead")
    assert list(Agency.objects.filter(region__one_of=["130000", "1"])) == [agency]
    assert not Agency.objects.filter(region__one_of=["1"]).exists()
