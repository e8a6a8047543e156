"""Reminders: two working days before a limit ends, on its last day, and once it is over. R29; design
idea 8.

Each is written once for a day that binds, however often the round is made; where the rounds of some
days were missed, the next says what is the case by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from audit.acts import act, note
from grading.system import SYSTEM
from intake.sweeping import tend_each
from notices.models import Notice
from notices.services import To
from roster.enums import Permission
from roster.scope import Actor
from workdays.queries import loaded_calendar
from workdays.rules import CalendarGap, add_workdays

from . import telling
from .models import Case, Verification

SOON_WORKDAYS = 2


def soon(on: dt.date) -> dt.date:
    """The last day that counts as soon: the last of the calendar where it does not reach further,
    and the day itself where it does not even reach that; nothing is guessed."""
    try:
        return add_workdays(on, SOON_WORKDAYS, loaded_calendar())
    except CalendarGap as gap:
        return max(on, dt.date(gap.year - 1, 12, 31))


def remind_due(*, on: dt.date) -> int:
    """Remind of every limit that ends today or soon, and of one that ran out; how many reminders
    were written. A fault in one keeps back no other; then raises an ExceptionGroup."""
    last = soon(on)
    cases = Case.objects.due(last).select_related("agency", "enterprise")
    asked = (
        Verification.objects.waiting()
        .filter(due_on__lte=last)
        .select_related("agency", "case__agency", "case__enterprise")
    )
    rows: list[Case | Verification] = [*cases, *asked]
    written: list[int] = []

    def tend(row: Case | Verification) -> None:
        if _is_new(row, on):
            written.append(remind(by=SYSTEM, row=row, on=on))

    tend_each(rows, tend)
    return sum(written)


@act("objections.reminded")
def remind(*, by: Actor, row: Case | Verification, on: dt.date) -> int:
    """Remind who works on it and who watches over that; how many were told."""
    case = row if isinstance(row, Case) else row.case
    people = list(_people(row))
    for to in people:
        telling.reminded(case, by=by, when=_when(row, on), last=_last(row), to=to, about=row)
    note(target=row)
    return len(people)


def _people(row: Case | Verification) -> Iterator[To]:
    """Of a case its handler, before somebody took it up the unit, and the unit's approvers; of a
    source department its people, and the handler who waits for them."""
    case = row if isinstance(row, Case) else row.case
    handler = telling.handler_of(case)
    to_handler = (
        To(user=handler, agency=case.agency)
        if handler
        else To(agency=case.agency, permission=Permission.HANDLE_CASES)
    )
    if isinstance(row, Verification):
        yield To(agency=row.agency, permission=Permission.VERIFY_CASES)
    else:
        yield To(agency=case.agency, permission=Permission.DECIDE_CASES)
    yield to_handler


def _is_new(row: Case | Verification, on: dt.date) -> bool:
    """Whether of this day nobody was reminded yet."""
    told = Notice.objects.filter(
        about_type=row._meta.label_lower, about_id=str(row.pk),
        kind=f"objections.{_when(row, on)}",
    )  # fmt: skip
    return not any(_last(row).isoformat() == notice.values.get("last") for notice in told)


def _when(row: Case | Verification, on: dt.date) -> str:
    last = _last(row)
    when = "overdue" if last < on else "due_today" if last == on else "due_soon"
    return when if isinstance(row, Case) else f"source_{when}"


def _last(row: Case | Verification) -> dt.date:
    assert row.due_on is not None  # noqa: S101 -- only rows with a day are asked for
    return row.due_on


__all__ = ["remind", "remind_due", "soon"]
