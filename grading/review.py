"""What a lead agency reads before it puts its name to a part: verdicts, changes, corrections.

Source: R38, 五(一); design ideas 1 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from roster.models import Enterprise, RosterEntry
from roster.scope import Actor

from .engine import rules_for
from .enums import PartState
from .models import Correction, Rating, RosterRun, Verdict
from .queries import CURRENT_KINDS
from .regrading import touched_since
from .rules.verdict import Facts

EXAMPLES = 3
LISTED_CORRECTIONS = 20
LISTED_LEAVERS = 50


@dataclass(frozen=True)
class Named:
    """An enterprise as a page shows it."""

    code: str
    name: str


@dataclass(frozen=True)
class Line:
    """One distinct combination of facts: its verdict, how many enterprises, a few of them."""

    verdict: Verdict
    facts: Facts
    count: int
    examples: tuple[Named, ...] = ()


def lines_of(part: RosterRun) -> list[Line]:
    """Every verdict line of a part, the most severe rule first; one query."""
    order = {rule.code: place for place, rule in enumerate(rules_for(part.run.scheme))}
    verdicts = Verdict.objects.filter(run=part.run_id, facts__in=list(part.counts))
    lines = [
        Line(verdict=verdict, facts=Facts.parse(verdict.facts), count=part.counts[verdict.facts])
        for verdict in verdicts
    ]
    return sorted(lines, key=lambda line: (order[line.verdict.rule], line.facts))


def awaiting_confirmation(lines: Iterable[Line]) -> int:
    """How many enterprises are B only because a consequence is not confirmed yet. Gap 1."""
    return sum(line.count for line in lines if line.verdict.rule == "awaiting_confirmation")


def with_examples(lines: Iterable[Line], part: RosterRun, *, user: Actor) -> list[Line]:
    """The lines with the first enterprises of each in code order; two queries."""
    shown = list(lines)
    numbered = (
        Rating.objects.standing()
        .filter(part=part, verdict__in=[line.verdict.pk for line in shown])
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("verdict_id"), order_by=F("enterprise_id").asc()
            )
        )
        .filter(place__lte=EXAMPLES)
        .order_by("enterprise_id")
    )
    codes: dict[int, list[str]] = defaultdict(list)
    for verdict, code in numbered.values_list("verdict_id", "enterprise_id"):
        codes[verdict].append(code)
    names = names_of((code for found in codes.values() for code in found), user=user)
    return [
        Line(
            line.verdict,
            line.facts,
            line.count,
            tuple(Named(code, names.get(code, "")) for code in codes[line.verdict.pk]),
        )
        for line in shown
    ]


def names_of(codes: Iterable[str], *, user: Actor) -> dict[str, str]:
    """Names of enterprises by code, in one query: of those that are still the reader's to see."""
    seen = Enterprise.objects.visible_to(user).filter(pk__in=set(codes))
    return dict(seen.values_list("code", "name"))


# --- against the part before ------------------------------------------------------------------


@dataclass(frozen=True)
class Transition:
    """How many enterprises went from one grade to another; "" before: new, after: gone."""

    before: str
    after: str
    count: int


def part_before(part: RosterRun) -> RosterRun | None:
    """The published part of the same roster and of a yearly or quarterly run just before this."""
    reference = part.run.reference_date
    return (
        RosterRun.objects.filter(
            Q(run__reference_date__lt=reference)
            | Q(run__reference_date=reference, run_id__lt=part.run_id),
            region=part.region_id,
            state=PartState.PUBLISHED,
            run__kind__in=CURRENT_KINDS,
        )
        .select_related("run__scheme", "region")
        .order_by("-run__reference_date", "-run_id")
        .first()
    )


def newer_than(part: RosterRun) -> RosterRun | None:
    """The current part of the roster when it is of a newer run: this one will not take its place,
    and did not."""
    current = RosterRun.objects.current().filter(region=part.region_id).select_related("run")
    found = current.first()
    order = (part.run.reference_date, part.run_id)
    return found if found and (found.run.reference_date, found.run_id) > order else None


TRANSITIONS = """
    SELECT before_grade, after_grade, COUNT(*) FROM (
        SELECT enterprise_id,
            COALESCE(MAX(CASE WHEN part_id = %(before)s THEN grade END), '') AS before_grade,
            COALESCE(MAX(CASE WHEN part_id = %(after)s THEN grade END), '') AS after_grade
        FROM grading_rating
        WHERE part_id IN (%(before)s, %(after)s) AND replaced_by_id IS NULL
          AND verdict_id IN (
              SELECT id FROM grading_verdict WHERE run_id IN (%(run_before)s, %(run_after)s)
          )
        GROUP BY enterprise_id
    ) both_parts
    GROUP BY before_grade, after_grade
    ORDER BY before_grade, after_grade
"""


def transitions(before: RosterRun, after: RosterRun) -> list[Transition]:
    """Enterprises by grade before and grade now, in one set-based query; grades that a part only
    keeps for another roster are not its own. Source: R33."""
    with connection.cursor() as cursor:
        cursor.execute(
            TRANSITIONS,
            {
                "before": before.pk, "after": after.pk,
                "run_before": before.run_id, "run_after": after.run_id,
            },
        )  # fmt: skip
        return [Transition(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Leaver:
    """An enterprise the part before graded and this one does not: since when and why."""

    named: Named
    grade: str
    left_on: dt.date | None
    reason: str


def leavers(before: RosterRun, after: RosterRun, *, user: Actor) -> list[Leaver]:
    """The first of those no longer on the roster, worst grade first; three queries.

    A stay may be ended with a day long past, so who reviews and who publishes both see who is not
    graded any more. Source: R16, R19.
    """
    graded = Rating.objects.filter(part=after, enterprise=OuterRef("enterprise"))
    gone = (
        Rating.objects.standing()
        .filter(~Exists(graded), part=before, verdict__run=before.run_id)
        .order_by("-grade", "enterprise")
        .values_list("enterprise", "grade")[:LISTED_LEAVERS]
    )
    grades = dict(gone)
    names = names_of(grades, user=user)
    ended = RosterEntry.objects.filter(
        enterprise__in=grades, region=before.region_id, retracted_at__isnull=True
    ).order_by("recorded_at")
    stays = {entry.enterprise_id: entry for entry in ended}
    return [
        Leaver(
            Named(code, names.get(code, "")),
            grade,
            stays[code].left_on if code in stays else None,
            stays[code].leave_reason if code in stays else "",
        )
        for code, grade in grades.items()
    ]


# --- corrections ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pending:
    """Enterprises that publication will grade again, and the first of them by name."""

    count: int
    first: tuple[Named, ...]


def to_regrade(part: RosterRun, *, user: Actor) -> Pending:
    """Whom publishing the part would grade again, because something was put right since."""
    codes = touched_since(part)
    names = names_of(codes[:LISTED_CORRECTIONS], user=user)
    return Pending(
        len(codes),
        tuple(Named(code, names.get(code, "")) for code in codes[:LISTED_CORRECTIONS]),
    )


@dataclass(frozen=True)
class Corrected:
    """One regrading on top of a part: why, by whom, and the grade before and after."""

    correction: Correction
    named: Named
    before: str
    after: str


def corrections_of(part: RosterRun, *, user: Actor) -> list[Corrected]:
    """The newest regradings on top of a part, without the grades it only keeps; three queries."""
    made = list(
        Correction.objects.filter(part=part, kept_from__isnull=True)
        .prefetch_related("ratings")
        .order_by("-known_at", "-pk")[:LISTED_CORRECTIONS]
    )
    new = {rating.pk: rating for item in made for rating in item.ratings.all()}
    codes = [item.enterprise_id for item in made]
    names = names_of(codes, user=user)
    old = dict(
        Rating.objects.filter(part=part, enterprise__in=codes, replaced_by__in=new).values_list(
            "replaced_by", "grade"
        )
    )
    return [
        Corrected(
            item,
            Named(item.enterprise_id, names.get(item.enterprise_id, "")),
            old.get(rating.pk, ""),
            rating.grade,
        )
        for item in made
        for rating in item.ratings.all()
    ]
