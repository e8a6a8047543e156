"""Taking down what is past its publication: which records, in portions that can be broken off.

Publication and grading are different things: a record that came down counts as before (design §7).
Source: domain facts 3 (NDRC Order 36).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from audit.acts import act, note, stamp
from audit.kept import add_row, add_rows
from roster.models import Agency
from roster.scope import Actor
from workdays.enums import Unit
from workdays.models import Limit
from workdays.rules.deadline import add_months

from .enums import MarkKind
from .models import Mark, PublicationRound, Record, TakenDown
from .publication import PREFIX, publications
from .queries import RecordQuerySet

PORTION = 1_000
SLACK = dt.timedelta(days=3)
"""Reckoned back, a term may begin some days off: several days of a long month end with a short one."""
LONGEST_ACT = dt.timedelta(days=1)
"""What was recorded before a round began may have been seen only after it."""


@dataclass(frozen=True)
class Came:
    """What one act, or a round, did: taken down, and past the term but to be made good first."""

    taken_down: int = 0
    waiting: int = 0


def is_due(on: dt.date) -> bool:
    """Whether the round of a day is still to come or under way; without limits there is none."""
    return bool(_terms()) and not PublicationRound.objects.filter(on__gte=on).exists()


def portions(*, on: dt.date) -> Iterator[list[int]]:
    """The keys of records that may be past their term and nobody took down, in portions.

    Without a round before, all there are, on from the last that was taken down. Else those whose
    term ended since that round, and those that were recorded since: a late arrival, a correction.
    """
    last = PublicationRound.objects.first()
    if last is None:
        yield from _all(on)
        return
    looked_at = sorted(_since(last, on))
    for start in range(0, len(looked_at), PORTION):
        rows = _published().filter(pk__in=looked_at[start : start + PORTION])
        if keys := list(_ended(rows, on)):
            yield keys


def _all(on: dt.date) -> Iterator[list[int]]:
    """In the order of the key. Who comes upon a portion that somebody else is at waits for its rows,
    so what lies before the last that was taken down has been looked at."""
    after = came_down().order_by().aggregate(last=Max("record"))["last"] or 0
    rows = _published().filter(_may_have_ended(on))
    while found := list(rows.filter(pk__gt=after)[:PORTION]):
        if keys := list(_ended(found, on)):
            yield keys
        after = found[-1].pk


def _since(last: PublicationRound, on: dt.date) -> set[int]:
    """By index each: the day of the decision for every term, the own end, the time of recording.
    The authorities are named because the index of the day begins with them."""
    authorities = Agency.objects.order_by().values("pk")
    days = [
        Q(
            authority__in=authorities,
            decided_on__range=(add_months(last.on, -term) - SLACK, add_months(on, -term) + SLACK),
        )
        for term in _terms()
    ]
    wanted = [
        *days,
        Q(publication_until__range=(last.on, on)),
        Q(recorded_at__gte=last.begun_at - LONGEST_ACT) & _may_have_ended(on),
    ]
    rows = Record.objects.published()
    keys = {key for one in wanted for key in rows.filter(one).values_list("pk", flat=True)}
    waiting = list(rows.waiting_to_come_down())
    return keys | {row.pk for row in waiting} - _not_made_good(waiting)


def _may_have_ended(on: dt.date) -> Q:
    """By the shortest term."""
    first = add_months(on, -min(_terms())) + SLACK
    return Q(decided_on__lte=first) | Q(publication_until__lte=on)


def _published() -> RecordQuerySet:
    return Record.objects.published().select_related("kind").order_by("pk")


def _ended(records: Iterable[Record], on: dt.date) -> dict[int, dt.date]:
    """The last days of those whose publication has ended."""
    return {key: one.until for key, one in publications(records).items() if one.until <= on}


def _terms() -> set[int]:
    """Every longest publication there is or was, in months."""
    rows = Limit.objects.filter(code__startswith=PREFIX, code__endswith=".most")
    other = rows.exclude(unit=Unit.MONTHS).first()
    if other is not None:
        raise ValueError(f"{other.code}: publications are reckoned in months.")
    return set(rows.values_list("days", flat=True))


@act("records.taken_down")
def take_down(*, by: Actor, record_ids: Iterable[int], on: dt.date) -> Came:
    """Take records down whose publication has ended by the rules; the others stay as they are.

    With REMEDY_BEFORE_TAKEDOWN those whose fault is not made good are listed instead.
    """
    wanted = Record.objects.live().filter(pk__in=list(record_ids)).order_by("pk")
    locked = list(wanted.select_for_update(no_key=True).values_list("pk", flat=True))
    records = list(_published().filter(pk__in=locked))  # looked at again, now that they are ours
    until = _ended(records, on)
    held = _not_made_good(records) if settings.REMEDY_BEFORE_TAKEDOWN else set()
    listed = set(
        TakenDown.objects.filter(record__in=held, waits=True).values_list("record", flat=True)
    )
    new = [
        TakenDown(record_id=key, waits=key in held, until=day, on=on, recorded_at=stamp())
        for key, day in until.items()
        if key not in listed
    ]
    add_rows(new)
    waiting = sum(row.waits for row in new)
    came = Came(len(new) - waiting, waiting)
    note(on=on, taken_down=came.taken_down, waiting=came.waiting)
    return came


def _not_made_good(records: Iterable[Record]) -> set[int]:
    """Neither ended nor repaired. Default, no source for how a fault is known to be made good."""
    lasting = {row.pk for row in records if row.ended_on is None}
    repaired = Mark.objects.live().filter(record__in=lasting, kind=MarkKind.REPAIRED)
    return lasting - set(repaired.values_list("record", flat=True))


@act("records.publication_round")
def end_round(*, by: Actor, on: dt.date, begun_at: dt.datetime) -> PublicationRound | None:
    """Say that the round of a day is through and what came down in it; None when somebody else was
    faster."""
    rows = came_down()
    ended = PublicationRound(
        on=on, begun_at=begun_at, recorded_at=stamp(), taken_down=rows.filter(waits=False).count(),
        waiting=rows.filter(waits=True).count(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            add_row(ended)
    except IntegrityError:
        return None
    note(on=on, taken_down=ended.taken_down, waiting=ended.waiting)
    return ended


def came_down() -> QuerySet[TakenDown]:
    """What came down since the last round was through; not what had before it was put right, which
    keeps its day."""
    former = TakenDown.objects.filter(
        record=OuterRef("record__supersedes"), waits=OuterRef("waits"), on=OuterRef("on")
    )
    rows = TakenDown.objects.exclude(Exists(former))
    last = PublicationRound.objects.first()
    return rows.filter(recorded_at__gt=last.recorded_at) if last else rows


__all__ = ["Came", "came_down", "end_round", "is_due", "portions", "take_down"]
