"""Running numbers: 冀信异〔2026〕130102-0001."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from .models import Series

WIDTH = 4


def take_number(prefix: str, *, region: str, on: dt.date) -> str:
    """The next number of a series, inside the caller's act: who rolls back gives it back, so that
    none is left out. Those who want one of the same series wait for each other."""
    Series.objects.bulk_create(
        [Series(prefix=prefix, year=on.year, region=region)], ignore_conflicts=True
    )
    own = Series.objects.filter(prefix=prefix, year=on.year, region=region)
    own.update(last=F("last") + 1)
    number = own.values_list("last", flat=True).get()
    return f"{prefix}〔{on.year}〕{region}-{number:0{WIDTH}d}"


__all__ = ["take_number"]
