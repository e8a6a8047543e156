"""How long a record is published: its class, and the dated limits of the class. Domain facts 3."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from workdays.queries import deadline

from .enums import Severity
from .models import Record
from .rules.publication import severity


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
    found = severity(kind=record.kind_id, category=record.kind.category, measures=record.measures)
    longest = _after(record, f"publication.{found}.most")
    return Publication(
        severity=found,
        least_until=_after(record, f"publication.{found}.least"),
        until=min(record.publication_until or longest, longest),
    )


def _after(record: Record, code: str) -> dt.date:
    return deadline(code, start=record.decided_on)


__all__ = ["Publication", "publication_of"]
