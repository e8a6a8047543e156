"""Proof that ratings follow from the tables: a run replayed, and the ratings in force.

Source: R4, R64; design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from .engine import digest_over, joined, rules_for, slice_digest
from .enums import ChunkState, PartState, RunState
from .facts import RATED_SLICE, View, collect, counting, facts_of
from .models import Chunk, Overtaken, Rating, RosterRun, Run, Verdict
from .regrading import current_parts, lock_publications, lock_rosters, overtaken_among
from .rules.verdict import Facts, SchemeGap, decide

T = TypeVar("T")


@dataclass(frozen=True)
class Replay:
    """What a check found: how many ratings were compared, and the first that is wrong."""

    ok: bool
    checked: int
    first_bad: str | None = None


class _Bad(Exception):
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def verify_run(run: Run) -> Replay:
    """Replay a run from the tables and compare verdicts, slices, parts and the run's digest.

    Later corrections of records change nothing: the run pinned what it knew. Memory stays bounded
    by one slice. Source: R4, R64.
    """
    checked = 0
    parts = run.parts.exclude(state=PartState.WITHDRAWN).order_by("region_id")
    try:
        _check_verdicts(run)
        if run.state != RunState.COMPUTED:
            raise _Bad(f"run {run.pk} is not computed: {run.state}")
        for part in parts:
            for size in _check_part(part):
                checked += size
            checked += _check_twice(part, _check_what_came_after, among=parts) or 0
        _check_run_digest(run)
    except _Bad as bad:
        return Replay(False, checked, bad.what)
    return Replay(True, checked)


def _check_verdicts(run: Run) -> None:
    """First of all: do today's rules still say what they said? If not, say so by name."""
    rules = rules_for(run.scheme)
    for verdict in Verdict.objects.filter(run=run).order_by("facts").iterator():
        try:
            rule = decide(Facts.parse(verdict.facts), rules)
        except (SchemeGap, ValueError) as wrong:
            raise _Bad(f"verdict {verdict.pk} ({verdict.facts}): {wrong}") from wrong
        stored = (verdict.grade, verdict.rule, verdict.clause)
        now = (rule.grade, rule.code, rule.clause)
        if stored != now:
            raise _Bad(
                f"verdict {verdict.pk} ({verdict.facts}): stored {' '.join(stored)},"
                f" the rules now say {' '.join(now)}"
            )


def _check_part(part: RosterRun) -> Iterator[int]:
    """Every slice replayed and compared with the ratings the run wrote."""
    digests = []
    size = 0
    for chunk in Chunk.objects.filter(part=part).order_by("number").iterator():
        if chunk.state != ChunkState.DONE:
            raise _Bad(f"slice {chunk.pk} of part {part.pk} is {chunk.state}")
        _check_chunk(part, chunk)
        digests.append(chunk.digest)
        size += chunk.size
        yield chunk.size
    if digest_over(digests) != part.digest or size != part.size:
        raise _Bad(f"part {part.pk} ({part.region_id}): digest or size does not follow")
    written = Rating.objects.filter(part=part, correction__isnull=True).count()
    if written != part.size:
        raise _Bad(f"part {part.pk} ({part.region_id}): {written} ratings for {part.size}")


def _check_chunk(part: RosterRun, chunk: Chunk) -> None:
    with counting():
        collect(part, first=chunk.first_code, last=chunk.last_code, view=View.of_run(part.run))
    replayed = _text(REPLAYED, part, chunk)
    stored = _text(STORED, part, chunk)
    if stored != replayed:
        what = "rating" if slice_digest(replayed) == chunk.digest else "facts"
        raise _Bad(_first_difference(part, chunk, stored, replayed, what))
    if slice_digest(replayed) != chunk.digest:
        raise _Bad(f"digest of slice {chunk.number} of part {part.pk} does not follow")
    if _by_facts(replayed) != chunk.counts:
        raise _Bad(f"figures of slice {chunk.number} of part {part.pk} do not follow")


def _by_facts(lines: str) -> dict[str, int]:
    return Counter(line.split("|", 2)[2] for line in lines.splitlines())


REPLAYED = """
    SELECT f.enterprise_id || '|' || COALESCE(v.grade, '?') || '|' || f.facts AS line
    FROM chunk_facts f
    LEFT JOIN grading_verdict v ON v.run_id = %(run)s AND v.facts = f.facts
    ORDER BY f.enterprise_id
"""
STORED = """
    SELECT g.enterprise_id || '|' || g.grade || '|' || COALESCE(v.facts, '?') AS line
    FROM grading_rating g
    LEFT JOIN grading_verdict v
        ON v.id = g.verdict_id AND v.run_id = %(run)s AND v.grade = g.grade
    WHERE g.part_id = %(part)s AND g.correction_id IS NULL
      AND g.enterprise_id BETWEEN %(first)s AND %(last)s
    ORDER BY g.enterprise_id
"""


def _text(lines: str, part: RosterRun, chunk: Chunk) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {joined('line')} FROM ({lines}) lines",
            {
                "run": part.run_id,
                "part": part.pk,
                "first": chunk.first_code,
                "last": chunk.last_code,
            },
        )
        return cursor.fetchone()[0] or ""


def _first_difference(part: RosterRun, chunk: Chunk, stored: str, replayed: str, what: str) -> str:
    lines = set(stored.splitlines()) ^ set(replayed.splitlines())
    code = min(lines).split("|")[0] if lines else "—"
    return f"{what} of {code} (part {part.pk}, slice {chunk.number}) does not follow"


def _check_what_came_after(part: RosterRun) -> int:
    count = _check_corrections(part)
    _check_figures(part)
    return count


def _check_corrections(part: RosterRun) -> int:
    """Each correction counted what was known at its own instant; the chain of ratings holds."""
    corrected = Rating.objects.filter(part=part, correction__isnull=False)
    count = 0
    for rating in (
        corrected.select_related("correction", "verdict__run__scheme").order_by("pk").iterator()
    ):
        count += 1
        assert rating.correction is not None  # noqa: S101 -- the filter above says so
        view = View.of_run(rating.verdict.run, known_at=rating.correction.known_at)
        key = facts_of(rating.enterprise_id, view=view)
        if key != rating.verdict.facts or rating.grade != rating.verdict.grade:
            raise _Bad(f"correction {rating.correction_id} of {rating.enterprise_id}")
    kept = corrected.filter(correction__kept_from__isnull=False).count()
    replaced = Rating.objects.filter(part=part, replaced_by__isnull=False).count()
    if replaced + kept != count:
        raise _Bad(f"part {part.pk}: {replaced} replaced ratings for {count - kept} corrections")
    return count


def _check_figures(part: RosterRun) -> None:
    """The figures shown of a part are those of its standing ratings."""
    counts: Counter[str] = Counter()
    grades: Counter[str] = Counter()
    rows = Rating.objects.standing().filter(part=part, verdict__run=part.run_id)
    for facts, grade, number in (
        rows.values_list("verdict__facts", "grade").annotate(n=Count("pk")).order_by()
    ):
        counts[facts] += number
        grades[grade] += number
    if (part.counts, part.grades) != (counts, grades):
        raise _Bad(f"figures of part {part.pk} ({part.region_id})")


def _check_run_digest(run: Run) -> None:
    digests = run.parts.exclude(state=PartState.WITHDRAWN).order_by("region_id")
    withdrawn = run.parts.filter(state=PartState.WITHDRAWN).exists()
    if not withdrawn and digest_over(digests.values_list("digest", flat=True)) != run.digest:
        raise _Bad(f"run {run.pk}: digest does not follow from its parts")


EVER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""Known at the end of time: the rows in force now."""


# --- the ratings in force ---------------------------------------------------------------------


def verify_current() -> Replay:
    """Count again, as known now, what every rating in force should rest on; 0 may differ.

    Later news does not enter (first known after the part's instant), corrections do. The figures
    shown of a part are those of its ratings, and overtaken is what stands beside a newer rating.
    Source: design idea 4, the standing check.
    """
    checked = 0
    parts = RosterRun.objects.current().select_related("run__scheme").order_by("region_id")
    try:
        for part in parts:
            checked += part.size
            _check_twice(part, _check_in_force, among=parts)
        _check_overtaken()
    except _Bad as bad:
        return Replay(False, checked, bad.what)
    return Replay(True, checked)


def _check_twice(
    part: RosterRun, check: Callable[[RosterRun], T], *, among: QuerySet[RosterRun]
) -> T | None:
    """A fault is looked at again under the roster's lock: acts go on while a check takes its time,
    and what one of them put right in between is no fault. None when by then the part is no longer
    `among` those to be checked."""
    try:
        return check(part)
    except _Bad:
        with transaction.atomic():
            lock_rosters({part.region_id})
            now = among.filter(pk=part.pk).first()
            return check(now) if now is not None else None


def _check_in_force(part: RosterRun) -> None:
    for chunk in Chunk.objects.filter(part=part).order_by("number"):
        _check_standing(part, chunk)
    _check_kept(part)
    _check_figures(part)


def _check_overtaken() -> None:
    """What `regrading.settle` keeps, against all enterprises that stand in several parts."""
    with transaction.atomic():
        lock_publications()
        standing = Rating.objects.standing().filter(part__in=current_parts())
        several = standing.values("enterprise").annotate(n=Count("pk")).filter(n__gt=1).order_by()
        wanted = set(overtaken_among(list(several.values_list("enterprise", flat=True))))
        kept = Overtaken.objects.filter(part__in=current_parts())
        wrong = wanted ^ set(kept.values_list("part_id", "enterprise_id"))
    if wrong:
        part, code = min(wrong)
        raise _Bad(f"rating of {code} (part {part}) is overtaken, or is not")


def _check_standing(part: RosterRun, chunk: Chunk) -> None:
    """Every standing rating of a slice follows from the tables; else the first is named."""
    view = View.of_run(part.run, known_at=EVER)
    with counting():
        collect(part, first=chunk.first_code, last=chunk.last_code, view=view, among=RATED_SLICE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT MIN(g.enterprise_id) FROM grading_rating g"
            " JOIN grading_verdict v ON v.id = g.verdict_id"
            " LEFT JOIN chunk_facts f ON f.enterprise_id = g.enterprise_id"
            " WHERE g.part_id = %(part)s AND g.replaced_by_id IS NULL AND v.run_id = %(run)s"
            " AND g.enterprise_id BETWEEN %(first)s AND %(last)s"
            " AND (f.facts IS NULL OR f.facts <> v.facts OR g.grade <> v.grade)",
            {
                "part": part.pk, "run": part.run_id,
                "first": chunk.first_code, "last": chunk.last_code,
            },
        )  # fmt: skip
        if wrong := cursor.fetchone()[0]:
            raise _Bad(f"rating of {wrong} (part {part.pk})")


def _check_kept(part: RosterRun) -> None:
    """Grades kept from another part; they are few, so one by one."""
    kept = Rating.objects.standing().filter(part=part).exclude(verdict__run=part.run_id)
    for rating in kept.select_related("verdict__run__scheme").order_by("enterprise").iterator():
        view = View.of_run(rating.verdict.run, known_at=EVER)
        rule = decide(Facts.parse(rating.verdict.facts), rules_for(rating.verdict.run.scheme))
        found = (facts_of(rating.enterprise_id, view=view), rating.verdict.grade, rule.grade)
        if found != (rating.verdict.facts, rating.grade, rating.grade):
            raise _Bad(f"rating of {rating.enterprise_id} kept in part {part.pk}")
