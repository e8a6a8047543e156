"""Taking a file back, with the grades that counted it. Source: R26, R29; design ideas 3 and 4."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.acts import note, stamp
from intake.layouts import Undone
from intake.models import Batch
from intake.sources import source_of
from records import taking_back as records
from roster.enums import Status
from roster.models import Enterprise, Registration, RosterEntry
from roster.scope import Actor
from roster.taking_back import take_back_enterprises

from .enums import ProposalKind, ProposalState
from .models import Proposal, Rating
from .regrading import current_parts, lock_rosters, regrade_in_force

SLICE = 1_000


def take_back_records(*, by: Actor, batch: Batch, reason: str) -> Undone:
    """Take back what a file of records wrote, and what it proposed and nobody has decided yet."""
    _lock(records.written_by(batch).values("enterprise"))
    why = _reason(batch, reason)
    kept = _drop_proposals(by=by, batch=batch, why=why)
    undone, codes = records.undo(by=by, batch=batch, reason=why, held=_waiting_on_records)
    undone.kept[:0] = kept
    _regrade(by=by, codes=codes, why=why, undone=undone)
    return undone


def take_back_roster(*, by: Actor, batch: Batch, reason: str, on: dt.date) -> Undone:
    """Take back what a roster file wrote."""
    for model in (Registration, RosterEntry):
        _lock(model._default_manager.filter(**batch.on_its_rows).values("enterprise"))
    why = _reason(batch, reason)
    undone, codes = take_back_enterprises(
        by=by, batch=batch, reason=why, on=on, held=_waiting_on_registrations
    )
    grades = _regrade(by=by, codes=codes, why=why, undone=undone)
    _tell_of_rosters(undone, codes, grades)
    return undone


def _reason(batch: Batch, reason: str) -> str:
    """As rows say it; the file stands at the end, where `batches_of` finds it."""
    return source_of(_("文件撤回：{reason}").format(reason=reason[:150]), batch.pk)


def _lock(codes: QuerySet[Any]) -> None:
    """The rosters whose current parts rated some of the enterprises, before anything is stamped:
    as for a correction of one (`regrading.lock_rosters`)."""
    rated = Rating.objects.standing().filter(part__in=current_parts(), enterprise__in=codes)
    lock_rosters(rated.order_by().values_list("part__region", flat=True).distinct())


def _regrade(*, by: Actor, codes: Collection[str], why: str, undone: Undone) -> dict[str, str]:
    """Grade again and note what changes; the grades in force afterwards."""
    ordered = sorted(codes)
    before = _grades(ordered)
    regrade_in_force(by=by, codes=ordered, cause=why)
    after = _grades(ordered)
    undone.grades = Counter(
        f"{grade}→{after[code]}" for code, grade in before.items() if after[code] != grade
    )
    return after


def _tell_of_rosters(undone: Undone, codes: Collection[str], grades: Mapping[str, str]) -> None:
    """Of enterprises that are on no roster any more or on one again: whose grade stays for a while,
    and who has none until the next run."""
    ordered = sorted(codes)
    for start in range(0, len(ordered), SLICE):
        some = ordered[start : start + SLICE]
        published = Rating.objects.published().filter(enterprise__one_of=some)
        once = set(published.values_list("enterprise", flat=True))
        rows = Enterprise.objects.filter(code__one_of=some)
        for code, status, keeper in rows.values_list("code", "status", "keeper"):
            if status == Status.TAKEN_BACK and code in grades:
                undone.grades[f"{Undone.GONE}{grades[code]}"] += 1
            elif keeper is not None and code in once and code not in grades:
                undone.grades[Undone.UNGRADED] += 1


def _grades(codes: list[str]) -> dict[str, str]:
    """The grades in force of enterprises that have one."""
    parts = current_parts()
    found: dict[str, str] = {}
    for start in range(0, len(codes), SLICE):
        some = Rating.objects.in_force(parts).filter(
            enterprise__one_of=codes[start : start + SLICE]
        )
        found.update(some.values_list("enterprise", "grade"))
    return found


def _drop_proposals(*, by: Actor, batch: Batch, why: str) -> list[tuple[str, str]]:
    """End the corrections that lines of a file proposed and that still wait; those that a second
    person has agreed to stay, and are returned with the reason."""
    made = Proposal.objects.filter(
        proposed_at=batch.on_its_rows["recorded_at"], proposed_by=batch.uploader
    )
    rows = made.select_related("record__kind", "enterprise").order_by("pk")
    kept, ended = [], 0
    for proposal in rows.select_for_update(of=("self",)):
        if proposal.state == ProposalState.CONFIRMED:
            said = _("提出的更正已由 {who} 复核同意").format(who=proposal.decided_by)
            kept.append((f"{proposal.enterprise} {proposal.record}", said))
        elif proposal.state == ProposalState.WAITING:
            proposal.state, proposal.decision_reason = ProposalState.REFUSED, why
            proposal.decided_by, proposal.decided_at = by.username, stamp()
            proposal.save(update_fields=["state", "decision_reason", "decided_by", "decided_at"])
            note(target=proposal, state=proposal.state)
            ended += 1
    note(proposals_ended=ended)
    return kept


def _waiting_on_records(keys: Collection[int]) -> Mapping[int, str]:
    waiting = Proposal.objects.filter(record__one_of=keys, state=ProposalState.WAITING)
    return {key: _waits(who) for key, who in waiting.values_list("record", "proposed_by") if key}


def _waiting_on_registrations(codes: Collection[str]) -> Mapping[str, str]:
    waiting = Proposal.objects.filter(
        enterprise__one_of=codes, state=ProposalState.WAITING, kind=ProposalKind.REGISTRATION
    )
    return {code: _waits(who) for code, who in waiting.values_list("enterprise", "proposed_by")}


def _waits(who: str) -> str:
    return _("{who} 提出的更正正在等待复核").format(who=who)


__all__ = ["take_back_records", "take_back_roster"]
