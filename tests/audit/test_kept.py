"""Rows of the kept tables and the sums that events carry of them."""

import ast
import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import connection

from audit import recount, triggers
from audit.acts import acting, stamp
from audit.current import NoOpenAct
from audit.found import Found
from audit.kept import RetractedAlready, add_row, instants, kept_of, retract, tables, text_of
from audit.models import Event
from audit.refusal import Refused
from audit.rules.rowsum import RowSum
from intake.rows import copy_rows
from records.enums import MarkKind
from records.models import Mark
from tests.architecture import sources
from tests.factories.audit import CLERK


def mark(number: int = 1, **values: object) -> Mark:
    at = stamp()
    given = {"record_id": number, "kind": "disputed", "since": dt.date(2026, 3, 2), "reason": "申请",
             "recorded_by": "wang", "first_known_at": at, "recorded_at": at}  # fmt: skip
    return Mark(**{**given, **values})


def write(*numbers: int) -> None:
    with acting("tried.marked", by=CLERK):
        for number in numbers:
            add_row(mark(number))


def test_every_column_of_a_kept_table_is_summed_or_says_when():
    assert [model._meta.label for model in tables()] == [
        "grading.Correction", "intake.StoredFile", "notices.Letter", "notices.Notice",
        "notices.Reading", "notices.Rendering", "objections.CaseStep", "records.Mark",
        "records.PublicationRound", "records.Record", "records.TakenDown", "roster.Registration", "roster.RosterEntry",
    ]  # fmt: skip
    for model in tables():
        kept = kept_of(model)
        named = [*kept.columns, *kept.retraction, *instants(model).values(), "id"]
        assert sorted(named) == sorted(field.attname for field in model._meta.concrete_fields)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (3, Decimal("3.000000")),
        (Decimal("0.50"), Decimal("0.500000")),
        (Decimal("1E+2"), Decimal("100.000000")),
        (MarkKind.DISPUTED, "disputed"),
        (dt.datetime(2026, 3, 2, 8, tzinfo=dt.timezone(dt.timedelta(hours=8))),
         dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),
    ],
)  # fmt: skip
def test_a_value_on_its_way_in_reads_like_the_one_read_back(given, read):
    assert text_of([given]) == text_of([read])


def test_a_column_added_later_leaves_the_texts_as_they_were():
    """Empty values at the end are no part of the text; nought is not empty."""
    assert text_of([7, "disputed", None, "", False]) == text_of([7, "disputed"]) == "7\0disputed"
    assert text_of([7, "", Decimal("0.000000")]) == "7\0\x000"


def test_nothing_is_moved_from_one_column_to_the_next():
    """SQLite takes NUL in a text."""
    given = [
        ["a\0b", "", "c"],
        ["a", "b", "c"],
        ["a", "b\0c", ""],
        ["a\0b\0c", "", ""],
        ["a\0b", "c"],
    ]
    assert len({text_of(values) for values in given}) == len(given)


WRITES = {"save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}


def around_the_sums(source: str) -> Iterator[str]:
    """Calls that would write a kept row without counting it."""
    kept = {model.__name__ for model in tables()}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        manager = ast.unparse(node.func.value).split("(")[0].split(".")[0]
        retracts = any(keyword.arg == "retracted_at" for keyword in node.keywords)
        if (node.func.attr == "update" and retracts) or (
            node.func.attr in WRITES and manager in kept
        ):
            yield ast.unparse(node)[:80]


def test_kept_rows_are_written_where_they_are_counted():
    found = {
        (module, call)
        for module, source, _package in sources()
        if module != "audit.kept"
        for call in around_the_sums(source)
    }
    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        "Mark.objects.live().filter(record=1).update(retracted_at=now)",
        "Record.objects.create(number='1')",
        "Record(number='1').save()",
        "RosterEntry.objects.bulk_create([])",
    ],
)
def test_a_row_written_around_the_sums_is_seen(source):
    assert len(list(around_the_sums(source))) == 1


def test_sums_do_not_depend_on_order_and_add_up():
    assert RowSum.of(["a", "b", "c"]) == RowSum.of(["c"]) + RowSum.of(["b", "a"])
    assert RowSum.of(["a", "a"]) != RowSum.of(["a"])
    assert RowSum.of(["a", "b"]) != RowSum.of(["a", "c"])
    assert RowSum.read(RowSum.of(["a"]).stored) == RowSum.of(["a"])


@pytest.mark.django_db
def test_the_event_carries_count_and_sum_of_what_its_act_wrote():
    with acting("tried.marked", by=CLERK):
        for number in (1, 2):
            add_row(mark(number))
        retract([Mark.objects.get(record=1)], at=stamp(), retracted_by="wang")
    rows = Event.objects.get().details["rows"]["records.mark"]
    assert {what: rows[what]["count"] for what in rows} == {"added": 2, "retracted": 1}
    assert recount.recount() == Found(True, 3)


@pytest.mark.django_db
def test_an_act_that_wrote_no_row_says_so():
    with acting("tried.desk_cleared", by=CLERK):
        pass
    assert Event.objects.get().details["rows"] == {}


@pytest.mark.django_db
def test_rows_that_a_savepoint_took_back_are_not_counted():
    with acting("tried.marked", by=CLERK):
        add_row(mark(1))
        with suppress(Refused), acting("tried.inner", by=CLERK):
            add_row(mark(2))
            raise Refused("tried.file_closed", number=1)
    assert recount.recount() == Found(True, 1)


@pytest.mark.django_db
def test_many_rows_are_counted_as_they_are_copied(monkeypatch):
    monkeypatch.setattr("audit.kept.AT_ONCE", 2)
    names = ("record_id", "kind", "since", "reason", "recorded_by", "first_known_at", "recorded_at")
    with acting("tried.marked", by=CLERK):
        rows = [[getattr(mark(number), name) for name in names] for number in range(5)]
        copy_rows(Mark, names, rows)
    assert recount.recount() == Found(True, 5)


@pytest.mark.django_db
def test_a_row_outside_an_act_is_refused():
    with pytest.raises(NoOpenAct):
        add_row(Mark(record_id=1, kind="disputed", since=dt.date(2026, 3, 2), reason="申请",
                     recorded_by="wang", first_known_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
                     recorded_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC)))  # fmt: skip


@pytest.mark.django_db
def test_a_row_is_retracted_once():
    write(1)
    row = Mark.objects.get()
    for expected in (None, RetractedAlready):
        with acting("tried.unmarked", by=CLERK):
            if expected is None:
                retract([row], at=stamp(), retracted_by="wang")
            else:
                with pytest.raises(expected):
                    retract([row], at=stamp(), retracted_by="wang")
    assert recount.recount() == Found(True, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 5_000])
def test_rows_of_many_acts_are_read_by_the_page(monkeypatch, size):
    monkeypatch.setattr(recount, "PAGE", size)
    monkeypatch.setattr(recount, "INSTANTS_AT_ONCE", 2)
    for numbers in ((1, 2, 3), (4,), (5, 6)):
        write(*numbers)
    assert recount.recount() == Found(True, 6)
    Mark.objects.filter(record=5).update(reason="别的")
    (event,) = Event.objects.order_by("-number")[:1]
    assert recount.recount().first_bad == (
        f"标注 records.mark（登记）：与第{event.number}号审计事件所记的合计不符。"
    )


@pytest.mark.django_db
def test_acts_at_one_instant_add_up(monkeypatch):
    """A clock set back behind the last cut gives every act the same instant."""
    at = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
    monkeypatch.setattr("audit.clock._locked_clock", lambda: (at, None))
    monkeypatch.setattr(recount, "PAGE", 1)
    for numbers in ((1, 2), (3,)):
        write(*numbers)
    assert set(Event.objects.values_list("at", flat=True)) == {at}
    assert recount.recount() == Found(True, 3)
    Mark.objects.filter(record=3).delete()
    assert recount.recount().first_bad == (
        "标注 records.mark（登记）：与第1、2号审计事件所记的合计不符。"
    )


@pytest.mark.django_db
def test_rows_of_acts_from_before_there_were_sums_are_passed_over():
    write(1)
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET details = '{}'")
    write(2)
    assert recount.recount() == Found(True, 2)
    Mark.objects.filter(record=1).update(reason="别的")
    assert recount.recount().ok
    Mark.objects.filter(record=2).update(reason="别的")
    assert not recount.recount().ok


@pytest.mark.django_db
def test_a_row_at_the_instant_of_a_refusal_is_found():
    """A refusal wrote nothing: its instant lends itself to no row."""
    write(1)
    row = Mark.objects.get()
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET outcome = 'refused'")
    assert recount.recount().first_bad.startswith(
        f"标注 records.mark {row.pk}（登记）：审计链中没有在"
    )
