"""What an enterprise sees of itself: grade, records, cases with what comes next. Source: R32, R29."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from grading.explanation import Explanation, explain_rating
from grading.versions import successor_within
from notices.models import Letter, Notice
from records.models import Mark, Record
from records.publication import Publication, publications
from roster.models import Enterprise, User
from roster.scope import represented
from workdays.queries import loaded_calendar

from .clock import Reckoned, leg_of_source, legs_of
from .enums import Action, CaseKind
from .filing import open_items
from .models import Case, CaseStep, Draft
from .rules.workflow import WORKFLOWS

OTHERS_SHOWN = 20
"""Ended cases that stand on the first page; the others one press further."""


@dataclass(frozen=True)
class RecordShown:
    """A record as its enterprise sees it. case: the open case about it, None without."""

    record: Record
    publication: Publication
    marks: Sequence[Mark]
    case: Case | None


@dataclass(frozen=True)
class EnterprisePage:
    """The first page of one enterprise."""

    enterprise: Enterprise
    grade: Explanation
    records: Sequence[RecordShown]
    cases_in_all: int
    cases: Sequence[Case]
    drafts: Sequence[Draft]
    unread: int


def enterprises_of(user: User, *, on: dt.date) -> list[Enterprise]:
    """The enterprises a user speaks for today, by name."""
    rows = Enterprise.objects.filter(pk__in=represented(user, on=on))
    return list(rows.select_related("keeper").order_by("name", "pk"))


def page_of_enterprise(
    enterprise: Enterprise, *, user: User, at: dt.datetime, on: dt.date, every: bool = False
) -> EnterprisePage:
    """What stands on the first page: the open cases and the latest others, or every one. The caller
    has asked who the user speaks for."""
    rows = Case.objects.filter(enterprise=enterprise).select_related("agency")
    others = rows.exclude(pk__in=rows.open().values("pk"))
    cases = [*rows.open(), *(others if every else others[:OTHERS_SHOWN])]
    drafts = Draft.objects.visible_to(user).filter(enterprise=enterprise, case=None)
    return EnterprisePage(
        enterprise=enterprise,
        grade=explain_rating(enterprise.pk, user=user, at=at, on=on),
        records=records_of(enterprise.pk),
        cases=cases,
        cases_in_all=rows.count(),
        drafts=list(drafts),
        unread=Notice.objects.visible_to(user).unread_by(user).count(),
    )


def records_of(code: str) -> list[RecordShown]:
    """The live records about an enterprise, newest first."""
    rows = list(
        Record.objects.live()
        .filter(enterprise=code)
        .select_related("kind", "authority", "provider")
        .order_by("-decided_on", "-pk")
    )
    marks = Mark.objects.live().filter(record__in=rows).order_by("pk")
    under_way, published = _under_way(code), publications(rows)
    return [
        RecordShown(
            record=record,
            publication=published[record.pk],
            marks=[mark for mark in marks if mark.record_id == record.pk],
            case=under_way.get(record.pk),
        )
        for record in rows
    ]


def _under_way(code: str) -> dict[int, Case]:
    """By the key of the live record, the open case about it."""
    found: dict[int, Case] = {}
    for item in open_items(code):
        live = successor_within(item.record, code) if item.record else None
        if live is not None:
            found[live.pk] = item.case
    return found


# --- a case as the enterprise follows it ----------------------------------------------------------


TOLD = (
    Action.FILE, Action.ASK_PAPERS, Action.SUPPLY, Action.REFUSE, Action.REFER, Action.EXTEND,
    Action.DECIDE, Action.REPLY, Action.WITHDRAW,
)  # fmt: skip
"""Steps whose text is meant for the enterprise; what offices write to each other is not."""


@dataclass(frozen=True)
class CasePage:
    """A case with its steps, legs, and what the enterprise can do now."""

    case: Case
    steps: Sequence[CaseStep]
    legs: Sequence[Reckoned]
    sources: Sequence[Reckoned]
    letters: Sequence[Letter]
    told: Sequence[str]
    possible: frozenset[str]

    @property
    def every_leg(self) -> list[Reckoned]:
        """The office's and the enterprise's, then those of the source departments."""
        return [*self.legs, *self.sources]


def page_of_case(case: Case) -> CasePage:
    calendar = loaded_calendar()
    asked = case.verifications.select_related("case", "agency").order_by("pk")
    flow = WORKFLOWS[CaseKind(case.kind)]
    return CasePage(
        case=case,
        steps=list(case.steps.order_by("pk")),
        legs=legs_of(case, calendar=calendar),
        sources=[leg_of_source(one, calendar=calendar) for one in asked],
        letters=list(Letter.objects.about(case)),
        told=TOLD,
        possible=frozenset(str(step.action) for step in flow.at(case.state)),
    )
