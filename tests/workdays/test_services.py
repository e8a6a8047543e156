import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command

from audit.acts import Account
from audit.models import Event
from audit.refusal import explain
from tests.beside import at_once
from tests.factories.workdays import published_calendar, table_rows
from workdays.enums import Unit
from workdays.files import read_calendar
from workdays.models import CalendarDay, CalendarYear, Limit
from workdays.queries import LimitGap, deadline, limit, loaded_calendar, missing_years
from workdays.rules import CalendarGap
from workdays.services import (
    LimitExists,
    YearIncomplete,
    load_calendar,
    load_reference,
    load_year,
    set_limit,
)

pytestmark = pytest.mark.django_db

CLERK = Account("wang", "石家庄市行政审批局", "1301")
FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


def table_2031(*extra: str) -> bytes:
    rows = [f"2031-{month:02}-01,休,{name}" for month, name in enumerate(FESTIVALS, start=1)]
    return "\n".join(["date,kind,festival", *rows, *extra]).encode()


@pytest.fixture
def reference():
    load_reference()


def test_load_reference_loads_all_years_and_limits(reference):
    assert loaded_calendar() == published_calendar()
    assert CalendarDay.objects.count() == len(table_rows())
    assert Limit.objects.count() == 21


def test_load_reference_again_adds_nothing_and_is_no_act():
    assert load_reference() == {"years": 5, "limits": 21}
    assert load_reference() == {"years": 0, "limits": 0}
    event = Event.objects.get()
    assert (event.act, event.actor) == ("workdays.reference_loaded", "system")
    assert event.targets.count() == 26


def test_load_reference_leaves_what_officers_have_set(reference):
    set_limit(
        by=CLERK,
        code="objection.accept",
        name="异议：决定是否受理",
        days=5,
        unit=Unit.WORKDAYS,
        source="某文件",
        since=dt.date(2026, 7, 1),
    )
    CalendarDay.objects.filter(date="2026-01-01").update(festival="改过")
    assert load_reference() == {"years": 0, "limits": 0}
    assert CalendarDay.objects.get(date="2026-01-01").festival == "改过"
    assert limit("objection.accept", on=dt.date(2026, 7, 1)).days == 5


def test_load_calendar_without_a_file_takes_the_one_that_comes_with_the_portal():
    assert load_calendar(by=CLERK) == [2022, 2023, 2024, 2025, 2026]
    assert load_calendar(by=CLERK) == []


def test_load_calendar_adds_a_year_and_says_who_and_from_what(reference):
    assert load_calendar(by=CLERK, content=table_2031(), source="国办发明电〔2030〕7号") == [2031]
    year = CalendarYear.objects.get(pk=2031)
    assert (year.source, year.loaded_by) == ("国办发明电〔2030〕7号", "wang")
    event = Event.objects.for_target(year).get()
    assert (event.act, event.at) == ("workdays.calendar_loaded", year.loaded_at)
    assert event.details["notes"][0]["added"]["count"] == 7
    assert event.sentence == (
        "wang（石家庄市行政审批局）载入节假日表：2031；其中包括：载入年度放假调休安排；新增7行"
    )


def test_load_calendar_replaces_the_year_and_notes_both_tables(reference):
    load_calendar(by=CLERK, content=table_2031())
    load_calendar(by=CLERK, content=table_2031("2031-01-04,班,元旦"))
    assert CalendarDay.objects.filter(date__year=2031).count() == 8
    (note,) = Event.objects.order_by("-number").first().details["notes"]
    assert (note["added"]["count"], note["retracted"]["count"]) == (8, 7)
    assert CalendarYear.objects.count() == 6


def test_load_year_with_a_festival_missing_is_refused_and_changes_nothing(reference):
    days = [one for one in read_calendar(table_2031()) if one.festival != "端午节"]
    with pytest.raises(YearIncomplete) as refused:
        load_year(by=CLERK, year=2031, days=days, source="通知")
    assert explain(refused.value) == (
        "2031年的放假调休安排不完整，缺少：端午节。请补齐后重新载入。"
    )
    assert not CalendarYear.objects.filter(pk=2031).exists()


def test_load_calendar_with_one_bad_year_loads_none():
    half = "\n2032-01-01,休,元旦"
    with pytest.raises(YearIncomplete):
        load_calendar(by=CLERK, content=table_2031() + half.encode())
    assert (CalendarYear.objects.count(), Event.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (dt.date(2021, 10, 1), [2021]),
        (dt.date(2021, 12, 31), [2021]),
        (dt.date(2022, 1, 1), []),
        (dt.date(2025, 12, 31), []),
        (dt.date(2026, 11, 1), []),
        (dt.date(2026, 11, 2), [2027]),
        (dt.date(2026, 12, 31), [2027]),
        (dt.date(2027, 1, 1), [2027]),
        (dt.date(2027, 11, 30), [2027, 2028]),
    ],
)
def test_missing_years_asks_for_this_year_and_in_time_for_the_next(reference, today, expected):
    assert missing_years(today) == expected


def test_set_limit_ends_the_one_before_and_keeps_it_for_earlier_days(reference):
    start = dt.date(2026, 7, 1)
    set_limit(
        by=CLERK,
        code="matter.report",
        name="监管事项清单调整后报送牵头部门",
        days=5,
        unit=Unit.WORKDAYS,
        source="某文件",
        since=start,
    )
    assert limit("matter.report", on=start - dt.timedelta(days=1)).days == 10
    assert limit("matter.report", on=start).days == 5
    event = Event.objects.order_by("-number").first()
    assert event.details["notes"][0]["values"]["before"] == {"days": 10, "unit": "workdays"}


@pytest.mark.parametrize("since", [None, dt.date(2022, 4, 21), dt.date(2020, 1, 1)])
def test_set_limit_that_does_not_begin_later_is_refused(reference, since):
    with pytest.raises(LimitExists):
        set_limit(
            by=CLERK,
            code="matter.report",
            name="报送",
            days=5,
            unit=Unit.WORKDAYS,
            source="某文件",
            since=since,
        )
    assert limit("matter.report", on=dt.date(2026, 7, 1)).days == 10


@pytest.mark.parametrize(
    ("code", "start", "expected"),
    [
        (
            "matter.report",
            "2026-02-13",
            "2026-03-05",
        ),  # R18 over the Spring Festival: 14, 24–28 February, 2–5 March
        ("objection.mark", "2026-02-14", "2026-02-14"),
        ("review.file", "2026-12-25", "2027-01-09"),
    ],
)
def test_deadline_follows_the_limit_in_force(reference, code, start, expected):
    assert deadline(code, start=dt.date.fromisoformat(start)) == dt.date.fromisoformat(expected)


def test_deadline_in_a_year_not_loaded_asks_for_it(reference):
    with pytest.raises(CalendarGap) as gap:
        deadline("matter.report", start=dt.date(2026, 12, 25))
    assert explain(gap.value).startswith("尚未载入2027年的节假日安排")


@pytest.mark.parametrize(
    ("code", "on"),
    [("tried.unknown", dt.date(2026, 1, 1)), ("matter.report", dt.date(2022, 4, 20))],
)
def test_limit_not_in_force_is_a_gap(reference, code, on):
    with pytest.raises(LimitGap) as gap:
        limit(code, on=on)
    assert str(on) in explain(gap.value)


def test_calendar_is_read_in_two_queries(reference, django_assert_num_queries):
    with django_assert_num_queries(2):
        loaded_calendar()


def test_command_loads_a_file(tmp_path):
    file, out = tmp_path / "2031.csv", io.StringIO()
    file.write_bytes(table_2031())
    call_command("load_calendar", str(file), source="通知", json=True, stdout=out)
    assert json.loads(out.getvalue()) == {"years": [2031]}
    assert Event.objects.get().actor.startswith("os:")


def test_command_refuses_a_bad_file_and_leaves_a_refusal(tmp_path):
    file = tmp_path / "2031.csv"
    file.write_text("date,kind,festival\n2031-01-01,假,元旦\n", encoding="utf-8")
    with pytest.raises(CommandError, match="第2行") as refused:
        call_command("load_calendar", str(file), source="通知")
    assert refused.value.returncode == 1
    assert Event.objects.refused().get().act == "workdays.calendar_loaded"


@pytest.mark.parametrize("arguments", [{"by": "nobody"}, {}])
def test_command_used_wrongly_ends_with_2(tmp_path, arguments):
    with pytest.raises(CommandError) as wrong:
        call_command("load_calendar", str(tmp_path / "absent.csv"), source="通知", **arguments)
    assert wrong.value.returncode == 2


# --- the same at the same moment --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_year_is_loaded_twice_at_once(beside):
    def load():
        return load_calendar(by=CLERK, content=table_2031())

    assert at_once(beside, load).wait() == [2031]
    assert CalendarDay.objects.filter(date__year=2031).count() == 7
    (note,) = Event.objects.order_by("-number").first().details["notes"]
    assert (note["added"]["count"], note["retracted"]["count"]) == (7, 7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
@pytest.mark.parametrize("code", ["objection.accept", "something.new"])
def test_a_limit_is_set_twice_at_once(beside, code):
    load_reference()
    given = {"name": "时限", "days": 5, "unit": Unit.WORKDAYS, "source": "某文件"}

    second = at_once(
        beside, lambda: set_limit(by=CLERK, code=code, since=dt.date(2026, 7, 1), **given)
    )

    with pytest.raises(LimitExists):
        second.wait()
    assert Limit.objects.filter(code=code, until=None).count() == 1
