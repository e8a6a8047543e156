"""The one adapter from the tables to `Facts`: counted in the database, one statement a slice.

The same text serves a slice of a run, the regrading of one enterprise and the explanation of a
rating, on both databases. What makes a record count stands once, in CONDITIONS. Source: R30,
R34–R37, 四(一)、(三); design ideas 1, 3, 4.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from .models import RosterRun, Run
from .rules.window import window_start


@dataclass(frozen=True)
class View:
    """Which knowledge is counted, and how.

    Rows in force at `known_at` whose line was first known by `first_known_by`. For a run both are
    the run's own instant; for a correction the second stays the run's, so that later news waits.
    """

    scheme: int
    reference: dt.date
    start: dt.date
    known_at: dt.datetime
    first_known_by: dt.datetime

    @classmethod
    def of_run(cls, run: Run, *, known_at: dt.datetime | None = None) -> View:
        """The view of a run, or of a correction on top of it when `known_at` is later."""
        return cls(
            scheme=run.scheme_id,
            reference=run.reference_date,
            start=window_start(run.reference_date, months=run.scheme.window_months),
            known_at=known_at or run.known_at,
            first_known_by=run.known_at,
        )

    def on(self, reference: dt.date, *, months: int) -> View:
        """The same knowledge counted for another reference date."""
        return View(
            self.scheme, reference, window_start(reference, months=months), self.known_at,
            self.first_known_by,
        )  # fmt: skip

    @property
    def parameters(self) -> dict[str, Any]:
        ops = connection.ops
        return {
            "scheme": self.scheme,
            "reference": ops.adapt_datefield_value(self.reference),
            "start": ops.adapt_datefield_value(self.start),
            "known_at": ops.adapt_datetimefield_value(self.known_at),
            "first_known_by": ops.adapt_datetimefield_value(self.first_known_by),
        }


def known(table: str, instant: str = "%(known_at)s") -> str:
    """Rows of `table` in force at an instant."""
    return (
        f"{table}.recorded_at <= {instant}"
        f" AND ({table}.retracted_at IS NULL OR {table}.retracted_at > {instant})"
    )


MARKS = f"""COALESCE((
    SELECT MAX(CASE WHEN m.kind IN ('withdrawn', 'repaired') THEN 4 ELSE 0 END)
        + MAX(CASE WHEN m.kind = 'disputed' THEN 2 ELSE 0 END)
        + MAX(CASE WHEN m.kind = 'serious' AND m.first_known_at <= %(first_known_by)s
            THEN 1 ELSE 0 END)
    FROM records_mark m WHERE m.record_id = r.id AND {known("m")}), 0)"""
"""What was said of a record, as one number: 4 set aside, 2 disputed, 1 serious, or their sum.

Looked up record by record: a join makes PostgreSQL read every mark there is for every slice.
"""

CONDITIONS = {
    "not_in_scheme": "k.weight <> 'none'",
    "known_later": "r.first_known_at <= %(first_known_by)s",
    "after_reference_date": "r.decided_on <= %(reference)s",
    "outside_window": "(NOT k.in_window OR r.decided_on > %(start)s)",
    "ended": "(NOT k.while_open OR r.ended_on IS NULL OR r.ended_on > %(reference)s)",
    "withdrawn_or_repaired": "marks < 4",
}
"""Why a record does not count, and the condition it then fails; it counts when all hold.

`marks` is MARKS of the record, looked up for those that meet the other conditions.
"""

BEFORE_MARKS = " AND ".join(
    condition for name, condition in CONDITIONS.items() if name != "withdrawn_or_repaired"
)

ON_ROSTER = f"""{known("e")}
      AND (e.joined_on IS NULL OR e.joined_on <= %(reference)s)
      AND (e.left_on IS NULL OR e.left_on > %(reference)s)"""
"""Stays that held on the reference date, as known then. Source: R12–R16, R19."""

ROSTER_SLICE = f"""
    SELECT e.enterprise_id FROM roster_rosterentry e
    WHERE e.region_id = %(region)s
      AND e.enterprise_id BETWEEN %(first)s AND %(last)s
      AND {ON_ROSTER}
"""
RATED_SLICE = """
    SELECT g.enterprise_id FROM grading_rating g
    WHERE g.part_id = %(part)s AND g.replaced_by_id IS NULL
      AND g.enterprise_id BETWEEN %(first)s AND %(last)s
"""
SOME = {
    "postgresql": "SELECT unnest(%(codes)s::text[]) AS enterprise_id",
    "sqlite": "SELECT value AS enterprise_id FROM json_each(%(codes)s)",
}
"""Some enterprises by their codes, as each database takes many values in one parameter."""


def _a_revocation(instant: str) -> str:
    return f"""(
        SELECT 1 FROM roster_registration p
        WHERE p.enterprise_id = s.enterprise_id AND p.status IN ('2', '3')
          AND (COALESCE(p.status_on, p.since) IS NULL
              OR COALESCE(p.status_on, p.since) <= %(reference)s)
          AND (p.until IS NULL OR p.until > %(reference)s)
          AND {known("p", instant)}
        LIMIT 1
    )"""


def revoked(instant: str) -> str:
    """Whether the registration of an enterprise of the slice stood as revoked at an instant.

    Looked up for each: of EXISTS PostgreSQL first gathers all revoked of the province, for a roster
    of forty. Source: R37.
    """
    return f"""1 = {_a_revocation(instant)}"""


UNBROKEN = f"""(
        SELECT 1 FROM roster_registration g
        WHERE g.enterprise_id = s.enterprise_id AND g.status IN ('2', '3')
          AND g.retracted_at > %(first_known_by)s AND g.retracted_at <= %(known_at)s
          AND {_a_revocation("g.retracted_at")} IS NULL
        LIMIT 1
    ) IS NULL"""
"""Whether it stood so ever since: put right or taken back in between and said anew it is news, which
waits for the next run, like a record that is given anew (`first_known_at`)."""


def facts_sql(slice_sql: str) -> str:
    """One row an enterprise of the slice: its code and the key of its facts.

    Everything seen of an enterprise is laid in one heap and grouped once. Joining aggregates to
    the slice made SQLite walk all of them for every enterprise, and a slice as a table expression
    made it read all records for a filter; so the slice stands where it is used.
    """
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT s.enterprise_id, k.weight, r.serious_claimed, {MARKS} AS marks
        FROM ({slice_sql}) s
        JOIN records_record r ON r.enterprise_id = s.enterprise_id AND {known("r")}
        JOIN grading_schemekind k ON k.scheme_id = %(scheme)s AND k.kind_id = r.kind_id
        WHERE {BEFORE_MARKS}
    ),
    seen (enterprise_id, revoked, listed, severe, general, serious, claimed, disputed) AS (
        SELECT enterprise_id,
            CASE WHEN {revoked("%(known_at)s")} AND {revoked("%(first_known_by)s")}
                AND {UNBROKEN} THEN 1 ELSE 0 END,
            0, 0, 0, 0, 0, 0
        FROM ({slice_sql}) s
        UNION ALL
        SELECT enterprise_id,
            CASE WHEN weight = 'revocation' THEN 1 ELSE 0 END,
            CASE WHEN weight = 'listed' THEN 1 ELSE 0 END,
            CASE WHEN weight = 'severe' THEN 1 ELSE 0 END,
            CASE WHEN weight = 'general' THEN 1 ELSE 0 END,
            CASE WHEN weight = 'general' AND marks IN (1, 3) THEN 1 ELSE 0 END,
            CASE WHEN weight = 'general' AND serious_claimed THEN 1 ELSE 0 END,
            CASE WHEN marks IN (2, 3) THEN 1 ELSE 0 END
        FROM counted
        WHERE {CONDITIONS["withdrawn_or_repaired"]}
    )
    SELECT enterprise_id,
        MAX(revoked) || '|' || MAX(listed) || '|' || SUM(severe) || '|' || SUM(general)
        || '|' || MAX(serious)
        || '|' || CASE WHEN MAX(serious) = 0 THEN MAX(claimed) ELSE 0 END
        || '|' || MAX(disputed) AS facts
    FROM seen
    GROUP BY enterprise_id
    """


@contextlib.contextmanager
def counting() -> Iterator[None]:
    """A fresh table of the connection's own for what `collect` counts.

    Slices are read by index meanwhile, whatever PostgreSQL makes of tables nobody has vacuumed:
    after a migration that rewrote records it read all of them for every slice.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chunk_facts")
        cursor.execute(
            "CREATE TEMPORARY TABLE chunk_facts"
            " (chunk bigint NOT NULL, enterprise_id varchar(18) NOT NULL,"
            " facts varchar(60) NOT NULL)"
        )
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")


def collect(
    part: RosterRun, *, first: str, last: str, view: View, among: str = ROSTER_SLICE, chunk: int = 0
) -> None:
    """Count a slice of a part, within `counting`, into `chunk_facts` under the key of the slice.

    `among` is ROSTER_SLICE, who was on the roster, or RATED_SLICE, who has a rating. Writes
    nothing that others see, so it runs outside any write transaction. Source: R38.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chunk_facts (chunk, enterprise_id, facts)"
            f" SELECT %(chunk)s, f.enterprise_id, f.facts FROM ({facts_sql(among)}) f",
            view.parameters
            | {
                "region": part.region_id, "part": part.pk, "first": first, "last": last,
                "chunk": chunk,
            },
        )  # fmt: skip


def facts_of(code: str, *, view: View) -> str:
    """The facts key of one enterprise, by the very statement a run uses."""
    return facts_of_each([code], view=view)[code]


def facts_of_each(codes: Sequence[str], *, view: View) -> dict[str, str]:
    """The facts keys of some enterprises, by the very statement a run uses."""
    vendor = connection.vendor
    listed = codes if vendor == "postgresql" else json.dumps(codes)
    with connection.cursor() as cursor:
        cursor.execute(facts_sql(SOME[vendor]), view.parameters | {"codes": listed})
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Weighed:
    """One record of an enterprise and why it counted or did not.

    weight: as what it counts in the scheme, '' if the scheme does not name the kind.
    failed: keys of CONDITIONS that do not hold; empty when it counted.
    """

    record: int
    weight: str
    failed: tuple[str, ...]


def weigh(code: str, *, view: View) -> list[Weighed]:
    """Every record about an enterprise in force at the view's instant, newest decision first."""
    checks = ", ".join(
        f"CASE WHEN {condition} THEN 0 ELSE 1 END" for condition in CONDITIONS.values()
    )
    statement = f"""
        SELECT r.id, COALESCE(k.weight, ''), {checks}
        FROM (SELECT r.*, {MARKS} AS marks FROM records_record r
            WHERE r.enterprise_id = %(code)s AND {known("r")}) r
        LEFT JOIN grading_schemekind k ON k.scheme_id = %(scheme)s AND k.kind_id = r.kind_id
        ORDER BY r.decided_on DESC, r.id DESC
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, view.parameters | {"code": code})
        rows = cursor.fetchall()
    return [
        Weighed(
            record,
            weight,
            tuple(name for name, failed in zip(CONDITIONS, flags, strict=True) if failed),
        )
        for record, weight, *flags in rows
    ]
