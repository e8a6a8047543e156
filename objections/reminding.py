"""Reminders: two working days before a limit ends, on its last day, and once it is over. R29; design
idea 8.

Each is written once for a day that binds, however often the round is made; where the rounds of some
days were missed, the next says what is the case by then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

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
from .running import locked_unseen

SOON_WORKDAYS = 2


def soon(on: dt.date) -> dt.date:
    """The last day that counts as soon: the last of the calendar where it does not reach further,
    and the day itself where it does not even reach that; nothing is guessed."""
    try:
        return add_workdays(on, SOON_WORKDAYS, loaded_calendar())
    except CalendarGap as gap:
        return max(on, dt.date(gap.year - 1, 12, 31))


@dataclass(frozen=True)
class Due:
    """A limit that ends soon or has ended. of: "" the office's, "source_" a source department's,
    "papers_" the enterprise's for papers."""

    row: Case | Verification
    of: str
    last: dt.date

    @property
    def case(self) -> Case:
        return self.row if isinstance(self.row, Case) else self.row.case

    def kind(self, on: dt.date) -> str:
        """What a reminder of a day says of it."""
        when = "overdue" if self.last < on else "due_today" if self.last == on else "due_soon"
        return f"{self.of}{when}"


def remind_due(*, on: dt.date) -> int:
    """Remind of every limit that ends today or soon, and of one that ran out; how many reminders
    were written. A fault in one keeps back no other; then raises an ExceptionGroup."""
    last, written = soon(on), []

    def tend(due: Due) -> None:
        with transaction.atomic():
            locked_unseen(due.case.pk)
            now = next((one for one in _dues(last, case=due.case.pk) if one == due), None)
            if now is not None and _is_new(now, on):
                written.append(remind(by=SYSTEM, due=now, on=on))

    tend_each([due for due in _dues(last) if _is_new(due, on)], tend)
    return sum(written)


def _dues(last: dt.date, *, case: int | None = None) -> list[Due]:
    """Every limit that ends on a day or before; of one case if it is named."""
    cases = Case.objects.select_related("agency", "enterprise")
    asked = Verification.objects.waiting().filter(due_on__lte=last)
    asked = asked.select_related("agency", "case__agency", "case__enterprise")
    if case is not None:
        cases, asked = cases.filter(pk=case), asked.filter(case=case)
    return [
        *(Due(row, "", row.due_on) for row in cases.due(last) if row.due_on),
        *(
            Due(row, "papers_", row.papers_due_on)
            for row in cases.papers_due(last)
            if row.papers_due_on
        ),
        *(Due(row, "source_", row.due_on) for row in asked if row.due_on),
    ]


@act("objections.reminded")
def remind(*, by: Actor, due: Due, on: dt.date) -> int:
    """Remind who works on it and who watches over that; how many were told."""
    people = list(_people(due, on))
    for to in people:
        telling.reminded(due.case, by=by, when=due.kind(on), last=due.last, to=to, about=due.row)
    note(target=due.row)
    return len(people)


def _people(due: Due, on: dt.date) -> Iterator[To]:
    """Of a case its handler, before somebody took it up the unit, and the unit's approvers; of a
    source department its people, and the handler who waits for them; of papers the enterprise, and
    once their time is over the handler."""
    office, handler = due.case.office, telling.handler_of(due.case)
    to_handler = To(
        agency=office, user=handler, permission="" if handler else Permission.HANDLE_CASES
    )
    if due.of == "papers_":
        yield to_handler if due.last < on else To(enterprise=due.case.enterprise)
        return
    if isinstance(due.row, Verification):
        yield To(agency=due.row.agency, permission=Permission.VERIFY_CASES)
    else:
        yield To(agency=office, permission=Permission.DECIDE_CASES)
    yield to_handler


def _is_new(due: Due, on: dt.date) -> bool:
    """Whether of this day nobody was reminded yet."""
    told = Notice.objects.filter(
        about_type=due.row._meta.label_lower, about_id=str(due.row.pk),
        kind=f"objections.{due.kind(on)}",
    )  # fmt: skip
    return not any(due.last.isoformat() == notice.values.get("last") for notice in told)


__all__ = ["Due", "remind", "remind_due", "soon"]
