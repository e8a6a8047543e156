"""One measured annual run in its own process: `whole`, `beside` or `bare`.

whole: open the run, slice, count facts, decide, rate, digests, chunk states, sums, to its end.
beside: the same by two workers, on PostgreSQL; by hand, where bench/run.py calls the others.
bare: one INSERT … SELECT into the same rating table, with the same history predicates, counting
and deciding in SQL; no slices, no verdicts, no digests, nothing to resume from.

Prints one JSON object: seconds, peak memory, grades. Leaves the tables as it found them.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time

from portal import start

start()

from django.db import connection, transaction

from bench.generate import TODAY
from credit_portal.demo.enterprises import last_31_december
from grading import engine, services
from grading.enums import RunKind
from grading.facts import BEFORE_MARKS, View, known
from grading.models import Run
from roster.scope import Operator

BY = Operator.here()
REFERENCE = last_31_december(TODAY)

BARE = f"""
    INSERT INTO grading_rating (part_id, enterprise_id, verdict_id, grade)
    WITH counted AS (
        SELECT r.enterprise_id,
            MAX(CASE WHEN k.weight = 'revocation' THEN 1 ELSE 0 END) AS revoked,
            MAX(CASE WHEN k.weight = 'listed' THEN 1 ELSE 0 END) AS listed,
            SUM(CASE WHEN k.weight = 'severe' THEN 1 ELSE 0 END) AS severe,
            SUM(CASE WHEN k.weight = 'general' THEN 1 ELSE 0 END) AS general,
            MAX(CASE WHEN k.weight = 'general' AND EXISTS (
                SELECT 1 FROM records_mark m WHERE m.record_id = r.id AND m.kind = 'serious'
                AND {known("m")}) THEN 1 ELSE 0 END) AS serious
        FROM records_record r
        JOIN grading_schemekind k ON k.scheme_id = %(scheme)s AND k.kind_id = r.kind_id
        WHERE {known("r")} AND {BEFORE_MARKS}
          AND NOT EXISTS (
              SELECT 1 FROM records_mark x WHERE x.record_id = r.id
              AND x.kind IN ('withdrawn', 'repaired') AND {known("x")})
        GROUP BY r.enterprise_id
    ),
    revoked AS (
        SELECT DISTINCT g.enterprise_id FROM roster_registration g
        WHERE g.status IN ('2', '3') AND {known("g")}
          AND (g.status_on IS NULL OR g.status_on <= %(reference)s)
          AND (g.until IS NULL OR g.until > %(reference)s)
    )
    SELECT p.id, e.enterprise_id, 0,
        CASE WHEN c.revoked = 1 OR v.enterprise_id IS NOT NULL THEN 'D'
            WHEN c.listed = 1 OR c.severe > 0 OR c.general > 5
                OR (c.general > 0 AND c.serious = 1) THEN 'C'
            WHEN c.general > 0 THEN 'B' ELSE 'A' END
    FROM roster_rosterentry e
    JOIN grading_rosterrun p ON p.run_id = %(run)s AND p.region_id = e.region_id
    LEFT JOIN counted c ON c.enterprise_id = e.enterprise_id
    LEFT JOIN revoked v ON v.enterprise_id = e.enterprise_id
    WHERE {known("e")}
      AND (e.joined_on IS NULL OR e.joined_on <= %(reference)s)
      AND (e.left_on IS NULL OR e.left_on > %(reference)s)
"""


def open_run() -> Run:
    return services.open_run(by=BY, kind=RunKind.ANNUAL, reference_date=REFERENCE, on=TODAY)


def whole() -> tuple[float, dict[str, int]]:
    begun = time.perf_counter()
    run = open_run()
    run = services.work(run.pk)
    return time.perf_counter() - begun, services.grades_of(run)


def beside() -> tuple[float, dict[str, int]]:
    """The whole run by two processes of one worker service, as the province runs it."""
    begun = time.perf_counter()
    run = open_run()
    connection.close()
    other = os.fork()
    try:
        services.work(run.pk)
    finally:
        if other == 0:
            os._exit(0)
    os.waitpid(other, 0)
    services.work(run.pk)
    return time.perf_counter() - begun, services.grades_of(run)


def bare() -> tuple[float, dict[str, int]]:
    run = open_run()
    parameters = View.of_run(run).parameters | {"run": run.pk}
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE, parameters)
    seconds = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("SELECT grade, COUNT(*) FROM grading_rating GROUP BY grade")
        grades = dict(cursor.fetchall())
    return seconds, grades


def clear() -> None:
    """Take the run away and give the pages of its ratings back, the same after either."""
    with connection.cursor() as cursor:
        tables = ("rating", "verdict", "chunk", "rosterrun", "run")
        if connection.vendor == "postgresql":
            names = ", ".join(f"grading_{name}" for name in tables)
            cursor.execute(f"TRUNCATE {names} CASCADE")
        else:
            for name in tables:
                cursor.execute(f"DELETE FROM grading_{name}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def main(way: str, *, pauses: bool) -> None:
    if not pauses:
        engine.PAUSE_AFTER_WRITE = {}
    clear()
    seconds, grades = {"whole": whole, "beside": beside, "bare": bare}[way]()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peak = max(one.ru_maxrss for one in used) / 1024
    clear()
    grades = dict(sorted(grades.items()))
    print(json.dumps({"way": way, "seconds": seconds, "peak_mib": peak, "grades": grades}))


if __name__ == "__main__":
    main(sys.argv[1], pauses="--with-pauses" in sys.argv)
