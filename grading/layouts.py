"""Files again, where a line, or taking it back, can change a grade.

The room of records refuses such lines; here the correction is proposed like any other and waits
for a second person, by the rule that holds on the page of a record too
(`second_person.needs_second_person`). A file that is taken back has the grades that counted it
regraded as corrections. Source: design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from audit.refusal import explain_code
from intake.layouts import UNCHANGED, Line, Outcome, Undone, refused
from intake.layouts import Actor as Person
from intake.models import Batch
from records.layouts import BehaviourLayout, ListingLayout, PenaltyLayout, RecordLayout, RecordPass
from records.models import Record
from records.services import Given
from roster.files import account
from roster.layouts import RosterLayout

from .corrections import change_record, plain_changes
from .enums import ProposalKind, ProposalState
from .models import Proposal
from .second_person import Look, looks, needs_second_person
from .taking_back import take_back_records, take_back_roster

MOST_PROPOSALS = 200
"""Corrections of one file that wait for a second person; each is tried out on its enterprise."""


@dataclass
class GradedPass(RecordPass):
    """A pass that knows what any run has looked at, what waits for a second person or was
    refused by one, and how much it has proposed."""

    looks: dict[str, Look] = field(default_factory=dict)
    proposals: int = 0
    waiting: dict[int, Proposal] = field(default_factory=dict)
    refused: dict[int, list[Proposal]] = field(default_factory=dict)

    def look_up_records(self, given: Iterable[Given]) -> None:
        super().look_up_records(given)
        self.waiting, self.refused = {}, {}
        found = [*self.versions.values(), *self.states.values()]
        self.looks = looks({row.enterprise_id for rows in found for row in rows})
        live = {row.pk for rows in found for row in rows if row.retracted_at is None}
        if not live:
            return
        proposals = list(Proposal.objects.filter(record__one_of=live))
        decided = (proposal.decided_at for proposal in proposals)
        undone = Batch.objects.instants_taken_back(filter(None, decided))
        for proposal in proposals:
            record = cast("int", proposal.record_id)
            if proposal.state == ProposalState.WAITING:
                self.waiting[record] = proposal
            elif proposal.state == ProposalState.REFUSED and proposal.decided_at not in undone:
                self.refused.setdefault(record, []).append(proposal)

    def waits(self, record: Record, changes: dict[str, Any]) -> bool:
        return needs_second_person(record, changes, look=self.looks[record.enterprise_id])


class RosterFile(RosterLayout):
    """A roster file that can be taken back with the grades in force."""

    def take_back(self, *, by: Person, batch: Batch, reason: str, on: dt.date) -> Undone:
        return take_back_roster(by=account(by), batch=batch, reason=reason, on=on)


class Regrading(RecordLayout):
    """Lets a line correct a record in a way that can change a grade, by way of a proposal."""

    pass_type = GradedPass
    overtaken = RecordLayout.overtaken | {"grading.change_waiting"}

    def settle(  # type: ignore[override]
        self, context: GradedPass, line: Line, record: Record, changes: dict[str, Any]
    ) -> Outcome:
        waiting = context.waiting.get(record.pk)
        if waiting is not None:
            if waiting.changes == plain_changes(changes):
                return UNCHANGED
            return self._not_proposed(line, "grading.change_waiting", who=waiting.proposed_by)
        if not context.waits(record, changes):
            return self.changed(context, line, record, changes)
        for before in context.refused.get(record.pk, ()):
            if before.changes == plain_changes(changes):
                at = self.day(before.decided_at)
                return self.noted(record, _("同样的更正已于 {at} 复核未同意，未再提交。"), at=at)
        if context.proposals >= MOST_PROPOSALS:
            return self._not_proposed(line, "grading.too_many_proposals", limit=MOST_PROPOSALS)
        context.proposals += 1
        label = str(_("{record}：待复核后生效")).format(record=record)
        return self.changed(context, line, record, changes, label=label)

    def _not_proposed(self, line: Line, code: str, **values: object) -> Outcome:
        said = explain_code(code, values)
        return refused(self.column("decided_on").heading, line.values["decided_on"], said)

    def correct(  # type: ignore[override]
        self, context: GradedPass, changed: Sequence[tuple[Record, dict[str, Any]]]
    ) -> None:
        waiting = [one for one in changed if context.waits(*one)]
        super().correct(context, [one for one in changed if not context.waits(*one)])
        for record, changes in waiting:
            change_record(
                by=context.by,
                record_id=record.pk,
                kind=ProposalKind.CORRECT,
                changes=changes,
                reason=self.reason(context),
                on=context.on,
            )

    def take_back(self, *, by: Person, batch: Batch, reason: str, on: dt.date) -> Undone:
        return take_back_records(by=account(by), batch=batch, reason=reason)


class PenaltyFile(Regrading, PenaltyLayout):
    pass


class ListingFile(Regrading, ListingLayout):
    pass


class BehaviourFile(Regrading, BehaviourLayout):
    pass


LAYOUTS = (RosterFile, PenaltyFile, ListingFile, BehaviourFile)

__all__ = ["LAYOUTS", "BehaviourFile", "ListingFile", "PenaltyFile", "Regrading", "RosterFile"]
