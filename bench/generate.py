"""Fill an empty database with many invented enterprises and four times as many records.

    DATABASE_URL=postgresql://… python bench/generate.py --enterprises 300000 --seed 1

The same inventing as `manage.py demo`, slice by slice into the tables, so that memory stays flat:
no accounts, no published year. The same seed gives the same data.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

if __name__ == "__main__":
    from portal import start

    start()

from django.core.management import call_command
from django.db import connection

from audit.acts import acting, note, stamp
from credit_portal.demo.behaviour import Behaviour, Inventor
from credit_portal.demo.enterprises import World, invent
from credit_portal.demo.offices import add_offices, directory, places
from credit_portal.demo.services import SOURCE, live_records, register
from intake.rows import copy_rows
from records.models import Mark, Record
from records.services import give_records, replace_records
from roster.models import Enterprise
from roster.scope import Operator

T = TypeVar("T")
SLICE = 10_000
TODAY = dt.date(2026, 11, 23)
"""Fixed, so that figures of different days speak of the same data."""
CORRECTED_PERCENT = 1


def generate(*, count: int, seed: int) -> tuple[int, int]:
    """Enterprises and records written into the migrated, empty database."""
    if Enterprise.objects.exists():
        raise SystemExit("The database holds enterprises already; name an empty one.")
    by = Operator.here()
    call_command("migrate", verbosity=0)
    call_command("reference", json=True, stdout=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with acting("demo.filled", by=by):
        note(added=add_offices())
    world, offices = World.of(places(), today=TODAY), directory()
    inventor = Inventor.seeded(
        seed, world=world, office=lambda region, field: offices[region, field]
    )
    total = 0
    for newcomers in _slices(invent(count, seed=seed, world=world)):
        behaviours = [behaviour for newcomer in newcomers for behaviour in inventor.of(newcomer)]
        with acting("demo.filled", by=by):
            register(newcomers, by=by, today=TODAY)
            give_records(by=by, given=[item.given for item in behaviours], source=SOURCE, on=TODAY)
            _mark(behaviours)
        total += len(behaviours)
    _correct(by)
    _gather_statistics()
    return count, total


def _slices(items: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(items, SLICE)):
        yield some


def _mark(behaviours: list[Behaviour]) -> None:
    """The marks of a slice in one COPY; one act each would take longer than all the rest."""
    now = stamp()
    marked = {
        (item.given.enterprise_id, item.given.identity): item.marks
        for item in behaviours
        if item.marks
    }
    rows = [
        (record, str(kind), since, reason, "bench", now, now)
        for record, code, identity in live_records(sorted({code for code, _identity in marked}))
        for kind, since, reason in marked.get((code, identity), ())
    ]
    fields = ("record_id", "kind", "since", "reason", "recorded_by", "first_known_at",
              "recorded_at")  # fmt: skip
    copy_rows(Mark, fields, rows)


def _correct(by: Operator) -> None:
    """One record in a hundred has a retracted first version, as a file of corrections leaves it."""
    live = Record.objects.live().order_by("pk").values_list("pk", flat=True)
    chosen = (key for key in live.iterator() if key % (100 // CORRECTED_PERCENT) == 0)
    for keys in _slices(chosen):
        changed = [(old, {}) for old in Record.objects.filter(pk__one_of=keys).order_by("pk")]
        replace_records(by=by, changed=changed, reason="更正")


def _gather_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--enterprises", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    call_command("migrate", verbosity=0)
    enterprises, records = generate(count=options.enterprises, seed=options.seed)
    seconds = time.monotonic() - begun
    print(f"{enterprises:,} enterprises, {records:,} records in {seconds:.1f} s")


if __name__ == "__main__":
    main()
