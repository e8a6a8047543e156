"""Reading the holiday table and the seed of limits."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import Refused
from workdays.enums import DayKind, Unit
from workdays.messages import LINE_PROBLEMS
from workdays.rules.calendar import SATURDAY

DATA = Path(__file__).resolve().parent / "data"
CALENDAR_FILE = DATA / "workday_exceptions.csv"
LIMITS_FILE = DATA / "limits.csv"
HEADINGS = ["date", "kind", "festival"]


class CalendarLineRefused(Refused):
    def __init__(self, line: int, value: str, problem: str) -> None:
        super().__init__(
            "workdays.calendar_line", line=line, value=value, problem=LINE_PROBLEMS[problem]
        )


@dataclass(frozen=True, order=True)
class SpecialDay:
    """A day that does not follow the week, as a notice names it."""

    date: dt.date
    kind: DayKind
    festival: str

    def text(self) -> str:
        return f"{self.date}|{self.kind}|{self.festival}"


@dataclass(frozen=True)
class SeedLimit:
    code: str
    name: str
    days: int
    unit: Unit
    source: str
    since: dt.date | None


def read_calendar(content: bytes) -> list[SpecialDay]:
    """The days of a holiday table, in date order.

    Headings `date,kind,festival`, UTF-8. Raises CalendarLineRefused with the line as a
    person counts, the value and what is wrong with it.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise CalendarLineRefused(
            line, repr(content[fault.start : fault.end]), "encoding"
        ) from fault
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _days(rows)
    except csv.Error as fault:
        raise CalendarLineRefused(rows.line_num, "", "quotes") from fault


def _days(rows: Any) -> list[SpecialDay]:
    headings = [cell.strip() for cell in next(rows, [])]
    if headings != HEADINGS:
        raise CalendarLineRefused(1, ",".join(headings), "columns")
    days: dict[dt.date, SpecialDay] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        day = _special_day(rows.line_num, row)
        if day.date in days:
            raise CalendarLineRefused(rows.line_num, str(day.date), "repeated")
        days[day.date] = day
    if not days:
        raise CalendarLineRefused(2, "", "empty")
    return sorted(days.values())


def _special_day(line: int, row: list[str]) -> SpecialDay:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(HEADINGS):
        raise CalendarLineRefused(line, ",".join(cells), "columns")
    date, kind, festival = cells
    try:
        day = SpecialDay(dt.date.fromisoformat(date), DayKind(kind), festival)
    except ValueError as fault:
        problem, value = ("date", date) if kind in DayKind.values else ("kind", kind)
        raise CalendarLineRefused(line, value, problem) from fault
    if not festival:
        raise CalendarLineRefused(line, date, "festival")
    if day.kind is DayKind.MAKE_UP and day.date.weekday() < SATURDAY:
        raise CalendarLineRefused(line, date, "weekday")
    return day


def read_limits(path: Path = LIMITS_FILE) -> list[SeedLimit]:
    """The limits of the first day, each with its source or 默认值，无出处."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            SeedLimit(
                code=row["code"],
                name=row["name"],
                days=int(row["days"]),
                unit=Unit(row["unit"]),
                source=row["source"],
                since=dt.date.fromisoformat(row["since"]) if row["since"] else None,
            )
            for row in csv.DictReader(file)
        ]
