"""Rows that hold from a day until before another one; without a day, since or for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q


def in_effect(on: dt.date, prefix: str = "") -> Q:
    """The rows that hold on a day; `prefix` leads to the table that has the days."""
    since, until = f"{prefix}since", f"{prefix}until"
    return Q(
        Q(**{f"{since}__isnull": True}) | Q(**{f"{since}__lte": on}),
        Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": on}),
    )


def ever() -> Q:
    """The rows that hold on some day: one that ends on its first day was a mistake taken back."""
    unending = Q(since__isnull=True) | Q(until__isnull=True)
    return unending | Q(until__gt=F("since"))


def overlapping(since: dt.date | None, until: dt.date | None) -> Q:
    """The rows that hold on some day from one until before another, either without end."""
    begun = Q() if until is None else Q(since__isnull=True) | Q(since__lt=until)
    going_on = Q() if since is None else Q(until__isnull=True) | Q(until__gt=since)
    return ever() & begun & going_on


def lasts(row: Any, since: dt.date, until: dt.date | None = None) -> bool:
    """Whether a row holds on every day from one until before another, or for ever."""
    begun = row.since is None or row.since <= since
    return begun and (row.until is None or (until is not None and until <= row.until))


def holds(row: Any, on: dt.date) -> bool:
    """Whether a row holds on a day."""
    return lasts(row, on, on + dt.timedelta(days=1))


def closed_from(row: Any, on: dt.date) -> dt.date | None:
    """From which day on a row holds no more, seen from a day: one yet to come does not hold now."""
    return on if row.since is not None and row.since > on else row.until


__all__ = ["closed_from", "ever", "holds", "in_effect", "lasts", "overlapping"]
