"""Acts of this room: loading calendars, setting limits."""

import datetime as dt
from dataclasses import asdict
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction

from audit.actors import SYSTEM as SYSTEM_NAME
from audit.acts import Account, act, acting, note, stamp
from audit.errors import Refused
from workdays.enums import DayKind, Unit
from workdays.files import CALENDAR_FILE, SeedLimit, SpecialDay, read_calendar, read_limits
from workdays.models import CalendarDay, CalendarYear, Limit
from workdays.queries import missing_years

__all__ = ["load_calendar", "load_reference", "load_year", "missing_years", "set_limit"]

FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
FIXTURE_SOURCE = "国务院办公厅关于部分节假日安排的通知"
SYSTEM = Account(SYSTEM_NAME)


class YearIncomplete(Refused):
    def __init__(self, year: int, missing: list[str]) -> None:
        super().__init__("workdays.year_incomplete", year=year, missing="、".join(missing))


class LimitExists(Refused):
    def __init__(self, limit: Limit) -> None:
        super().__init__("workdays.limit_exists", limit=limit.code, since=limit.since)


@act("workdays.calendar_loaded")
def load_calendar(
    *, by: Any, content: bytes | None = None, source: str = FIXTURE_SOURCE
) -> list[int]:
    """Take in a holiday table, year by year, and answer the years that changed.

    Without `content` it is the table that comes with the portal. A year in the table
    replaces what was loaded of that year; other years stay.
    Raises CalendarLineRefused, YearIncomplete.
    """
    days = read_calendar(CALENDAR_FILE.read_bytes() if content is None else content)
    return [
        year
        for year, group in _by_year(days).items()
        if load_year(by=by, year=year, days=group, source=source)
    ]


@act("workdays.year_loaded")
def load_year(*, by: Any, year: int, days: list[SpecialDay], source: str) -> bool:
    """Replace the calendar of one year; False when it was so already.

    Raises YearIncomplete when a statutory festival is missing: half a calendar would
    give wrong deadlines without a word.
    """
    _require_whole(year, days)
    new = [day.text() for day in sorted(days)]
    if new == _stored(year) and CalendarYear.objects.filter(year=year, source=source).exists():
        return False
    # First the year, and with it its lock: who loads it at the same moment waits here.
    loaded, _created = CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source, "loaded_at": stamp(), "loaded_by": by.username}
    )
    old = _stored(year)
    CalendarDay.objects.filter(date__year=year).delete()
    CalendarDay.objects.bulk_create(
        [CalendarDay(date=day.date, kind=day.kind, festival=day.festival) for day in days]
    )
    note(target=loaded, source=source, added=new, retracted=old)
    return True


@act("workdays.limit_set")
def set_limit(
    *, by: Any, code: str, name: str, days: int, unit: Unit, source: str, since: dt.date | None
) -> Limit:
    """Put a limit in force from a day; the one in force until then ends on it.

    Earlier deadlines keep the limit of their own day. Raises LimitExists when the
    present one does not begin earlier.
    """
    present = Limit.objects.select_for_update().filter(code=code, until__isnull=True).first()
    if present is not None:
        if since is None or (present.since is not None and present.since >= since):
            raise LimitExists(present)
        present.until = since
        present.save(update_fields=["until"])
    try:
        with transaction.atomic():
            limit = Limit.objects.create(
                code=code, name=name, days=days, unit=unit, source=source, since=since
            )
    except IntegrityError:
        # Who waited for the row above finds it ended, and in its place another that was just set.
        if (newer := Limit.objects.filter(code=code, until__isnull=True).first()) is not None:
            raise LimitExists(newer) from None
        raise
    note(
        target=limit,
        code=code,
        days=days,
        unit=unit,
        source=source,
        since=since,
        before=present and {"days": present.days, "unit": present.unit},
    )
    if present is not None:
        note(target=present)
    return limit


def load_reference(*, by: Any = SYSTEM) -> dict[str, int]:
    """Load what comes with the portal and is not there yet; says how much was added.

    Years and limits that officers have set stay as they are, so it can run at every
    start; when nothing is missing it is no act and writes nothing.
    """
    years, limits = _absent_years(), _absent_limits()
    if years or limits:
        with acting("workdays.reference_loaded", by=by):
            for year, days in years.items():
                load_year(by=by, year=year, days=days, source=FIXTURE_SOURCE)
            for seed in limits:
                set_limit(by=by, **asdict(seed))
    return {"years": len(years), "limits": len(limits)}


def _absent_years() -> dict[int, list[SpecialDay]]:
    loaded = set(CalendarYear.objects.values_list("year", flat=True))
    years = _by_year(read_calendar(CALENDAR_FILE.read_bytes()))
    return {year: days for year, days in years.items() if year not in loaded}


def _absent_limits() -> list[SeedLimit]:
    known = set(Limit.objects.values_list("code", flat=True))
    return [seed for seed in read_limits() if seed.code not in known]


def _by_year(days: list[SpecialDay]) -> dict[int, list[SpecialDay]]:
    return {year: list(group) for year, group in groupby(days, key=lambda day: day.date.year)}


def _require_whole(year: int, days: list[SpecialDay]) -> None:
    if any(day.date.year != year for day in days):
        raise ValueError(f"Days of other years among those of {year}.")
    named = {name for day in days for name in day.festival.split("、")}
    missing = [name for name in FESTIVALS if name not in named]
    if missing:
        raise YearIncomplete(year, missing)


def _stored(year: int) -> list[str]:
    rows = CalendarDay.objects.filter(date__year=year).order_by("date")
    return [SpecialDay(row.date, DayKind(row.kind), row.festival).text() for row in rows]
