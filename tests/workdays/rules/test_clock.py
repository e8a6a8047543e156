"""The clock against an oracle that reads only the table of days that do not follow the week."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.workdays import plain_calendar, published_calendar
from workdays.enums import Unit, Why
from workdays.rules import CalendarGap
from workdays.rules.clock import Leg, Stop, last_day, walk

TABLE = Path(__file__).parents[3] / "workdays" / "data" / "workday_exceptions.csv"
DAY = dt.timedelta(days=1)
KINDS = {row["date"]: row["kind"] for row in csv.DictReader(TABLE.read_text("utf-8").splitlines())}


def works(day: dt.date) -> bool:
    """Whether people work on a day: what the table says of it, or else the day of the week."""
    kind = KINDS.get(day.isoformat())
    return kind == "班" if kind else day.isoweekday() < 6


def oracle(leg: Leg) -> dt.date | None:
    """Day by day, as a clerk would on a wall calendar."""
    left, day = leg.days + leg.extra, leg.start
    while left:
        day += DAY
        holds = [s for s in leg.stops if day > s.since and (s.until is None or day <= s.until)]
        if any(stop.until is None for stop in holds):
            return None
        if not holds and (leg.unit == Unit.DAYS or works(day)):
            left -= 1
    return day


def _legs() -> list[Leg]:
    """From every 17th day of 2022 to November 2026, so that holidays and make-up days of each year
    come at the beginning, in the middle and at the end; with and without stop and extension."""
    first, last = dt.date(2022, 1, 3), dt.date(2026, 11, 20)
    starts = [first + n * 17 * DAY for n in range((last - first).days // 17 + 1)]
    legs = []
    for number, start in enumerate(starts):
        days = (2, 3, 5, 7, 10)[number % 5]
        stop = Stop(start + DAY, start + (1 + number % 9) * DAY)
        legs.append(Leg(start, days, Unit.WORKDAYS))
        legs.append(Leg(start, days, Unit.WORKDAYS, extra=number % 4, stops=(stop,)))
        if number % 3 == 0:
            legs.append(Leg(start, days, Unit.DAYS, stops=(stop,)))
    return legs


LEGS = _legs()


def test_enough_cases_and_every_make_up_day_in_one_of_them():
    calendar = published_calendar()
    seen = {day.day for leg in LEGS for day in walk(leg, calendar, until=leg.start)}
    make_up = [dt.date.fromisoformat(day) for day, kind in KINDS.items() if kind == "班"]

    assert len(LEGS) >= 150
    assert len(seen & set(make_up)) >= 20


@pytest.mark.parametrize("leg", LEGS, ids=str)
def test_last_day_agrees_with_the_wall_calendar(leg):
    assert last_day(leg, published_calendar()) == oracle(leg)


@pytest.mark.parametrize("leg", LEGS[::7], ids=str)
def test_walk_tells_every_day_up_to_the_last(leg):
    days = walk(leg, published_calendar(), until=leg.start)

    assert days[-1].day == oracle(leg)
    assert [one.day for one in days] == [leg.start + n * DAY for n in range(1, len(days) + 1)]
    assert sum(one.counted for one in days) == leg.days + leg.extra


def test_day_of_the_stop_counts_and_the_day_it_ends_does_not():
    week = plain_calendar(2026)  # Monday the 2nd
    stop = Stop(dt.date(2026, 3, 3), dt.date(2026, 3, 5), "补正材料")
    leg = Leg(dt.date(2026, 3, 2), 2, Unit.WORKDAYS, stops=(stop,))

    told = [(one.day.day, one.why) for one in walk(leg, week, until=leg.start)]

    assert told == [(3, Why.WORKDAY), (4, Why.STOPPED), (5, Why.STOPPED), (6, Why.WORKDAY)]


def test_clock_that_stands_still_has_no_last_day_and_is_told_until_today():
    leg = Leg(dt.date(2026, 3, 2), 2, Unit.WORKDAYS, stops=(Stop(dt.date(2026, 3, 3)),))

    assert last_day(leg, plain_calendar(2026)) is None
    days = walk(leg, plain_calendar(2026), until=dt.date(2026, 3, 5))
    assert [one.why for one in days] == [Why.WORKDAY, Why.STOPPED, Why.STOPPED]


def test_stop_after_the_last_day_moves_nothing():
    leg = Leg(dt.date(2026, 3, 2), 2, Unit.WORKDAYS, stops=(Stop(dt.date(2026, 3, 4)),))

    assert last_day(leg, plain_calendar(2026)) == dt.date(2026, 3, 4)
    days = walk(leg, plain_calendar(2026), until=dt.date(2026, 3, 31))
    assert days[-1].day == dt.date(2026, 3, 4)


def test_limit_of_no_days_ends_on_the_day_itself():
    assert last_day(Leg(dt.date(2026, 3, 7), 0, Unit.WORKDAYS), plain_calendar(2026)) == dt.date(
        2026, 3, 7
    )


def test_year_that_is_not_loaded_is_asked_for_and_the_days_before_it_are_told():
    leg = Leg(dt.date(2026, 12, 28), 7, Unit.WORKDAYS)
    calendar = plain_calendar(2026)

    with pytest.raises(CalendarGap) as gap:
        last_day(leg, calendar)

    assert gap.value.year == 2027
    assert [one.day.day for one in walk(leg, calendar, until=leg.start)] == [29, 30, 31]


def test_plain_days_and_months_need_no_calendar():
    nothing = plain_calendar()

    assert last_day(Leg(dt.date(2026, 12, 28), 7, Unit.DAYS), nothing) == dt.date(2027, 1, 4)
    assert last_day(Leg(dt.date(2026, 11, 30), 3, Unit.MONTHS), nothing) == dt.date(2027, 2, 28)


DATES = st.dates(dt.date(2022, 1, 1), dt.date(2026, 9, 30))


@given(
    start=DATES,
    days=st.integers(0, 20),
    extra=st.integers(0, 10),
    gaps=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=3),
)
def test_any_stops_and_extensions_agree_with_the_wall_calendar(start, days, extra, gaps):
    stops, since = [], start
    for before, long in gaps:
        since += before * DAY
        stops.append(Stop(since, since + long * DAY))
        since += long * DAY
    leg = Leg(start, days, Unit.WORKDAYS, extra=extra, stops=tuple(stops))

    assert last_day(leg, published_calendar()) == oracle(leg)
    assert last_day(leg, published_calendar()) >= last_day(
        Leg(start, days, Unit.WORKDAYS), published_calendar()
    )


@given(
    start=st.dates(dt.date(2022, 1, 1), dt.date(2026, 6, 30)),
    days=st.integers(0, 20),
    unit=st.sampled_from([Unit.WORKDAYS, Unit.DAYS]),
    lies=st.lists(
        st.tuples(st.integers(-5, 40), st.one_of(st.integers(0, 15), st.none())), max_size=4
    ),
)
def test_walk_tells_each_day_once_whatever_stops_overlap_or_go_on(start, days, unit, lies):
    stops = tuple(
        Stop(start + after * DAY, None if long is None else start + (after + long) * DAY)
        for after, long in lies
    )
    leg, until = Leg(start, days, unit, stops=stops), start + 60 * DAY
    expected = oracle(leg)

    walked = walk(leg, published_calendar(), until=until)

    assert last_day(leg, published_calendar()) == expected
    ends = expected or until
    assert [one.day for one in walked] == [
        start + n * DAY for n in range(1, (ends - start).days + 1)
    ]
    assert sum(one.counted for one in walked) == (days if expected else sum(
        1 for one in walked
        if not any(stop.covers(one.day) for stop in stops)
        and (unit == Unit.DAYS or works(one.day))
    ))  # fmt: skip
