"""Calendars to count in."""

import csv
import datetime as dt
from pathlib import Path

from workdays.rules import Calendar

TABLE = Path(__file__).parents[2] / "workdays" / "data" / "workday_exceptions.csv"


def table_rows() -> list[dict[str, str]]:
    """The rows of the State Council table as they stand in the file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published_calendar() -> Calendar:
    """The calendar of the table, built without the code under test."""
    named = {dt.date.fromisoformat(row["date"]): row["kind"] for row in table_rows()}
    return Calendar(
        years=frozenset(day.year for day in named),
        off=frozenset(day for day, kind in named.items() if kind == "休"),
        make_up=frozenset(day for day, kind in named.items() if kind == "班"),
    )


def plain_calendar(*years: int) -> Calendar:
    """Years in which every week is an ordinary one."""
    return Calendar(frozenset(years), frozenset(), frozenset())
