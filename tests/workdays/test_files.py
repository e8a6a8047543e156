import datetime as dt

import pytest

from audit.refusal import explain
from tests.factories.workdays import table_rows
from workdays.enums import DayKind, Unit
from workdays.files import CALENDAR_FILE, CalendarLineRefused, read_calendar, read_limits

HEAD = "date,kind,festival\n"


def test_fixture_is_read_whole():
    days = read_calendar(CALENDAR_FILE.read_bytes())
    read = [{"date": str(one.date), "kind": one.kind, "festival": one.festival} for one in days]
    assert read == table_rows()


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}2031-01-01,休,元旦\n",
        f"\ufeff{HEAD}2031-01-01,休,元旦",
        "date, kind, festival\r\n 2031-01-01 , 休 , 元旦 \r\n\r\n",
    ],
    ids=["plain", "byte order mark", "blanks and blank lines"],
)
def test_harmless_differences_do_not_matter(content):
    (day,) = read_calendar(content.encode())
    assert (day.date, day.kind, day.festival) == (dt.date(2031, 1, 1), DayKind.OFF, "元旦")


@pytest.mark.parametrize(
    ("content", "line", "value", "problem"),
    [
        ("", 1, "", "首行"),
        ("日期,类别,节日\n", 1, "日期,类别,节日", "首行"),
        (HEAD, 2, "", "没有日期"),
        (f"{HEAD}2031-01-01,休\n", 2, "2031-01-01,休", "首行"),
        (f"{HEAD}2031/1/1,休,元旦\n", 2, "2031/1/1", "2026-01-01"),
        (f"{HEAD}2031-02-30,休,元旦\n", 2, "2031-02-30", "2026-01-01"),
        (f"{HEAD}2031-01-01,假,元旦\n", 2, "假", "“休”或“班”"),
        (f"{HEAD}2031-01-01,休,\n", 2, "2031-01-01", "节日名称"),
        (f"{HEAD}2031-01-01,班,元旦\n", 2, "2031-01-01", "周六或周日"),
        (f"{HEAD}2031-01-01,休,元旦\n2031-01-01,休,元旦\n", 3, "2031-01-01", "两次"),
    ],
)
def test_bad_line_is_named_with_its_value(content, line, value, problem):
    with pytest.raises(CalendarLineRefused) as refused:
        read_calendar(content.encode())
    assert (refused.value.values["line"], refused.value.values["value"]) == (line, value)
    assert problem in explain(refused.value)


def test_file_that_is_not_utf8_is_refused_with_its_line():
    with pytest.raises(CalendarLineRefused) as refused:
        read_calendar(HEAD.encode() + "2031-01-01,休,元旦".encode("gb18030"))
    assert refused.value.values["line"] == 2
    assert "UTF-8" in explain(refused.value)


def test_every_seeded_limit_has_a_source_or_says_that_it_has_none():
    for seed in read_limits():
        assert seed.source, seed.code


NEW = dt.date(2026, 4, 1)
SEEDED = [
    ("shared_data.correct", dt.date(2025, 8, 1), 10, Unit.WORKDAYS, "《政务数据共享条例》第二十六条"),
    ("objection.accept", None, 2, Unit.WORKDAYS, "默认值，无出处"),
    ("objection.mark", None, 0, Unit.WORKDAYS, "默认值，无出处"),
    ("objection.decide_alone", None, 3, Unit.WORKDAYS, "默认值，无出处"),
    ("objection.decide_with_source", None, 7, Unit.WORKDAYS, "默认值，无出处"),
    ("objection.provider_extended", None, 10, Unit.WORKDAYS, "默认值，无出处"),
    ("review.file", None, 15, Unit.DAYS, "默认值，无出处"),
    ("review.decide", None, 5, Unit.WORKDAYS, "默认值，无出处"),
    ("court_listing.examine", None, 15, Unit.DAYS, "最高人民法院"),
    ("court_listing.correct", None, 3, Unit.WORKDAYS, "最高人民法院"),
    ("repair.accept", None, 3, Unit.WORKDAYS, "国办发〔2025〕22号"),
    ("repair.decide", None, 10, Unit.WORKDAYS, "国办发〔2025〕22号"),
    ("penalty.publish", None, 7, Unit.WORKDAYS, "行政许可和行政处罚"),
    ("penalty.publish_market", None, 20, Unit.WORKDAYS, "《市场监督管理行政处罚信息公示规定》"),
    ("annulled.withdraw", None, 3, Unit.DAYS, "《行政处罚法》第四十八条"),
    ("annulled.withdraw_market", None, 3, Unit.WORKDAYS, "《市场监督管理行政处罚信息公示规定》"),
    ("binding.decide", None, 3, Unit.WORKDAYS, "默认值，无出处"),
    ("inspection.publish", None, 20, Unit.WORKDAYS, "冀政办发〔2015〕22号"),
    ("draw.confirm", None, 2, Unit.WORKDAYS, "默认值，无出处"),
    ("inspection.recheck", None, 10, Unit.WORKDAYS, "特种设备"),
    ("matter.report", dt.date(2022, 4, 21), 10, Unit.WORKDAYS, "冀政办字〔2022〕54号 二（三）（R18）"),
    ("objection.provider", None, 5, Unit.WORKDAYS, "默认值，无出处"),
    ("objection.supply", None, 10, Unit.WORKDAYS, "默认值，无出处"),
    ("review.accept", None, 2, Unit.WORKDAYS, "默认值，无出处"),
    ("repair.extended", None, 20, Unit.WORKDAYS, "默认值，无出处"),
    ("repair.again", None, 30, Unit.DAYS, "默认值，无出处"),
    ("help.answer", None, 5, Unit.WORKDAYS, "默认值，无出处"),
    ("publication.minor.least", None, 0, Unit.MONTHS, "默认值，无出处"),
    ("publication.minor.most", None, 3, Unit.MONTHS, "默认值，无出处"),
    ("publication.minor.most", NEW, 3, Unit.MONTHS, "国家发展改革委令第36号"),
    ("publication.general.least", None, 3, Unit.MONTHS, "默认值，无出处"),
    ("publication.general.least", NEW, 3, Unit.MONTHS, "国家发展改革委令第36号"),
    ("publication.general.most", None, 36, Unit.MONTHS, "默认值，无出处"),
    ("publication.general.most", NEW, 12, Unit.MONTHS, "国家发展改革委令第36号"),
    ("publication.severe.least", None, 12, Unit.MONTHS, "默认值，无出处"),
    ("publication.severe.least", NEW, 12, Unit.MONTHS, "国家发展改革委令第36号"),
    ("publication.severe.most", None, 36, Unit.MONTHS, "默认值，无出处"),
    ("publication.severe.most", NEW, 36, Unit.MONTHS, "国家发展改革委令第36号"),
]  # fmt: skip
"""Code, day from which it holds, days, unit, and how the source begins."""


@pytest.mark.parametrize(("code", "since", "days", "unit", "source"), SEEDED)
def test_seeded_limit(code, since, days, unit, source):
    (seed,) = [one for one in read_limits() if (one.code, one.since) == (code, since)]
    assert (seed.days, seed.unit) == (days, unit)
    assert seed.source.startswith(source)


def test_no_limit_is_seeded_beside_those_above():
    assert len(read_limits()) == len(SEEDED)
