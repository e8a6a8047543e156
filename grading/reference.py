"""The first scheme and the yearly reference date. Source: R30–R37; domain facts 2."""

from __future__ import annotations

import datetime as dt

from audit.acts import acting, note, stamp
from roster.scope import Actor

from .enums import RunKind, SchemeState
from .models import RunSchedule, Scheme, SchemeGrade
from .rules.scheme import GRADES_OF_2022, KINDS_OF_2022
from .schemes import add_kinds


def load_reference(*, by: Actor) -> int:
    """Add scheme version 1 and the yearly schedule when there is none; change nothing that is.

    The reference date 31 December is a default, no source. Returns how many were added; when
    nothing is missing it is no act and writes nothing.
    """
    if Scheme.objects.exists() and RunSchedule.objects.exists():
        return 0
    with acting("grading.reference_loaded", by=by):
        return _add_what_is_missing()


def _add_what_is_missing() -> int:
    added: list[Scheme | RunSchedule] = []
    if not Scheme.objects.exists():
        added.append(_first_scheme(stamp()))
    if not RunSchedule.objects.exists():
        schedule = RunSchedule.objects.create(
            kind=RunKind.ANNUAL, month=12, day=31, since=dt.date(2022, 6, 30)
        )
        added.append(schedule)
    note(added=[str(row) for row in added])
    for row in added:
        note(target=row)
    return len(added)


def _first_scheme(now: dt.datetime) -> Scheme:
    scheme = Scheme.objects.create(
        version=1,
        title="企业信用评价标准（冀政办字〔2022〕54号）",
        window_months=12,
        general_limit=5,
    )
    add_kinds(scheme, KINDS_OF_2022)
    SchemeGrade.objects.bulk_create(
        SchemeGrade(scheme=scheme, grade=grade, name=name, meaning=meaning, order=order)
        for order, (grade, name, meaning) in enumerate(GRADES_OF_2022, start=1)
    )
    Scheme.objects.filter(pk=scheme.pk).update(state=SchemeState.PUBLISHED, published_at=now)
    return scheme
