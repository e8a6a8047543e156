"""What a decision on an objection, or a repair, does to records and to the grade, in one act.

Who may, and that two people have had a part in it, the act above has asked. Source: R29; design
ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from audit.acts import act, note
from audit.refusal import Refused
from records import services as records
from records.enums import MarkKind
from records.models import Mark, Record
from records.publication import publication_of
from roster.correcting import correct_registration
from roster.models import Enterprise, RosterEntry
from roster.scope import Actor
from roster.services import place_by_decision

from .corrections import Effect, lock_enterprises, regraded, trial
from .enums import Settlement
from .models import Proposal
from .regrading import regrade_current

FIXED = frozenset({"enterprise_id", "authority_id"})
"""What a decision does not change: a record of somebody else is deleted, and given anew there."""


@dataclass(frozen=True)
class Settled:
    """What is to be done with one record: the live version's key, and for a correction the fields
    with their values. `ended_on` is the day of the removal from a list; None for the one that its
    source has registered by now, else the day of the decision."""

    record_id: int
    outcome: str
    changes: Mapping[str, object] = field(default_factory=dict)
    ended_on: dt.date | None = None


@dataclass(frozen=True)
class Standing:
    """What is to be put right of the enterprise itself: fields of its registration, its roster."""

    registration: Mapping[str, object] = field(default_factory=dict)
    roster: tuple[str, str] | None = None


@act("grading.settled")
def settle(
    *, by: Actor, code: str, settled: Sequence[Settled], standing: Standing, reason: str,
    reference: str, on: dt.date,
) -> Effect:  # fmt: skip
    """Carry a decision out and grade the enterprise again on top of its current part.

    What was first known after that part's instant stays out of the grade whatever is decided.
    `reference` is the number of the case. Returns the grade in force before and after. Raises
    Refused: a record is gone, or a correction of it waits for a second person.
    """
    lock_enterprises([code])
    records.lock_records(one.record_id for one in settled)
    _expect_of(code, (one.record_id for one in settled))
    for one in settled:
        _refuse_waiting(one.record_id)

    def change() -> None:
        for one in settled:
            _settle(by=by, one=one, reason=reason, reference=reference, on=on)
        _put_right(by=by, code=code, standing=standing, reason=reason, on=on)

    effect = regraded(change, by=by, cause=f"{reference} {reason}"[:300], code=code)
    note(target=("roster.enterprise", code), reason=reason, effect=effect.stored)
    return effect


def effect_of_settling(
    *, by: Actor, code: str, settled: Sequence[Settled], standing: Standing, reference: str,
    on: dt.date,
) -> Effect:  # fmt: skip
    """What `settle` would do, for the page of who decides. Raises Refused like it."""
    return trial(
        by,
        lambda: settle(
            by=by, code=code, settled=settled, standing=standing, reason="—", reference=reference,
            on=on,
        ),
    )  # fmt: skip


def _settle(*, by: Actor, one: Settled, reason: str, reference: str, on: dt.date) -> None:
    """The mark of the dispute goes, whatever was decided; then what was decided."""
    if _disputed([one.record_id]).exists():
        records.unmark_record(by=by, record_id=one.record_id, kind=MarkKind.DISPUTED, reason=reason)
    match Settlement(one.outcome):
        case Settlement.DELETE:
            records.retract_record(by=by, record_id=one.record_id, reason=reason)
        case Settlement.CORRECT | Settlement.COMPLETE:
            _replace(by=by, one=one, changes=one.changes, reason=reason, on=on)
        case Settlement.END_PUBLICATION:
            end_publication(by=by, record_id=one.record_id, reason=reason, on=on)
        case Settlement.REMOVE:
            _remove(by=by, one=one, reason=reason, on=on)
        case Settlement.REPAIR:
            records.mark_record(
                by=by, record_id=one.record_id, kind=MarkKind.REPAIRED, since=on, reason=reason,
                reference=reference,
            )  # fmt: skip
            end_publication(by=by, record_id=one.record_id, reason=reason, on=on)
        case Settlement.KEEP:
            pass


def _replace(
    *, by: Actor, one: Settled, changes: Mapping[str, object], reason: str, on: dt.date
) -> None:
    if FIXED & set(changes):
        raise ValueError(f"A decision changes none of {sorted(FIXED)}.")
    row = Record.objects.get(pk=one.record_id)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return  # its source has put it right meanwhile
    records.replace_record(by=by, record_id=row.pk, changes=changed, reason=reason, on=on)


def _remove(*, by: Actor, one: Settled, reason: str, on: dt.date) -> None:
    registered = Record.objects.values_list("ended_on", flat=True).get(pk=one.record_id)
    ended_on = one.ended_on or registered or on
    if ended_on != registered:
        changes = {"ended_on": ended_on, "end_reason": reason[:200]}
        _replace(by=by, one=one, changes=changes, reason=reason, on=on)


def end_publication(*, by: Actor, record_id: int, reason: str, on: dt.date) -> None:
    """Let the publication of a record end today; one that has ended already stays as it is."""
    row = Record.objects.select_related("kind").get(pk=record_id)
    if publication_of(row).until > on:
        changes = {"publication_until": on}
        records.replace_record(by=by, record_id=row.pk, changes=changes, reason=reason, on=on)


def _put_right(*, by: Actor, code: str, standing: Standing, reason: str, on: dt.date) -> None:
    """What is so by now is left as it is."""
    enterprise = Enterprise.objects.get(pk=code)
    wrong = standing.registration
    if any(getattr(enterprise, name) != value for name, value in wrong.items()):
        correct_registration(by=by, code=code, changes=wrong, reason=reason, on=on)
    here = RosterEntry.objects.current().filter(enterprise=code).values_list("region", "level")
    if standing.roster and standing.roster not in here:
        region, level = standing.roster
        place_by_decision(by=by, code=code, region=region, level=level, reason=reason, on=on)


@act("grading.disputed")
def mark_disputed(
    *, by: Actor, code: str, record_ids: Collection[int], reference: str, reason: str, on: dt.date
) -> None:
    """Mark records of an enterprise as disputed while an objection is looked into.

    They count until it is decided; the rating shows the mark. A record that has the mark already
    keeps it. Source: R29; domain facts 5 (on acceptance); design §7.
    """
    lock_enterprises([code])
    records.lock_records(record_ids)
    _expect_of(code, record_ids)
    marked = set(_disputed(record_ids).values_list("record", flat=True))
    for record_id in sorted(set(record_ids) - marked):
        records.mark_record(
            by=by, record_id=record_id, kind=MarkKind.DISPUTED, since=on, reason=reason,
            reference=reference,
        )  # fmt: skip
    regrade_current(by=by, code=code, cause=f"{reference} {reason}"[:300])


@act("grading.dispute_lifted")
def lift_disputes(
    *, by: Actor, code: str, record_ids: Collection[int], reference: str, reason: str
) -> None:
    """Take back the marks that a case put on records, which ended without a decision. R29."""
    lock_enterprises([code])
    records.lock_records(record_ids)
    for mark in _disputed(record_ids).filter(reference=reference).order_by("record"):
        records.unmark_record(
            by=by, record_id=mark.record_id, kind=MarkKind.DISPUTED, reason=reason
        )
    regrade_current(by=by, code=code, cause=f"{reference} {reason}"[:300])


def _expect_of(code: str, record_ids: Iterable[int]) -> None:
    """Raises ValueError: only the enterprise that is named is graded again."""
    keys = set(record_ids)
    if Record.objects.filter(pk__in=keys).exclude(enterprise=code).exists():
        raise ValueError(f"A record of {sorted(keys)} is not about {code}.")


def _disputed(record_ids: Collection[int]) -> QuerySet[Mark]:
    return Mark.objects.live().filter(record__in=record_ids, kind=MarkKind.DISPUTED)


def _refuse_waiting(record_id: int) -> None:
    waiting = Proposal.objects.waiting_on_record(record_id)
    if waiting is not None:
        raise Refused("grading.change_waiting", who=waiting.proposed_by)


__all__ = [
    "Settled",
    "Standing",
    "effect_of_settling",
    "end_publication",
    "lift_disputes",
    "mark_disputed",
    "settle",
]
