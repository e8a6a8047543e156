"""The second person's decision, and what follows from it in the same act. Source: R29 (处理)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from audit.acts import act, note
from audit.refusal import Refused
from grading.corrections import Effect, EffectChanged, lock_enterprises
from grading.enums import Settlement
from grading.settling import Settled, Standing, effect_of_settling, settle
from grading.versions import checked
from records.enums import Shape
from records.models import Record
from roster.geography import geography
from roster.models import Enterprise
from roster.posts import subtrees
from roster.scope import Actor
from roster.services import standings
from workdays.queries import deadline

from . import telling
from .enums import UPHELD, Action, CaseKind, Finding, Outcome
from .handling import COURT_LISTS, OF_REGISTRATION
from .models import Case, CaseItem
from .running import close_first, live_records, locked, take

FOR_RECORDS = (
    Outcome.DELETE, Outcome.CORRECT, Outcome.COMPLETE, Outcome.END_PUBLICATION, Outcome.REMOVE,
    Outcome.REJECT,
)  # fmt: skip
FOR_COURT_LISTS = (Outcome.REJECT,)
"""The court puts its listing right; here it is only told so. Domain facts 5."""
FOR_REPAIRS = (Outcome.REPAIR, Outcome.REJECT)
OF_ROSTER = ("keeper", "level")
NEED_CORRECTIONS: dict[str, tuple[str, ...]] = {
    Outcome.CORRECT: (),
    Outcome.COMPLETE: (),
    Outcome.REGISTRATION: OF_REGISTRATION,
    Outcome.ROSTER: OF_ROSTER,
}
"""Outcomes that carry out what verification found right: of these fields, of whichever if none."""


@dataclass(frozen=True)
class Decision:
    """What is decided of one item, and why; `removed_on` is the day of a removal from a list, None
    for the one that is registered by now, else today."""

    item: int
    outcome: str
    reason: str
    removed_on: dt.date | None = None


def outcomes_for(case: Case, item: CaseItem, record: Record | None) -> tuple[Outcome, ...]:
    """What can be decided of an item, by its record as it stands now."""
    if item.record is None:
        return _for_rating(case, item)
    if record is None:
        return (Outcome.GONE,)
    if record.kind_id in COURT_LISTS:
        return FOR_COURT_LISTS
    if case.matter == CaseKind.REPAIR:
        return FOR_REPAIRS
    is_state = record.kind.shape == Shape.STATE
    return tuple(one for one in FOR_RECORDS if is_state or one != Outcome.REMOVE)


def _for_rating(case: Case, item: CaseItem) -> tuple[Outcome, ...]:
    """What verification found wrong of the enterprise is put right, else the rating is made again;
    the roster only while the enterprise is on one, its registration puts it on one."""
    found = []
    if _found(item, OF_REGISTRATION):
        found.append(Outcome.REGISTRATION)
    if _found(item, OF_ROSTER) and case.enterprise.keeper_id is not None:
        found.append(Outcome.ROSTER)
    return (*(found or [Outcome.RECOMPUTE]), Outcome.REJECT)


def _found(item: CaseItem, names: Sequence[str]) -> dict[str, str]:
    """What verification found right of some fields; of all when none is named."""
    return {name: value for name, value in item.corrections.items() if not names or name in names}


@act("objections.decided")
def decide(
    *, by: Actor, case_id: int, version: int | None, decisions: Sequence[Decision], reason: str,
    basis: str | None = None, on: dt.date,
) -> Case:  # fmt: skip
    """Decide every item of a case; records, marks, the grade, letter and notice follow at once.

    By another person than who verified. `basis` is the effect on the grade that the person's page
    showed, None without a page. Raises NotPermitted, Refused, EffectChanged when the grade would
    now change otherwise than shown. Source: R29; design idea 4.
    """
    case = locked(case_id, by=by, version=version)
    take(case, Action.DECIDE, by=by, on=on, reason=reason)
    lock_enterprises([case.enterprise_id])
    records = live_records(case)
    items = _decided(case, decisions, records)
    effect = settle(
        by=by, code=case.enterprise_id, settled=_settled(items, records, decisions, on=on),
        standing=_standing(case, items, on=on), reason=reason.strip()[:200], reference=case.number, on=on,
    )  # fmt: skip
    if basis not in (None, as_basis(effect)):
        raise EffectChanged(
            "grading.effect_changed", before=effect.before or "—", after=effect.after or "—"
        )
    case.effect = effect.stored
    case.save(update_fields=["effect"])
    close_first(case, by=by, on=on)
    note(target=case, effect=effect.stored, outcomes=[[i.pk, i.outcome] for i in items])
    telling.decided(
        case, items=items, reason=reason, again_on=_again_on(case, items, on), by=by, on=on
    )
    return case


def effect_of(*, by: Actor, case: Case, decisions: Sequence[Decision], on: dt.date) -> Effect:
    """What deciding so would do to the grade, for the page of who decides. Raises Refused."""
    records = live_records(case)
    items = _decided(case, decisions, records, save=False)
    return effect_of_settling(
        by=by, code=case.enterprise_id, settled=_settled(items, records, decisions, on=on),
        standing=_standing(case, items, on=on), reference=case.number, on=on,
    )  # fmt: skip


def as_basis(effect: Effect) -> str:
    """An effect as the form carries it back."""
    return json.dumps(effect.stored, sort_keys=True)


@act("objections.sent_back")
def send_back(*, by: Actor, case_id: int, version: int | None, reason: str, on: dt.date) -> Case:
    """Have it verified once more, and say what is wanting; the limit goes on running.

    Raises NotPermitted, Refused. Source: R29 (核查).
    """
    case = locked(case_id, by=by, version=version)
    take(case, Action.SEND_BACK, by=by, on=on, reason=reason)
    telling.sent_back(case, by=by)
    return case


def _decided(
    case: Case, decisions: Sequence[Decision], records: Mapping[int, Record | None],
    *, save: bool = True,
) -> list[CaseItem]:  # fmt: skip
    """The items with what is decided of each. Raises Refused: one is missing, is not among what
    can be decided, or goes against what verification found."""
    by_item = {one.item: one for one in decisions}
    items = list(case.items.select_related("record").order_by("pk"))
    if {item.pk for item in items} != set(by_item):
        raise Refused("objections.outcome_missing")
    for item in items:
        one = by_item[item.pk]
        if one.outcome not in Outcome.values or not one.reason.strip():
            raise Refused("objections.outcome_missing")
        needed = NEED_CORRECTIONS.get(one.outcome)
        if needed is not None and not _found(item, needed):
            raise Refused("objections.corrections_missing", what=str(item))
        _refuse_impossible(case, item, records.get(item.pk), one.outcome)
        if one.outcome == Outcome.REPAIR and item.finding != Finding.TRUE:
            raise Refused("objections.fault_not_made_good", what=str(item))
        if one.outcome in UPHELD and item.finding == Finding.FALSE:
            raise Refused("objections.against_finding", what=str(item))
        item.outcome, item.outcome_reason = one.outcome, one.reason.strip()
        if save:
            item.save(update_fields=["outcome", "outcome_reason"])
    return items


def _refuse_impossible(case: Case, item: CaseItem, record: Record | None, outcome: str) -> None:
    possible = outcomes_for(case, item, record)
    if outcome not in possible:
        raise Refused(
            "objections.outcome_not_possible", what=str(item), outcome=str(Outcome(outcome).label),
            possible="、".join(str(one.label) for one in possible),
        )  # fmt: skip


def _settled(
    items: Sequence[CaseItem], records: Mapping[int, Record | None],
    decisions: Sequence[Decision], *, on: dt.date,
) -> list[Settled]:  # fmt: skip
    """What is to be done with each record that is there."""
    removed = {one.item: one.removed_on for one in decisions}
    there = [(item, record) for item in items if (record := records.get(item.pk))]
    return [_one_settled(i, record, removed_on=removed[i.pk], on=on) for i, record in there]


def _one_settled(
    item: CaseItem, record: Record, *, removed_on: dt.date | None, on: dt.date
) -> Settled:
    """Held against the record as it stands now."""
    if item.outcome == Outcome.REMOVE and (removed_on or on) < record.decided_on:
        raise Refused("objections.removed_too_early", what=str(item))
    corrects = item.outcome in (Outcome.CORRECT, Outcome.COMPLETE)
    changes = _checked(item, item.corrections, of=record) if corrects else {}
    return Settled(record.pk, _settlement(item), changes, removed_on)


def _settlement(item: CaseItem) -> Settlement:
    return Settlement.KEEP if item.outcome == Outcome.REJECT else Settlement(item.outcome)


def _standing(case: Case, items: Sequence[CaseItem], *, on: dt.date) -> Standing:
    """What is to be put right of the enterprise: all that verification found of an upheld item.
    Raises Refused: the enterprise is another unit's by now."""
    registration: dict[str, object] = {}
    roster: tuple[str, str] | None = None
    for item in items:
        if item.outcome not in (Outcome.REGISTRATION, Outcome.ROSTER):
            continue
        _refuse_moved(case, on=on)
        if of_registration := _found(item, OF_REGISTRATION):
            registration |= _checked(item, of_registration, of=case.enterprise)
        if _found(item, OF_ROSTER):
            roster = item.corrections.get("keeper", ""), item.corrections.get("level", "")
    return Standing(registration, roster)


def _refuse_moved(case: Case, *, on: dt.date) -> None:
    """A unit puts right what it, or a unit below it, keeps or answers for; it pulls nothing in.
    Source: R12."""
    where = geography(on=on)
    home = standings([case.enterprise_id])[case.enterprise_id].home(where)
    if home not in subtrees(on=on).get(case.unit_id, {case.unit_id}):
        raise Refused("objections.enterprise_moved", region=where.names.get(home, home))


def _checked(
    item: CaseItem, found: Mapping[str, str], *, of: Record | Enterprise
) -> dict[str, object]:
    """What was found to be right, held to what the row can be now."""
    try:
        return checked(found, of=of)
    except ValidationError as wrong:
        said = "；".join(wrong.messages)
        raise Refused("objections.corrections_impossible", what=str(item), said=said) from None


def _again_on(case: Case, items: Sequence[CaseItem], on: dt.date) -> dt.date | None:
    """When a repair that was refused may be asked for again."""
    refused = [item for item in items if item.outcome == Outcome.REJECT]
    if case.matter != CaseKind.REPAIR or not refused:
        return None
    return deadline("repair.again", start=on)


__all__ = ["Decision", "as_basis", "decide", "effect_of", "outcomes_for", "send_back"]
