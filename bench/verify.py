"""What `manage.py verify` costs on a full database, each part of it, against one bare read.

    python bench/verify.py                              300,000 enterprises, SQLite and PostgreSQL
    python bench/verify.py --sizes 30000 --databases postgresql --postgres URL

Fills a database with bench/generate.py, runs and publishes one year, then measures every check in a
process of its own, and *read*: every row of the tables that the check reads, fetched once through a
plain cursor and thrown away. Prints the table of bench/README.md. By hand only: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path

from databases import empty_database
from portal import in_own_process, start

HERE = Path(__file__).resolve()
CHECKS = ("chain", "rows", "stated", "enterprises", "clock", "run", "in_force")
READS = {
    "chain": ["audit_event", "audit_eventtarget"],
    "rows": ["records_record", "records_mark", "roster_registration", "roster_rosterentry"],
    "stated": ["audit_event", "roster_agency", "roster_posting", "grading_rosterrun"],
    "enterprises": ["roster_enterprise", "roster_registration", "roster_rosterentry"],
    "clock": ["grading_run"],
    "run": ["records_record", "roster_rosterentry", "grading_rating"],
    "in_force": ["records_record", "roster_rosterentry", "grading_rating"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--sizes", type=int, nargs="+", default=[300_000])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--postgres", help="URL of a server; default: a private one")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(options.step)
        return
    print("| database | enterprises | check | checked | seconds | read | ratio | peak memory |")
    print("|---|---:|---|---:|---:|---:|---:|---:|", flush=True)
    for database in options.databases:
        for size in options.sizes:
            with (
                empty_database(database, f"verify_{size}", options.postgres) as url,
                tempfile.TemporaryDirectory(prefix="portal-verify-") as folder,
            ):
                own = {"DATABASE_URL": url, "AUDIT_ANCHOR_DIR": folder}
                own["AUDIT_KEY_FILE"] = f"{folder}/audit.key"
                _fill(own, size)
                _measure(database, size, own, options.repetitions)


def _fill(own: dict[str, str], size: int) -> None:
    for arguments in (
        ["generate.py", "--enterprises", str(size)],
        ["verify.py", "--step", "publish"],
    ):
        in_own_process(own, *arguments)


def _measure(database: str, size: int, own: dict[str, str], repetitions: int) -> None:
    for check in CHECKS:
        found: dict[str, list[dict]] = {"check": [], "read": []}
        for _turn in range(repetitions):
            for way in found:
                found[way].append(
                    json.loads(in_own_process(own, "verify.py", "--step", f"{way}:{check}"))
                )
        took, read = (statistics.median(one["seconds"] for one in found[way]) for way in found)
        peak = max(one["peak_mib"] for one in found["check"])
        cells = (database, f"{size:,}", check, f"{found['check'][0]['checked']:,}", f"{took:.1f}",
                 f"{read:.1f}", f"{took / read:.2f}", f"{peak:.0f} MiB")  # fmt: skip
        print("| " + " | ".join(cells) + " |", flush=True)


# --- in a process of its own ---------------------------------------------------------------------


def _step(step: str) -> None:
    start()
    if step == "publish":
        _publish()
        return
    way, _, check = step.partition(":")
    begun = time.perf_counter()
    checked = _carry_out(check) if way == "check" else sum(map(_read, READS[check]))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "checked": checked, "peak_mib": peak}))


def _publish() -> None:
    """Last year's run over all rosters, reviewed and published by two people of each."""
    import datetime as dt

    from audit.acts import acting
    from bench.generate import TODAY
    from credit_portal.demo import people, services
    from roster.scope import Operator

    by = Operator.here()
    with acting("demo.filled", by=by):
        people.add_people(by=by, seed=1, since=dt.date(TODAY.year - 2, 1, 1))
    services.evaluate(by=by, today=TODAY)


def _carry_out(about: str) -> int:
    from grading.verifying import checks

    found = next(check for check in checks() if check.about == about).carry_out()
    if not found.ok:
        raise SystemExit(f"{about}: {found.first_bad}")
    return found.checked


def _read(table: str) -> int:
    """Every row of a table, once, in pieces."""
    from django.db import connection, transaction

    count = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        while some := cursor.fetchmany(5_000):
            count += len(some)
    return count


if __name__ == "__main__":
    main()
