"""Corrections on top of a published part, and the second person they need.

Source: R29, R35–R36; design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from audit.acts import act, acting, note, stamp
from audit.refusal import NotPermitted, Refused
from records import services as records
from records.enums import MarkKind
from records.models import Record
from roster.correcting import STATE_FIELDS, correct_registration, plan_correction
from roster.enums import Permission
from roster.models import Enterprise
from roster.scope import Actor, Operator, require
from roster.services import kept_enterprise
from workdays.queries import deadline
from workdays.rules.calendar import CalendarGap

from .enums import ProposalKind, ProposalState
from .models import Proposal
from .regrading import current_rating, lock_rosters, regrade_current, standing_in
from .second_person import looks, needs_second_person
from .versions import claimed_at, recorders_of, stale_version, typed_changes


@dataclass(frozen=True)
class Effect:
    """What a change does to the grade in force: both empty when the enterprise has none.

    other: the same of the enterprise a record is moved to.
    """

    before: str
    after: str
    scheme: str
    other_before: str = ""
    other_after: str = ""

    @property
    def stored(self) -> dict[str, str]:
        """As a proposal keeps it and its page shows it."""
        return asdict(self)


class EffectChanged(Refused):
    """The second person was shown another state of things than there is now; nothing is written.

    `refresh_effect` brings the proposal up to date for another look.
    """


class _Undo(Exception):
    """Leaves a trial transaction with its answer."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect


@act("grading.correction_proposed")
def change_record(
    *, by: Actor, record_id: int, kind: str, changes: Mapping[str, object], reason: str,
    on: dt.date,
) -> Proposal | Record:  # fmt: skip
    """Correct, withdraw or retract a record; where a grade can change, a second person decides.

    Returns the corrected record when it took effect at once, the waiting proposal otherwise.
    Raises NotPermitted, Refused. Source: design idea 3; limit: 政务数据共享条例 art. 26.
    """
    record = _live_record(by, record_id, Permission.CORRECT_RECORDS)
    records.lock_records([record_id])
    _refuse_waiting(Proposal.objects.waiting_on_record(record_id))
    if not reason.strip():
        raise Refused("grading.reason_missing")
    changes = {name: value for name, value in changes.items() if getattr(record, name) != value}
    if kind == ProposalKind.CORRECT:
        if not changes:
            raise Refused("grading.nothing_changed")
        require(by, Permission.CORRECT_RECORDS, _as_changed(record, changes))
        if not needs_second_person(
            record, changes, look=looks([record.enterprise_id])[record.enterprise_id]
        ):
            return records.replace_record(
                by=by, record_id=record_id, changes=changes, reason=reason, on=on
            )
    return _propose(by=by, target=record, kind=kind, changes=changes, reason=reason, on=on)


@act("grading.registration_correction_proposed")
def change_registration(
    *, by: Actor, code: str, changes: Mapping[str, object], reason: str, on: dt.date, version: int
) -> Proposal | Enterprise:
    """Put right what registration never was; the state of registration with a second person.

    `version` is what the form was read at. Returns the corrected enterprise, or the waiting
    proposal. Raises NotPermitted, Refused. Source: R26, R37; design idea 3.
    """
    enterprise = kept_enterprise(by, code, version, reason)
    _refuse_waiting(Proposal.objects.waiting_on_registration(code))
    changes = {name: value for name, value in changes.items() if getattr(enterprise, name) != value}
    plan_correction(code=code, changes=changes, on=on)
    if not STATE_FIELDS & set(changes):
        return correct_registration(by=by, code=code, changes=changes, reason=reason, on=on)
    return _propose(
        by=by, target=enterprise, kind=ProposalKind.REGISTRATION, changes=changes, reason=reason,
        on=on,
    )  # fmt: skip


def _propose(
    *, by: Actor, target: Record | Enterprise, kind: str, changes: Mapping[str, object],
    reason: str, on: dt.date,
) -> Proposal:  # fmt: skip
    record = target if isinstance(target, Record) else None
    proposal = Proposal(
        enterprise_id=record.enterprise_id if record else target.pk,
        record=record,
        kind=kind,
        changes=plain_changes(changes),
        reason=reason.strip(),
        proposed_by=by.username,
        proposed_at=stamp(),
        due_on=_due_on(on),
    )
    _look(by=by, proposal=proposal, on=on)
    proposal.save()
    note(target=proposal, reason=reason, changes=plain_changes(changes))
    note(target=target)
    return proposal


def _due_on(on: dt.date) -> dt.date | None:
    """Ten workdays; None while the calendar of a year is missing, and the page says so."""
    try:
        return deadline("shared_data.correct", start=on)
    except CalendarGap:
        return None


def _as_changed(record: Record, changes: Mapping[str, object]) -> Record:
    """The record as it would be: a correction may not hand it to another unit's authority."""
    changed = Record(**{name: getattr(record, name) for name in records.GIVEN})
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _look(*, by: Actor, proposal: Proposal, on: dt.date) -> None:
    """Set down what the change would do now, and on which registration that is founded."""
    proposal.effect = effect_of(by=by, proposal=proposal, on=on).stored
    proposal.version = _version(proposal)


def _version(proposal: Proposal) -> int | None:
    """The version of the registration to be changed; a record has none, its line is compared."""
    if proposal.record is not None:
        return None
    return Enterprise.objects.values_list("version", flat=True).get(pk=proposal.enterprise_id)


def effect_of(*, by: Actor, proposal: Proposal, on: dt.date) -> Effect:
    """What a proposed change would do."""
    return trial(by, lambda: _change_and_regrade(by=by, proposal=proposal, on=on))


def trial(by: Actor, change: Callable[[], Effect]) -> Effect:
    """Carry a change out, read what it does and take everything back."""
    try:
        with acting("grading.trial", by=by):
            raise _Undo(change())
    except _Undo as undone:
        return undone.effect


def _change_and_regrade(*, by: Actor, proposal: Proposal, on: dt.date) -> Effect:
    return regraded(
        lambda: _apply(by=by, proposal=proposal, on=on),
        by=by, cause=proposal.reason, code=proposal.enterprise_id, other=_other(proposal),
    )  # fmt: skip


def regraded(
    change: Callable[[], object], *, by: Actor, cause: str, code: str, other: str = ""
) -> Effect:
    """The change and the new grades: also of the enterprise a record is moved to."""
    standing = current_rating(code)
    change()
    grades = regrade_current(by=by, code=code, cause=cause) or ("", "")
    theirs = regrade_current(by=by, code=other, cause=cause) if other else None
    scheme = str(standing.verdict.run.scheme) if standing else ""
    return Effect(*grades, scheme, *(theirs or ("", "")))


def _other(proposal: Proposal) -> str:
    """The enterprise a record is moved to; "" when it stays."""
    other = str(proposal.changes.get("enterprise_id", ""))
    return "" if other == proposal.enterprise_id else other


@act("grading.effect_refreshed")
def refresh_effect(*, by: Actor, proposal_id: int, on: dt.date) -> Proposal:
    """Bring the effect of a waiting change up to date, for the second person to look again."""
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("record__authority", "record__enterprise", "enterprise")
        .get(pk=proposal_id, state=ProposalState.WAITING)
    )
    require(by, Permission.CONFIRM_CORRECTIONS, proposal)
    _look(by=by, proposal=proposal, on=on)
    proposal.save(update_fields=["effect", "version"])
    note(target=proposal, effect=proposal.effect)
    return proposal


@act("grading.correction_decided")
def decide_change(
    *, by: Actor, proposal_id: int, agree: bool, reason: str, on: dt.date, basis: str | None = None
) -> Proposal:
    """A second person confirms a waiting change, which then takes effect with the new grade in
    the same transaction, or refuses it with a reason. `basis` is what the person's page showed.

    Raises NotPermitted, Refused; EffectChanged when the page is older than the proposal, when the
    registration is another than the proposal was founded on, or when the grade would now change
    otherwise than the proposal says: then `refresh_effect` shows how.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("record__authority", "record__enterprise", "enterprise")
        .filter(pk=proposal_id)
        .first()
    )
    if proposal is None:
        raise NotPermitted("roster.not_permitted")
    require(by, Permission.CONFIRM_CORRECTIONS, proposal)
    if isinstance(by, Operator):
        raise Refused("grading.person_needed")
    if proposal.state != ProposalState.WAITING:
        raise Refused(
            "grading.already_decided",
            who=proposal.decided_by,
            state=proposal.get_state_display(),
        )
    if proposal.proposed_by == by.username:
        raise Refused("grading.second_person", name=proposal.proposed_by)
    if not agree and not reason.strip():
        raise Refused("grading.reason_missing")
    if agree:
        if basis not in (None, proposal.basis):
            raise EffectChanged("grading.basis_changed")
        _carry_out(by=by, proposal=proposal, on=on)
    proposal.state = ProposalState.CONFIRMED if agree else ProposalState.REFUSED
    proposal.decided_by, proposal.decided_at = by.username, stamp()
    proposal.decision_reason = reason.strip()
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decision_reason", "effect"])
    note(target=proposal, reason=reason, state=proposal.state)
    note(target=proposal.target)
    return proposal


def _carry_out(*, by: Actor, proposal: Proposal, on: dt.date) -> None:
    lock_enterprises([proposal.enterprise_id, *filter(None, [_other(proposal)])])
    if proposal.version != _version(proposal):
        raise EffectChanged("grading.basis_changed")
    effect = _change_and_regrade(by=by, proposal=proposal, on=on)
    if effect != Effect(**proposal.effect):
        raise EffectChanged(
            "grading.effect_changed", before=effect.before or "—", after=effect.after or "—"
        )


def lock_enterprises(codes: Sequence[str]) -> None:
    """The rosters on which enterprises stand or are graded, then the enterprises, always in this
    order and so that others may still refer to them: a publication regrades under its lock."""
    enterprises = Enterprise.objects.filter(pk__in=codes).order_by("pk")
    rosters = {str(keeper) for keeper in enterprises.values_list("keeper", flat=True)}
    rosters |= {part.region_id for part in standing_in(codes)}
    lock_rosters(rosters)
    list(enterprises.select_for_update(of=("self",), no_key=True))


def _apply(*, by: Actor, proposal: Proposal, on: dt.date) -> None:
    changes, reason, record = typed_changes(proposal), proposal.reason, proposal.record
    if record is None:
        correct_registration(
            by=by, code=proposal.enterprise_id, changes=changes, reason=reason, on=on
        )
    elif proposal.kind == ProposalKind.CORRECT:
        records.replace_record(by=by, record_id=record.pk, changes=changes, reason=reason, on=on)
    elif proposal.kind == ProposalKind.WITHDRAW:
        records.mark_record(
            by=by, record_id=record.pk, kind=MarkKind.WITHDRAWN, since=on, reason=reason
        )
    else:
        records.retract_record(by=by, record_id=record.pk, reason=reason)


@act("grading.consequence_confirmed")
def confirm_consequence(*, by: Actor, record_id: int, reason: str, on: dt.date) -> Effect:
    """A named person confirms that general behaviour had a serious consequence; what that does.

    A consequence that was claimed was known to the run: the grade in force follows at once. One
    that nobody claimed is news and waits for the next run. The person is none of those who
    recorded the behaviour. Raises NotPermitted, Refused. Source: R35, gap 1 (design §7).
    """
    record = _live_record(by, record_id, Permission.CONFIRM_CONSEQUENCES)
    if isinstance(by, Operator):
        raise Refused("grading.person_needed")
    if by.username in recorders_of(record):
        raise Refused("grading.second_person", name=by.username)
    lock_enterprises([record.enterprise_id])
    return _confirm(by=by, record=record, reason=reason, on=on)


def effect_of_consequence(*, by: Actor, record: Record, on: dt.date) -> Effect:
    """What confirming would do, for the page on which it is confirmed."""
    return trial(by, lambda: _confirm(by=by, record=record, reason="—", on=on))


def _confirm(*, by: Actor, record: Record, reason: str, on: dt.date) -> Effect:
    return regraded(
        lambda: records.mark_record(
            by=by, record_id=record.pk, kind=MarkKind.SERIOUS, since=on, reason=reason,
            first_known_at=claimed_at(record),
        ),
        by=by, cause=reason, code=record.enterprise_id,
    )  # fmt: skip


def _live_record(by: Actor, record_id: int, permission: str) -> Record:
    record = Record.objects.select_related("authority", "enterprise").filter(pk=record_id).first()
    if record is None:
        raise NotPermitted("roster.not_permitted")
    require(by, permission, record)
    if record.retracted_at is not None:
        raise stale_version(record, by=by)
    return record


def _refuse_waiting(waiting: Proposal | None) -> None:
    if waiting is not None:
        raise Refused("grading.change_waiting", who=waiting.proposed_by)


def plain_changes(changes: Mapping[str, object]) -> dict[str, object]:
    """Changes as JSON keeps them."""
    return {
        name: value if value is None or isinstance(value, bool | int | str) else str(value)
        for name, value in changes.items()
    }
