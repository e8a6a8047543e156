"""How long a record is published: its class, and the dated limits of the class. Domain facts 3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from workdays.enums import Unit
from workdays.queries import Limits, loaded_calendar
from workdays.rules import Calendar, due_on

from .enums import Severity
from .models import Record
from .rules.publication import severity

PREFIX = "publication."


@dataclass(frozen=True)
class Publication:
    """severity: the class. least_until: the day its shortest publication ends, from which on a
    repair may be asked for. until: the day it ends by itself, or was ended."""

    severity: Severity
    least_until: dt.date
    until: dt.date


def publication_of(record: Record) -> Publication:
    """By the rules of the day of the decision, from which the time counts: Default, the final text
    seems to count from the date of the document. Raises LimitGap."""
    return publications([record])[record.pk]


def publications(records: Iterable[Record]) -> dict[int, Publication]:
    """The same of many by key, in as many queries as of one."""
    terms = _Terms(Limits(PREFIX), loaded_calendar())
    return {record.pk: _publication(record, terms) for record in records}


@dataclass(frozen=True)
class _Terms:
    limits: Limits
    calendar: Calendar

    def after(self, start: dt.date, code: str) -> dt.date:
        found = self.limits.on(code, start)
        return due_on(start, found.days, Unit(found.unit), self.calendar)


def _publication(record: Record, terms: _Terms) -> Publication:
    found = severity(kind=record.kind_id, category=record.kind.category, measures=record.measures)
    longest = terms.after(record.decided_on, f"{PREFIX}{found}.most")
    return Publication(
        severity=found,
        least_until=terms.after(record.decided_on, f"{PREFIX}{found}.least"),
        until=min(record.publication_until or longest, longest),
    )


__all__ = ["Publication", "publication_of", "publications"]
