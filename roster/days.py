"""Rows that hold from a day until before another one; without a day, since or for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q


def in_effect(on: dt.date, prefix: str = "") -> Q:
    """The rows that hold on a day; `prefix` leads to the table that has the days."""
    since, until = f"{prefix}since", f"{prefix}until"
    return Q(
        Q(**{f"{since}__isnull": True}) | Q(**{f"{since}__lte": on}),
        Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": on}),
    )


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


__all__ = ["closed_from", "holds", "in_effect", "lasts"]
