"""Record files again, where a line can change a grade that is in force.

The room of records refuses such lines; here the correction is proposed like any other and waits
for a second person, or is written at once when no run can have counted the record yet.
Source: design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from audit.refusal import explain_code
from intake.layouts import UNCHANGED, Line, Outcome, refused
from records.layouts import BehaviourLayout, ListingLayout, PenaltyLayout, RecordLayout, RecordPass
from records.models import Record
from records.services import GRADE_FIELDS

from .corrections import change_record, plain_changes
from .enums import PartState, ProposalKind, ProposalState
from .models import Proposal, RosterRun, Run

BEFORE_ALL = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
MOST_PROPOSALS = 200
"""Corrections of one file that wait for a second person; each is tried out on its enterprise."""


@dataclass
class GradedPass(RecordPass):
    """A pass that knows up to when any run has looked, and how much it has proposed."""

    latest: dt.datetime | None = None
    proposals: int = 0


class Regrading(RecordLayout):
    """Lets a line correct a record that a grade in force counted, by way of a proposal."""

    pass_type = GradedPass

    def check(self, context: GradedPass, lines: Sequence[Line]) -> list[Outcome]:  # type: ignore[override]
        context.latest = None
        return super().check(context, lines)

    def settle(  # type: ignore[override]
        self, context: GradedPass, line: Line, record: Record, changes: dict[str, Any]
    ) -> Outcome:
        waiting = Proposal.objects.filter(record=record, state=ProposalState.WAITING).first()
        if waiting is not None:
            if waiting.changes == plain_changes(changes):
                return UNCHANGED
            said = explain_code("grading.change_waiting", {"who": waiting.proposed_by})
            return refused(self.column("decided_on").heading, line.values["decided_on"], said)
        if not GRADE_FIELDS & set(changes) or not _graded_with(context, record):
            return self.changed(context, line, record, changes)
        if context.proposals >= MOST_PROPOSALS:
            said = explain_code("grading.too_many_proposals", {"limit": MOST_PROPOSALS})
            return refused(self.column("decided_on").heading, line.values["decided_on"], said)
        context.proposals += 1
        label = str(_("{record}：待复核后生效")).format(record=record)
        return self.changed(context, line, record, changes, label=label)

    def correct(self, context: GradedPass, record: Record, changes: dict[str, Any]) -> None:  # type: ignore[override]
        if not GRADE_FIELDS & set(changes) or not _graded_with(context, record):
            super().correct(context, record, changes)
            return
        change_record(
            by=context.by,
            record_id=record.pk,
            kind=ProposalKind.CORRECT,
            changes=changes,
            reason=str(_("文件更正：{title}")).format(title=self.title),
            on=context.on,
        )


def _graded_with(context: GradedPass, record: Record) -> bool:
    """Whether some part, published or still to be, may have counted the record.

    Before that nobody has seen a grade that rests on it, and its giver puts it right alone.
    """
    if context.latest is None:
        runs = Run.objects.filter(parts__in=RosterRun.objects.exclude(state=PartState.WITHDRAWN))
        context.latest = runs.aggregate(at=Max("known_at"))["at"] or BEFORE_ALL
    return record.first_known_at <= context.latest


class PenaltyFile(Regrading, PenaltyLayout):
    pass


class ListingFile(Regrading, ListingLayout):
    pass


class BehaviourFile(Regrading, BehaviourLayout):
    pass


LAYOUTS = (PenaltyFile, ListingFile, BehaviourFile)

__all__ = ["LAYOUTS", "BehaviourFile", "ListingFile", "PenaltyFile", "Regrading"]
