"""Record files again, where a line can change a grade that is in force.

The room of records refuses such lines; here the correction is proposed like any other and waits
for a second person, or is written at once when no grade in force counted the record.
Source: design ideas 3 and 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.refusal import explain_code
from intake.layouts import UNCHANGED, Line, Outcome, refused
from records.layouts import BehaviourLayout, ListingLayout, PenaltyLayout, RecordLayout, RecordPass
from records.models import Record
from records.services import GRADE_FIELDS

from .corrections import change_record, current_parts, plain_changes
from .enums import ProposalKind, ProposalState
from .models import Proposal, Rating

MOST_PROPOSALS = 200
"""Corrections of one file that wait for a second person; each is tried out on its enterprise."""


@dataclass
class GradedPass(RecordPass):
    """A pass that knows, for the slice at hand, since when the grades in force know of things."""

    graded: dict[str, dt.datetime] | None = None
    proposals: int = 0


class Regrading(RecordLayout):
    """Lets a line correct a record that a grade in force counted, by way of a proposal."""

    pass_type = GradedPass

    def check(self, context: GradedPass, lines: Sequence[Line]) -> list[Outcome]:  # type: ignore[override]
        context.graded = None
        return super().check(context, lines)

    def settle(  # type: ignore[override]
        self, context: GradedPass, line: Line, record: Record, changes: dict[str, Any]
    ) -> Outcome:
        if not GRADE_FIELDS & set(changes) or not _counted(context, record):
            return self.changed(context, line, record, changes)
        waiting = Proposal.objects.filter(record=record, state=ProposalState.WAITING).first()
        if waiting is not None:
            if waiting.changes == plain_changes(changes):
                return UNCHANGED
            said = explain_code("grading.change_waiting", {"who": waiting.proposed_by})
            return refused(self.column("decided_on").heading, line.values["decided_on"], said)
        if context.proposals >= MOST_PROPOSALS:
            said = explain_code("grading.too_many_proposals", {"limit": MOST_PROPOSALS})
            return refused(self.column("decided_on").heading, line.values["decided_on"], said)
        context.proposals += 1
        label = str(_("{record}：待复核后生效")).format(record=record)
        return self.changed(context, line, record, changes, label=label)

    def correct(self, context: GradedPass, record: Record, changes: dict[str, Any]) -> None:  # type: ignore[override]
        if not GRADE_FIELDS & set(changes) or not _counted(context, record):
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


def _counted(context: GradedPass, record: Record) -> bool:
    """Whether a grade in force knew of the record when it was computed; read once per slice."""
    if context.graded is None:
        codes = {code for code, _identity in context.records}
        rows = Rating.objects.current(current_parts()).filter(enterprise__one_of=codes)
        context.graded = dict(rows.values_list("enterprise_id", "part__run__known_at"))
    known_at = context.graded.get(record.enterprise_id)
    return known_at is not None and record.first_known_at <= known_at


class PenaltyFile(Regrading, PenaltyLayout):
    pass


class ListingFile(Regrading, ListingLayout):
    pass


class BehaviourFile(Regrading, BehaviourLayout):
    pass


LAYOUTS = (PenaltyFile, ListingFile, BehaviourFile)

__all__ = ["LAYOUTS", "BehaviourFile", "ListingFile", "PenaltyFile", "Regrading"]
