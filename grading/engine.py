"""A run from its slices to its digest. The database is the truth; a message only says look.

Slice → take → collect facts → decide once per distinct facts → rate → sum up. Killed anywhere,
the next worker goes on: an unfinished slice left nothing behind. Source: R4, R38; design idea 5.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.acts import act, note
from roster.scope import Actor

from .edition import EDITION
from .enums import ChunkState, PartState, RunKind, RunState
from .facts import ON_ROSTER, View, collect, counting
from .models import Chunk, RosterRun, Run, Scheme, Verdict
from .rules.verdict import Facts, Rule, decide, rules_of_2022
from .system import SYSTEM

SLICE_SIZE = 10_000
SLICES_AT_ONCE = 64
"""At most so many small slices are taken together."""
FULL_SLICES_AT_ONCE = {"sqlite": 1, "postgresql": 3}
"""As many as so many full ones; on SQLite people's acts wait for each batch to be written."""
LEASE = dt.timedelta(minutes=5)
PAUSE_AFTER_WRITE = {"sqlite": 0.2}
"""Seconds between write transactions, so that people's acts come in between; after a small slice
no longer than the slice took, or 180 small rosters would mostly wait."""


class LostLease(Exception):
    """Another worker holds the slice now; what this one did is rolled back."""


class SliceMismatch(Exception):
    """A slice gave another number of ratings than it has enterprises: nothing is written."""


def rules_for(scheme: Scheme) -> tuple[Rule, ...]:
    """The rules of a scheme, most severe first."""
    return rules_of_2022(general_limit=scheme.general_limit)


# --- slices -----------------------------------------------------------------------------------


@transaction.atomic
def slice_run(run_id: int) -> None:
    """Cut every part into slices of SLICE_SIZE enterprises in code order, once. The run is then
    of this program's edition."""
    run = Run.objects.select_for_update().computed_here().filter(pk=run_id).first()
    if run is None or run.state != RunState.OPENED:
        return
    parts = {part.region_id: part for part in run.parts.all()}
    with connection.cursor() as cursor:
        cursor.execute(SLICES, View.of_run(run).parameters | {"size": SLICE_SIZE, "run": run.pk})
        rows = cursor.fetchall()
    Chunk.objects.bulk_create(
        Chunk(
            part=parts[region], number=number, first_code=first, last_code=last, size=size,
        )
        for region, number, first, last, size in rows
    )  # fmt: skip
    for region, _number, _first, _last, size in rows:
        parts[region].size += size
    RosterRun.objects.bulk_update(parts.values(), ["size"])
    Run.objects.filter(pk=run.pk, state=RunState.OPENED).update(
        state=RunState.RUNNING, edition=EDITION
    )


SLICES = f"""
    SELECT region_id, slice, MIN(enterprise_id), MAX(enterprise_id), COUNT(*)
    FROM (
        SELECT e.region_id, e.enterprise_id,
            (ROW_NUMBER() OVER (PARTITION BY e.region_id ORDER BY e.enterprise_id) - 1)
                / %(size)s AS slice
        FROM roster_rosterentry e
        WHERE e.region_id IN (SELECT region_id FROM grading_rosterrun WHERE run_id = %(run)s)
          AND {ON_ROSTER}
    ) numbered
    GROUP BY region_id, slice
    ORDER BY region_id, slice
"""


# --- taking -----------------------------------------------------------------------------------


def take_chunks(run_id: int, *, now: dt.datetime) -> list[Chunk]:
    """Unfinished slices nobody holds, under one fresh token; none when there are none to take.

    As many as make up FULL_SLICES_AT_ONCE: of 180 small rosters each slice alone would cost more in
    statements than in counting.
    """
    free = Q(state=ChunkState.WAITING) | Q(state=ChunkState.TAKEN, lease_until__lt=now)
    waiting = Chunk.objects.filter(
        free, part__run_id=run_id, part__run__state=RunState.RUNNING, part__run__edition=EDITION
    ).order_by("part_id", "number")
    while chosen := _one_batch(waiting.values_list("pk", "size")[:SLICES_AT_ONCE]):
        token = secrets.token_hex(16)
        taken = Chunk.objects.filter(free, pk__in=chosen).update(
            state=ChunkState.TAKEN, token=token, lease_until=now + LEASE
        )
        if taken:  # else another worker was quicker with every one of them
            return list(
                Chunk.objects.filter(pk__in=chosen, token=token)
                .select_related("part__run__scheme")
                .order_by("part_id", "number")
            )
    return []


def _one_batch(sizes: Iterable[tuple[int, int]]) -> list[int]:
    chosen: list[int] = []
    total, most = 0, SLICE_SIZE * FULL_SLICES_AT_ONCE[connection.vendor]
    for pk, size in sizes:
        if chosen and total + size > most:
            break
        chosen.append(pk)
        total += size
    return chosen


# --- slices at once ---------------------------------------------------------------------------


def grade_chunks(chunks: list[Chunk]) -> None:
    """Grade the slices this worker holds, all or none. Raises LostLease when one was taken over."""
    run = chunks[0].part.run
    view = View.of_run(run)
    with counting():
        for chunk in chunks:
            first, last = chunk.first_code, chunk.last_code
            collect(chunk.part, first=first, last=last, view=view, chunk=chunk.pk)
    counts = _fact_counts()
    _add_verdicts(run, {facts for found in counts.values() for facts in found})
    with transaction.atomic():
        _rate(run)
        lines = _lines(run)
        for chunk in chunks:
            _sum_up_chunk(chunk, counts[chunk.pk], lines.get(chunk.pk, ""))
        _close(chunks)


def _sum_up_chunk(chunk: Chunk, counts: Counter[str], lines: str) -> None:
    if counts.total() != chunk.size or lines.count("\n") + 1 != chunk.size:
        raise SliceMismatch(f"slice {chunk.pk} of {chunk.size}")
    chunk.counts, chunk.digest = dict(counts), slice_digest(lines)


def _close(chunks: list[Chunk]) -> None:
    """Last in the transaction: the slices are done, if they are all still this worker's."""
    held = Chunk.objects.filter(token=chunks[0].token, state=ChunkState.TAKEN)
    for chunk in chunks:
        chunk.state, chunk.lease_until = ChunkState.DONE, None
    if held.bulk_update(chunks, ["state", "counts", "digest", "lease_until"]) != len(chunks):
        raise LostLease(f"slices {chunks[0].pk} to {chunks[-1].pk}")


def _fact_counts() -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chunk, facts, COUNT(*) FROM chunk_facts GROUP BY chunk, facts"
            " ORDER BY chunk, facts"
        )
        for chunk, facts, number in cursor.fetchall():
            found[chunk][facts] = number
    return found


def _add_verdicts(run: Run, keys: Iterable[str]) -> None:
    """Decide the facts this run has not met yet; two workers may, with the same answer."""
    wanted = sorted(keys)
    met = set(Verdict.objects.filter(run=run, facts__in=wanted).values_list("facts", flat=True))
    new = [verdict_of(run, key) for key in wanted if key not in met]
    if new:
        with transaction.atomic():
            Verdict.objects.bulk_create(new, ignore_conflicts=True)


def verdict_of(run: Run, key: str) -> Verdict:
    """The unsaved verdict of a run's scheme over one combination of facts."""
    rule = decide(Facts.parse(key), rules_for(run.scheme))
    return Verdict(run=run, facts=key, grade=rule.grade, rule=rule.code, clause=rule.clause)


def _rate(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO grading_rating (part_id, enterprise_id, verdict_id, grade)"
            " SELECT c.part_id, f.enterprise_id, v.id, v.grade FROM chunk_facts f"
            " JOIN grading_chunk c ON c.id = f.chunk"
            " JOIN grading_verdict v ON v.run_id = %(run)s AND v.facts = f.facts"
            " ORDER BY c.part_id, f.enterprise_id",
            {"run": run.pk},
        )


def joined(expression: str) -> str:
    """SQL that joins the rows of an ordered subquery by line breaks, on either database."""
    if connection.vendor == "postgresql":
        return f"string_agg({expression}, E'\\n')"
    return f"group_concat({expression}, char(10))"


def _lines(run: Run) -> dict[int, str]:
    """`code|grade|facts` of every slice at hand in code order, as one text each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.chunk, f.enterprise_id || '|' || v.grade || '|' || f.facts"
            " FROM chunk_facts f"
            " JOIN grading_verdict v ON v.run_id = %(run)s AND v.facts = f.facts"
            " ORDER BY f.chunk, f.enterprise_id",
            {"run": run.pk},
        )
        by_chunk = groupby(cursor.fetchall(), key=itemgetter(0))
        return {chunk: "\n".join([line for _chunk, line in rows]) for chunk, rows in by_chunk}


def slice_digest(lines: str) -> str:
    """SHA-256 over the lines `code|grade|facts` of a slice in code order."""
    return hashlib.sha256(lines.encode()).hexdigest()


def digest_over(digests: Iterable[str]) -> str:
    """SHA-256 over the digests below: of a part over its slices, of a run over its parts."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


# --- summing up -------------------------------------------------------------------------------


def finish(run_id: int) -> None:
    """Sum up parts whose slices are all done, then the run. Safe to call at any time."""
    run = Run.objects.get(pk=run_id)
    if run.state == RunState.OPENED or run.edition != EDITION:
        return
    _finish_parts(run)
    if not run.parts.filter(state=PartState.COMPUTING).exists():
        _finish_run_once(run_id)


def _finish_parts(run: Run) -> None:
    computing = RosterRun.objects.filter(run=run, state=PartState.COMPUTING)
    unfinished = set(
        Chunk.objects.filter(part__in=computing)
        .exclude(state=ChunkState.DONE)
        .values_list("part_id", flat=True)
    )
    grade_of = dict(Verdict.objects.filter(run=run).values_list("facts", "grade"))
    slices = _slices_of(computing)
    done = [part for part in computing.all() if part.pk not in unfinished]
    for part in done:
        part.state = PartState.ESTIMATED if run.kind == RunKind.AD_HOC else PartState.COMPUTED
        _sum_up_part(part, slices[part.pk], grade_of)
    computing.bulk_update(done, ["state", "counts", "grades", "digest"])


def _finish_run_once(run_id: int) -> None:
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.COMPUTED:
            finish_run(by=SYSTEM, run=run)


def _slices_of(parts: QuerySet[RosterRun]) -> dict[int, list[tuple[dict[str, int], str]]]:
    """Counts and digest of every slice, in order, by part."""
    found: dict[int, list[tuple[dict[str, int], str]]] = defaultdict(list)
    rows = Chunk.objects.filter(part__in=parts).order_by("part_id", "number")
    for part, counts, digest in rows.values_list("part_id", "counts", "digest"):
        found[part].append((counts, digest))
    return found


def _sum_up_part(
    part: RosterRun, slices: list[tuple[dict[str, int], str]], grade_of: dict[str, str]
) -> None:
    counts: Counter[str] = Counter()
    for found, _digest in slices:
        counts.update(found)
    grades: Counter[str] = Counter()
    for facts, number in counts.items():
        grades[grade_of[facts]] += number
    part.counts = dict(sorted(counts.items()))
    part.grades = {grade: number for grade, number in sorted(grades.items()) if number}
    part.digest = digest_over(digest for _counts, digest in slices)


@act("grading.run_computed")
def finish_run(*, by: Actor, run: Run) -> None:
    """Close the computation of a locked run with its digest: one event, by the portal itself."""
    parts = run.parts.exclude(state=PartState.WITHDRAWN).order_by("region_id")
    run.digest = digest_over(parts.values_list("digest", flat=True))
    run.state = RunState.COMPUTED
    run.computed_at = timezone.now()
    run.save(update_fields=["digest", "state", "computed_at"])
    note(target=run, digest=run.digest)


# --- driving ----------------------------------------------------------------------------------


def work(run_id: int, *, seconds: float | None = None) -> bool:
    """Take slices until none is left, or for about `seconds`; True when none is left to take."""
    begun = time.monotonic()
    slice_run(run_id)
    while chunks := take_chunks(run_id, now=timezone.now()):
        taken = time.monotonic()
        try:
            grade_chunks(chunks)
        except LostLease:
            continue
        worked = time.monotonic() - taken
        time.sleep(min(worked, PAUSE_AFTER_WRITE.get(connection.vendor, 0)))
        if seconds is not None and time.monotonic() - begun > seconds:
            finish(run_id)
            return False
    finish(run_id)
    return True
