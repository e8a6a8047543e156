"""Proof that ratings follow from the tables: a run replayed, and the ratings in force.

Source: R4, R64; design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from audit.errors import Wrong
from audit.found import Found
from audit.models import ClockMark
from audit.refusal import explain

from .engine import digest_over, joined, rules_for, slice_digest
from .enums import ChunkState, PartState, RunState
from .facts import RATED_SLICE, View, collect, counting, facts_of
from .models import Chunk, Correction, Overtaken, Rating, RosterRun, Run, Verdict
from .queries import CURRENT_KINDS
from .regrading import current_parts, lock_publications, lock_rosters, overtaken_among
from .rules.verdict import Facts, SchemeGap, decide

T = TypeVar("T")


def verify_run(run: Run) -> Found:
    """Found a run from the tables and compare verdicts, slices, parts and the run's digest.

    Later corrections of records change nothing: the run pinned what it knew. Memory stays bounded
    by one slice. Of a run that is still being computed the published parts are replayed. Source:
    R4, R64.
    """
    checked = 0
    parts = run.parts.exclude(state=PartState.WITHDRAWN).order_by("region_id")
    if run.state != RunState.COMPUTED:
        parts = parts.filter(published_at__isnull=False)
    try:
        _check_verdicts(run)
        if run.state != RunState.COMPUTED and not parts.exists():
            raise Wrong("grading.run_not_computed", run=run.pk, state=run.get_state_display())
        for part in parts:
            for size in _check_part(part):
                checked += size
            checked += _check_twice(part, _check_what_came_after, among=parts) or 0
        if run.state == RunState.COMPUTED:
            _check_run_digest(run)
    except Wrong as wrong:
        return Found(False, checked, explain(wrong))
    return Found(True, checked)


def runs_to_replay() -> QuerySet[Run]:
    """Runs whose grades were published, or wait for their review: superseded ones too, for they
    are shown as history and grades may be kept from them."""
    published = RosterRun.objects.filter(run=OuterRef("pk"), published_at__isnull=False)
    waiting = Q(state=RunState.COMPUTED, kind__in=CURRENT_KINDS)
    runs = Run.objects.filter(waiting | Exists(published))
    return runs.select_related("scheme").order_by("pk")


def _check_verdicts(run: Run) -> None:
    """First of all: do today's rules still say what they said? If not, say so by name."""
    rules = rules_for(run.scheme)
    for verdict in Verdict.objects.filter(run=run).order_by("facts").iterator():
        try:
            rule = decide(Facts.parse(verdict.facts), rules)
        except (SchemeGap, ValueError) as wrong:
            raise Wrong(
                "grading.verdict_without_rule", verdict=verdict.pk, facts=verdict.facts
            ) from wrong
        stored = (verdict.grade, verdict.rule, verdict.clause)
        now = (rule.grade, rule.code, rule.clause)
        if stored != now:
            raise Wrong(
                "grading.verdict_differs", verdict=verdict.pk, facts=verdict.facts,
                stored=" ".join(stored), now=" ".join(now),
            )  # fmt: skip


def _check_part(part: RosterRun) -> Iterator[int]:
    """Every slice replayed and compared with the ratings the run wrote."""
    digests = []
    size = 0
    slices = Chunk.objects.filter(part=part).order_by("number")
    for number, chunk in enumerate(slices.iterator()):
        if chunk.state != ChunkState.DONE:
            raise Wrong(
                "grading.slice_not_done", chunk=chunk.pk, part=part.pk,
                state=chunk.get_state_display(),
            )  # fmt: skip
        if chunk.number != number:
            raise Wrong("grading.slice_missing", chunk=chunk.pk, part=part.pk, number=number)
        _check_chunk(part, chunk)
        digests.append(chunk.digest)
        size += chunk.size
        yield chunk.size
    if digest_over(digests) != part.digest or size != part.size:
        raise Wrong("grading.part_differs", part=part.pk, region=part.region_id)
    written = Rating.objects.filter(part=part, correction__isnull=True).count()
    if written != part.size:
        raise _odd_rating(part)


def _check_chunk(part: RosterRun, chunk: Chunk) -> None:
    with counting():
        collect(part, first=chunk.first_code, last=chunk.last_code, view=View.of_run(part.run))
    replayed = _text(REPLAYED, part, chunk)
    stored = _text(STORED, part, chunk)
    if stored != replayed:
        what = "rating" if slice_digest(replayed) == chunk.digest else "facts"
        code = _first_difference(stored, replayed)
        raise Wrong(f"grading.{what}_differs", code=code, part=part.pk, number=chunk.number)
    if slice_digest(replayed) != chunk.digest:
        raise Wrong("grading.slice_digest", chunk=chunk.pk, number=chunk.number, part=part.pk)
    lines = replayed.splitlines()
    if (lines[0].split("|")[0], lines[-1].split("|")[0]) != (chunk.first_code, chunk.last_code):
        raise Wrong("grading.slice_bounds", chunk=chunk.pk, number=chunk.number, part=part.pk)
    if _by_facts(lines) != chunk.counts or len(lines) != chunk.size:
        raise Wrong("grading.slice_figures", chunk=chunk.pk, number=chunk.number, part=part.pk)


def _by_facts(lines: list[str]) -> dict[str, int]:
    return Counter(line.split("|", 2)[2] for line in lines)


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


def _first_difference(stored: str, replayed: str) -> str:
    """The first enterprise whose lines differ; one that is there twice has one line too many."""
    found, wanted = Counter(stored.splitlines()), Counter(replayed.splitlines())
    return min((found - wanted) | (wanted - found)).split("|")[0]


def _odd_rating(part: RosterRun) -> Wrong:
    """A rating the run wrote for an enterprise of none of the part's slices."""
    covered = Chunk.objects.filter(
        part=part, first_code__lte=OuterRef("enterprise"), last_code__gte=OuterRef("enterprise")
    )
    odd = Rating.objects.filter(~Exists(covered), part=part, correction__isnull=True)
    code = odd.order_by("enterprise").values_list("enterprise", flat=True).first()
    return Wrong("grading.rating_too_many", code=code, part=part.pk)


def _check_what_came_after(part: RosterRun) -> int:
    count = _check_corrections(part)
    _check_figures(part)
    return count


def _check_corrections(part: RosterRun) -> int:
    """Each correction has its rating, which counted what was known at the correction's instant
    and took the place of the one before."""
    made = {one.pk: one for one in Correction.objects.filter(part=part).order_by("pk")}
    corrected = Rating.objects.filter(part=part, correction__isnull=False).order_by("pk")
    before = _replaced(part)
    for rating in corrected.select_related("verdict__run__scheme").iterator():
        assert rating.correction_id is not None  # noqa: S101 -- the filter above says so
        found = made.pop(rating.correction_id, None)
        if (
            found is None
            or found.enterprise_id != rating.enterprise_id
            or (found.kept_from_id is None) != (before.pop(rating.pk, None) == rating.enterprise_id)
        ):
            raise _wrong_correction(rating.enterprise_id, rating.correction_id, part)
        view = View.of_run(rating.verdict.run, known_at=found.known_at)
        key = facts_of(rating.enterprise_id, view=view)
        if key != rating.verdict.facts or rating.grade != rating.verdict.grade:
            raise _wrong_correction(rating.enterprise_id, rating.correction_id, part)
    for correction in made.values():
        raise _wrong_correction(correction.enterprise_id, correction.pk, part)
    for code in before.values():
        raise Wrong("grading.replaced_by_nothing", code=code, part=part.pk)
    return corrected.count()


def _replaced(part: RosterRun) -> dict[int, str]:
    """By the rating that took its place, whose rating was replaced. Raises Wrong for two by one."""
    found: dict[int, str] = {}
    rows = Rating.objects.filter(part=part, replaced_by__isnull=False).order_by("pk")
    for code, by in rows.values_list("enterprise", "replaced_by"):
        assert by is not None  # noqa: S101 -- the filter above says so
        if found.setdefault(by, code) != code:
            raise Wrong("grading.replaced_by_nothing", code=code, part=part.pk)
    return found


def _wrong_correction(code: str, correction: int | None, part: RosterRun) -> Wrong:
    return Wrong("grading.correction_differs", code=code, correction=correction, part=part.pk)


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
        raise Wrong("grading.part_figures", part=part.pk, region=part.region_id)


def _check_run_digest(run: Run) -> None:
    digests = run.parts.exclude(state=PartState.WITHDRAWN).order_by("region_id")
    withdrawn = run.parts.filter(state=PartState.WITHDRAWN).exists()
    if not withdrawn and digest_over(digests.values_list("digest", flat=True)) != run.digest:
        raise Wrong("grading.run_digest", run=run.pk)


def check_clock() -> Found:
    """No act may stamp behind what a run has pinned: the last cut is that of the newest run."""
    newest = Run.objects.order_by("-known_at").values("known_at")[:1]
    marks = ClockMark.objects.filter(pk=1).annotate(newest=Subquery(newest))
    cut_at, known_at = marks.values_list("cut_at", "newest").first() or (None, None)
    if cut_at is None:
        known_at = newest.values_list("known_at", flat=True).first()
    if cut_at != known_at:
        return Found(False, 1, explain(Wrong("grading.clock_differs", known_at=known_at)))
    return Found(True, 1)


EVER = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""Known at the end of time: the rows in force now."""


# --- the ratings in force ---------------------------------------------------------------------


def verify_current() -> Found:
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
    except Wrong as wrong:
        return Found(False, checked, explain(wrong))
    return Found(True, checked)


def _check_twice(
    part: RosterRun, check: Callable[[RosterRun], T], *, among: QuerySet[RosterRun]
) -> T | None:
    """A fault is looked at again under the roster's lock: acts go on while a check takes its time,
    and what one of them put right in between is no fault. None when by then the part is no longer
    `among` those to be checked."""
    try:
        return check(part)
    except Wrong:
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
        raise Wrong("grading.overtaken_differs", code=code, part=part)


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
            raise Wrong("grading.rating_in_force", code=wrong, part=part.pk)


def _check_kept(part: RosterRun) -> None:
    """Grades kept from another part; they are few, so one by one."""
    kept = Rating.objects.standing().filter(part=part).exclude(verdict__run=part.run_id)
    for rating in kept.select_related("verdict__run__scheme").order_by("enterprise").iterator():
        view = View.of_run(rating.verdict.run, known_at=EVER)
        rule = decide(Facts.parse(rating.verdict.facts), rules_for(rating.verdict.run.scheme))
        found = (facts_of(rating.enterprise_id, view=view), rating.verdict.grade, rule.grade)
        if found != (rating.verdict.facts, rating.grade, rating.grade):
            raise Wrong("grading.rating_in_force", code=rating.enterprise_id, part=part.pk)
