"""Taking a step in a case: who may, from which state, written down, the clock reckoned anew."""

from __future__ import annotations

import datetime as dt

from audit.acts import note, stamp
from audit.kept import add_row
from audit.refusal import NotPermitted, Refused
from grading.settling import lift_disputes
from grading.versions import successor_within
from records.models import Record
from roster.enums import Permission
from roster.rules.steps import Step
from roster.scope import Actor, Held, Operator, may, require
from roster.stale import stale

from . import telling
from .clock import reckon
from .enums import Action, CaseKind, State
from .models import Case, CaseItem, CaseStep
from .queries import THEIRS, linked_to
from .rules.workflow import WORKFLOWS


def locked(case_id: int, *, by: Actor, version: int | None) -> Case:
    """A case the actor may see, locked; `version` is what the form was read at, None without one.

    Raises NotPermitted, and Refused when somebody was faster: with what was done and by whom.
    """
    if not Case.objects.visible_to(by).filter(pk=case_id).exists():
        raise NotPermitted("roster.not_permitted")
    case = locked_unseen(case_id)
    if version is not None and version != case.version:
        raise _changed(case, by=by, version=version)
    return case


def locked_unseen(case_id: int) -> Case:
    """The same for who need not see the case: the source department of one of its records."""
    rows = Case.objects.select_for_update(of=("self",)).select_related(
        "enterprise", "agency", "unit"
    )
    return rows.get(pk=case_id)


def _changed(case: Case, *, by: Actor, version: int) -> Refused:
    """Somebody was faster. An office is told all that was done; the enterprise which steps were
    taken by which office, for what offices write to each other stays there."""
    if may(by, Permission.VIEW_CASES, case):
        return stale(case, by=by)
    steps = CaseStep.objects.filter(case=case).order_by("pk")[version:]
    told = [f"{step.on} {step.get_action_display()} {step.agency}".strip() for step in steps]
    return Refused("roster.form_stale_by", what="；".join(told))


def take(
    case: Case, action: Action, *, by: Actor, on: dt.date, held: Held | None = None,
    code: str = "", reason: str = "",
) -> Step:  # fmt: skip
    """Take a step: check it, write it down, and bring state and clock up to date.

    held: what the permission is asked for, when that is not the case itself. Raises NotPermitted;
    Refused: not from this state, without a reason, by somebody who had another part in it.
    """
    step = WORKFLOWS[CaseKind(case.kind)].step(case.state, action)
    require(by, step.permission, held or _held(case, step))
    refuse_person(case, step, by=by)
    if step.reason and not reason.strip():
        raise Refused("objections.reason_missing")
    write_step(case, step, by=by, on=on, code=code, reason=reason)
    return step


def write_step(
    case: Case, step: Step, *, by: Actor, on: dt.date, code: str = "", reason: str = ""
) -> None:
    """Write a step down that was found allowed."""
    add_row(
        CaseStep(
            case=case,
            action=step.action,
            source=step.source,
            target=step.target,
            on=on,
            code=code,
            reason=reason.strip(),
            taken_by=by.username,
            agency=by.audit_agency[:300],
            recorded_at=stamp(),
        )
    )
    case.state = State(step.target)
    case.version += 1
    reckon(case)
    case.save()
    note(target=case, reason=reason.strip(), step=step.action, state=step.target)
    note(target=("roster.enterprise", case.enterprise_id))
    if step.source == State.VERIFYING and step.target != State.VERIFYING:
        _drop_waiting(case, by=by, on=on)


def _drop_waiting(case: Case, *, by: Actor, on: dt.date) -> None:
    """Who was asked and has not answered need not any more, and is told so."""
    for asked in case.verifications.waiting().select_related("agency", "case__enterprise"):
        asked.dropped_on = on
        asked.save(update_fields=["dropped_on"])
        note(target=asked)
        telling.source_dropped(asked, by=by)


def refuse_person(case: Case, step: Step, *, by: Actor) -> None:
    """Somebody may take such steps, and yet not this one: linked to the enterprise, with another
    part in the case, or in the one that is reviewed. Raises Refused."""
    if step.permission == Permission.OWN_ENTERPRISE:
        return
    _refuse_linked(case, by=by)
    _refuse_part_in_first(case, step, by=by)
    if step.permission == Permission.DECIDE_CASES:
        _refuse_partial(case, step, by=by)


def hindrance(case: Case, step: Step, *, by: Actor) -> Refused | None:
    """`refuse_person` for a page that tells before it is tried; None when nothing hinders."""
    try:
        refuse_person(case, step, by=by)
    except Refused as refusal:
        return refusal
    return None


def _refuse_partial(case: Case, step: Step, *, by: Actor) -> None:
    """Who decides is a person, and not one who verified. Raises Refused. Source: R29."""
    if isinstance(by, Operator):
        raise Refused("objections.person_needed")
    if step.apart and by.username in _takers(case, step.apart):
        raise Refused("objections.second_person", name=by.username)


def _refuse_linked(case: Case, *, by: Actor) -> None:
    """Nobody of an office acts who speaks or ever spoke for the enterprise. Default, no source."""
    if linked_to(by).filter(enterprise=case.enterprise_id).exists():
        raise Refused("objections.is_linked", name=by.username)


def _refuse_part_in_first(case: Case, step: Step, *, by: Actor) -> None:
    """A review is made by people who had no part in what is reviewed. A source department is asked
    again what it knows, and who answered for it then may answer now."""
    if case.reviewed_case_id is None:
        return
    theirs = THEIRS if step.permission == Permission.VERIFY_CASES else ()
    if by.username in _takers(case.reviewed_case, (), besides=theirs):
        raise Refused("objections.had_a_part", name=by.username)


def _takers(
    case: Case | None, actions: tuple[str, ...], *, besides: tuple[str, ...] = ()
) -> set[str]:
    """Who took one of some actions in a case; of all but those `besides` when none is named."""
    taken = CaseStep.objects.filter(case=case).exclude(action__in=besides)
    if actions:
        taken = taken.filter(action__in=actions)
    return set(taken.values_list("taken_by", flat=True))


def _held(case: Case, step: Step) -> Held:
    return case.enterprise if step.permission == Permission.OWN_ENTERPRISE else case  # type: ignore[return-value]


# --- what steps of several kinds have in common ---------------------------------------------------


def live_records(case: Case) -> dict[int, Record | None]:
    """By the key of the item, the record as it stands now; None when it is no longer there, or no
    longer about the enterprise."""
    items = case.items.exclude(record=None).select_related("record").order_by("pk")
    return {
        item.pk: successor_within(item.record, case.enterprise_id) for item in items if item.record
    }


def as_they_stand(case: Case) -> list[tuple[CaseItem, Record | None]]:
    """Each item with its record as it stands now, or stood when it went; None for the rating."""
    live = live_records(case)
    items = case.items.select_related("record").order_by("pk")
    return [(item, live.get(item.pk) or item.record) for item in items]


def lift_marks(case: Case, *, by: Actor, reason: str) -> None:
    """Take back the marks of a dispute that this case put on records."""
    keys = [record.pk for record in live_records(case).values() if record is not None]
    if keys:
        lift_disputes(
            by=by, code=case.enterprise_id, record_ids=keys, reference=case.number, reason=reason
        )


def close_first(case: Case, *, by: Actor, on: dt.date) -> None:
    """With a review ends what it reviewed."""
    if case.reviewed_case_id is None:
        return
    first = Case.objects.select_for_update(of=("self",)).get(pk=case.reviewed_case_id)
    step = WORKFLOWS[CaseKind(first.kind)].step(first.state, Action.REVIEWED)
    write_step(first, step, by=by, on=on, reason=case.number)
