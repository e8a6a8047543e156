"""Enterprises per grade in force, from the figures of parts. Source: R42, 五(三); design §7."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import QuerySet

from .models import Correction, Overtaken, Rating, RosterRun


@dataclass
class Figures:
    """Of one scheme: how many rosters, and how many enterprises have each grade."""

    rosters: int = 0
    grades: Counter[str] = field(default_factory=Counter)


def grades_in_force(parts: QuerySet[RosterRun]) -> dict[int, Figures]:
    """By scheme, over current parts; four queries, whatever their size.

    A part's own figures hold what it graded. Without those that a newer rating on another roster
    has overtaken, and with the grades it keeps from an earlier part, every enterprise counts once.
    """
    found: dict[int, Figures] = {}
    keys = []
    for key, scheme, grades in parts.values_list("pk", "run__scheme", "grades"):
        keys.append(key)
        figures = found.setdefault(scheme, Figures())
        figures.rosters += 1
        figures.grades.update(grades)
    overtaken = set(Overtaken.objects.filter(part__in=keys).values_list("part", "enterprise"))
    kept = Correction.objects.filter(part__in=keys, kept_from__isnull=False)
    pairs = overtaken | set(kept.values_list("part", "enterprise"))
    rows = Rating.objects.standing().filter(
        part__in=keys, enterprise__one_of={code for _part, code in pairs}
    )
    for part, code, grade, scheme, spoken_by, run in rows.values_list(
        "part", "enterprise", "grade", "verdict__run__scheme", "verdict__run", "part__run"
    ):
        change = ((part, code) not in overtaken) - (spoken_by == run)
        found.setdefault(scheme, Figures()).grades[grade] += change
    return found
