"""The unit's side: papers, acceptance, refusal, verification, the answer to a question. R29, R56."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import override

from audit.acts import act, note
from audit.refusal import NotPermitted, Refused
from grading.settling import mark_disputed
from grading.system import SYSTEM
from grading.versions import checked, successor_of
from intake.sweeping import tend_each
from records.models import Record
from records.services import refuse_impossible
from roster.correcting import plan_correction
from roster.enums import Permission
from roster.models import Agency
from roster.scope import Actor, Operator, require
from workdays.models import CalendarYear
from workdays.queries import loaded_calendar
from workdays.rules import CalendarGap

from . import telling
from .clock import legs_of, reckon, reckon_source
from .enums import Action, CaseKind, Finding, Leg, RefusalReason, State
from .models import Case, CaseItem, Verification
from .rules.workflow import WORKFLOWS
from .running import (
    as_they_stand,
    close_first,
    lift_marks,
    live_records,
    locked,
    locked_unseen,
    take,
)

RECKONED = ("due_on", "papers_due_on")
OF_REGISTRATION = ("status", "status_on")
COURT_LISTS = frozenset({"judgment_defaulter"})
"""Kinds of records that a court listed and only it can put right."""


@dataclass(frozen=True)
class Found:
    """What verification found of one item: `corrections` are the fields as they should be."""

    item: int
    finding: str
    reason: str
    corrections: Mapping[str, str] = field(default_factory=dict)


# --- beginning --------------------------------------------------------------------------------


@act("objections.papers_asked")
def ask_papers(*, by: Actor, case_id: int, version: int | None, reason: str, on: dt.date) -> Case:
    """Ask once, and for everything, for what is missing; the office's clock stands still.

    Raises NotPermitted, Refused. Source: R29; domain facts 5.
    """
    case = locked(case_id, by=by, version=version)
    if case.steps.filter(action=Action.ASK_PAPERS).exists():
        raise Refused("objections.asked_already")
    _take_up(case, by)
    take(case, Action.ASK_PAPERS, by=by, on=on, reason=reason)
    telling.papers_asked(case, by=by, reason=reason, on=on)
    return case


@act("objections.accepted")
def accept_case(*, by: Actor, case_id: int, version: int | None, on: dt.date) -> Case:
    """Accept a case; the records objected to are marked at once, and go on counting.

    Raises NotPermitted, Refused. Source: R29 (受理); domain facts 5 (marked on acceptance).
    """
    case = locked(case_id, by=by, version=version)
    _take_up(case, by)
    take(case, Action.ACCEPT, by=by, on=on)
    if case.matter != CaseKind.REPAIR:
        keys = [record.pk for record in live_records(case).values() if record is not None]
        if keys:
            mark_disputed(
                by=by, code=case.enterprise_id, record_ids=keys, reference=case.number,
                reason="企业提出异议，正在核查", on=on,
            )  # fmt: skip
    telling.accepted(case, by=by, on=on)
    return case


@act("objections.refused")
def refuse_case(
    *, by: Actor, case_id: int, version: int | None, code: str, reason: str, on: dt.date
) -> Case:
    """Not accept a case, for one of the coded reasons; the letter says what can be done about it.

    For want of papers only after they were asked for and their limit ran out. Raises NotPermitted,
    Refused. Source: R29 (受理); domain facts 5.
    """
    case = locked(case_id, by=by, version=version)
    if code not in reasons_for(case):
        raise Refused("objections.reason_missing")
    if case.state == State.PAPERS or code == RefusalReason.NO_EVIDENCE:
        _refuse_before_papers_are_due(case, on=on)
    _take_up(case, by)
    take(case, Action.REFUSE, by=by, on=on, code=code, reason=reason)
    close_first(case, by=by, on=on)
    telling.refused(case, by=by, code=code, reason=reason, on=on)
    return case


def reasons_for(case: Case) -> list[RefusalReason]:
    """For what a case may not be accepted: for want of papers where they can be asked for, as too
    early a repair."""
    asks = any(step.action == Action.ASK_PAPERS for step in WORKFLOWS[CaseKind(case.kind)].steps)
    never = {
        RefusalReason.NO_EVIDENCE: not asks,
        RefusalReason.TOO_EARLY: case.matter != CaseKind.REPAIR,
    }
    return [one for one in RefusalReason if not never.get(one)]


def _refuse_before_papers_are_due(case: Case, *, on: dt.date) -> None:
    legs = legs_of(case, calendar=loaded_calendar())
    asked = [one for one in legs if one.stretch.leg == Leg.SUPPLY]
    if not asked:
        raise Refused("objections.papers_not_asked")
    last = asked[-1]
    if last.stretch.runs and last.gap_year:
        raise CalendarGap(last.gap_year)
    if last.stretch.runs and (last.due_on is None or on <= last.due_on):
        raise Refused("objections.papers_not_due", last=last.due_on or "—")


@act("objections.referred")
def refer_case(*, by: Actor, case_id: int, version: int | None, reason: str, on: dt.date) -> Case:
    """Tell the enterprise that a court listed it and puts it right. Raises NotPermitted, Refused
    when another authority did. Source: domain facts 5 (失信被执行人)."""
    case = locked(case_id, by=by, version=version)
    if not is_of_a_court(case):
        raise Refused("objections.not_of_a_court")
    _take_up(case, by)
    take(case, Action.REFER, by=by, on=on, reason=reason)
    lift_marks(case, by=by, reason="告知向法院申请纠正")
    telling.referred(case, by=by, reason=reason, on=on)
    return case


def is_of_a_court(case: Case) -> bool:
    """Whether all that a case is about was listed by a court."""
    kinds = {record.kind_id if record else "" for _item, record in as_they_stand(case)}
    return bool(kinds) and kinds <= COURT_LISTS


@act("objections.replied")
def reply(*, by: Actor, case_id: int, version: int | None, reason: str, on: dt.date) -> Case:
    """Answer a question. Raises NotPermitted, Refused. Source: R56."""
    case = locked(case_id, by=by, version=version)
    _take_up(case, by)
    take(case, Action.REPLY, by=by, on=on, reason=reason)
    telling.replied(case, by=by)
    return case


def _take_up(case: Case, by: Actor) -> None:
    """Whoever takes the first step of the unit has the case from then on."""
    case.handler = by.username


# --- verification -------------------------------------------------------------------------------


@act("objections.sent")
def send_case(*, by: Actor, case_id: int, version: int | None, question: str, on: dt.date) -> Case:
    """Ask the departments that decided on the records, each about its own. Raises NotPermitted,
    Refused: the case is about no record. Source: R29 (核查); design idea 6."""
    case = locked(case_id, by=by, version=version)
    by_authority = _by_authority(case)
    if not by_authority:
        raise Refused("objections.no_source")
    take(case, Action.SEND, by=by, on=on, reason=question)
    for authority, items in sorted(by_authority.items()):
        asked = Verification(
            case=case, agency_id=authority, asked_about=items, question=question.strip(),
            asked_by=by.username, asked_on=on,
        )  # fmt: skip
        _ask(asked, by=by)
    return case


def _ask(asked: Verification, *, by: Actor) -> None:
    reckon_source(asked)
    asked.save()
    note(target=asked, agency=asked.agency.name)
    telling.source_asked(asked, by=by)


def _by_authority(case: Case) -> dict[int, list[int]]:
    """The keys of the items about records, by who decided on them."""
    found: dict[int, list[int]] = defaultdict(list)
    for item, record in as_they_stand(case):
        if record is not None:
            found[record.authority_id].append(item.pk)
    return found


@act("objections.verified")
def verify_alone(
    *, by: Actor, case_id: int, version: int | None, found: Sequence[Found], on: dt.date
) -> Case:
    """The unit looks into it itself, where it may (`verifies_alone`); else it asks the sources.
    Raises NotPermitted, Refused. Source: R29 (核查)."""
    case = locked(case_id, by=by, version=version)
    if not verifies_alone(case, by):
        raise Refused("objections.source_needed")
    rows = _write_found(case.items.all(), found, on=on)
    take(case, Action.VERIFY, by=by, on=on, reason=_in_words(rows))
    telling.verified(case, by=by)
    return case


def verifies_alone(case: Case, by: Actor) -> bool:
    """Whether the actor needs to ask nobody: the own agency decided on all of it, or collects for
    who did. In a review also, when all of it was decided below the actor's unit; that a fault was
    made good only when the source has found so. Source: R26, R29; default, no source for reviews."""
    looks_below = case.kind == CaseKind.REVIEW
    if case.reviewed_case is not None and case.matter == CaseKind.REPAIR:
        found = set(case.reviewed_case.items.values_list("finding", flat=True))
        looks_below = found == {Finding.TRUE}
    posts = [post for post in by.posts() if post.grants(Permission.VERIFY_CASES)]
    return all(
        any(
            post.agency == one.pk
            or (post.is_lead and post.region == one.region_id)
            or (post.is_lead and looks_below and one.region_id in post.subtree)
            for post in posts
        )
        for one in Agency.objects.filter(pk__in=_by_authority(case))
    )


@act("objections.answered")
def answer(
    *, by: Actor, verification_id: int, found: Sequence[Found], opinion: str, on: dt.date
) -> Verification:
    """A source department says what it found of each of its records, and of each field. With the
    last answer the case is verified. Raises NotPermitted, Refused. Source: R29 (核查)."""
    case, asked = _asked(verification_id, by=by)
    rows = _write_found(asked.items, found, on=on)
    asked.answered_by, asked.answered_on = by.username, on
    asked.opinion = opinion.strip()
    asked.save()
    note(target=asked, opinion=asked.opinion)
    said = "\n".join(filter(None, (asked.opinion, _in_words(rows))))
    take(case, Action.ANSWER, by=by, on=on, held=asked, reason=said)
    if not case.verifications.waiting().exists():
        take(case, Action.CONCLUDE, by=by, on=on, held=asked)
        telling.verified(case, by=by)
    return asked


@act("objections.extended")
def extend(*, by: Actor, verification_id: int, reason: str, on: dt.date) -> Verification:
    """A source department takes longer, once, and says why; the whole grows with it.

    Raises NotPermitted, Refused. Source: domain facts 5 (one extension).
    """
    case, asked = _asked(verification_id, by=by)
    before = case.verifications.filter(agency=asked.agency, extended_on__isnull=False).first()
    if before is not None:
        raise Refused("objections.extended_already", on=before.extended_on)
    if asked.due_on is not None and asked.due_on < on:
        raise Refused("objections.extended_too_late", last=asked.due_on)
    asked.extended_on, asked.extension_reason = on, reason.strip()
    take(case, Action.EXTEND, by=by, on=on, held=asked, reason=reason)
    reckon_source(asked)
    asked.save()
    note(target=asked, reason=reason)
    telling.extended(asked, by=by)
    return asked


def _asked(verification_id: int, *, by: Actor) -> tuple[Case, Verification]:
    """The case, locked, and what its source department was asked; what others have answered since
    is none of its business. Raises NotPermitted, Refused: it waits for no answer any more."""
    mine = Verification.objects.visible_to(by).filter(pk=verification_id)
    found = mine.values_list("case", flat=True).first()
    if found is None:
        raise NotPermitted("roster.not_permitted")
    case = locked_unseen(found)
    asked = Verification.objects.select_related("agency", "case").get(pk=verification_id)
    require(by, Permission.VERIFY_CASES, asked)
    refuse_answered(asked)
    return case, asked


def refuse_answered(asked: Verification) -> None:
    """Raises Refused for what waits for no answer any more."""
    if asked.dropped_on:
        raise Refused("objections.not_wanted")
    if not asked.waits:
        raise Refused("objections.answered_already", who=asked.answered_by, on=asked.answered_on)


def _write_found(
    items: Iterable[CaseItem], found: Sequence[Found], *, on: dt.date
) -> list[CaseItem]:
    """Put down what was found of every item there is. Raises Refused: one is missing, without a
    reason, or with something that could not be registered."""
    by_item = {one.item: one for one in found}
    rows = list(items)
    if {row.pk for row in rows} != set(by_item):
        raise Refused("objections.finding_missing")
    for row in rows:
        one = by_item[row.pk]
        if one.finding not in Finding.values or not one.reason.strip():
            raise Refused("objections.finding_missing")
        _refuse_impossible(row, one, on=on)
        row.finding, row.finding_reason = one.finding, one.reason.strip()
        row.corrections = dict(one.corrections)
        row.save(update_fields=["finding", "finding_reason", "corrections"])
    return rows


def _in_words(rows: Iterable[CaseItem]) -> str:
    """What was found, as the step keeps it: sent back, an item holds what is found next."""
    with override(settings.LANGUAGE_CODE):
        told = [f"{row}：{row.get_finding_display()}。{row.finding_reason}" for row in rows]
    return "\n".join(told)


def _refuse_impossible(row: CaseItem, one: Found, *, on: dt.date) -> None:
    """What is found to be right can be registered, and is not what the enterprise saw registered."""
    if not one.corrections:
        return
    try:
        if row.record is not None:
            _refuse_as_record(row, row.record, one.corrections, on=on)
        else:
            _refuse_as_state(row, one.corrections, on=on)
    except ValidationError as fault:
        said = "；".join(fault.messages)
        raise Refused("objections.corrections_impossible", what=str(row), said=said) from None


def _refuse_as_record(
    row: CaseItem, seen: Record, corrections: Mapping[str, str], *, on: dt.date
) -> None:
    """Held against the record as it stands; its source may have put it right meanwhile, so what is
    needless is what was so when the case was filed. Raises ValidationError, Refused."""
    now = successor_of(seen) or seen
    right = checked(corrections, of=now)
    if all(getattr(seen, name) == value for name, value in right.items()):
        raise Refused("objections.corrections_needless", what=str(row))
    refuse_impossible(now, right, on=on)


def _refuse_as_state(row: CaseItem, corrections: Mapping[str, str], *, on: dt.date) -> None:
    """The same of registration, which may be right by now. Raises ValidationError, Refused."""
    state = {name: corrections[name] for name in OF_REGISTRATION if name in corrections}
    if not state:
        return
    right = checked(state, of=row.case.enterprise)
    try:
        plan_correction(code=row.case.enterprise_id, changes=right, on=on)
    except Refused as refusal:
        if refusal.code != "roster.nothing_changed":
            raise


# --- what time brings -----------------------------------------------------------------------------


@act("objections.closed")
def close_case(*, by: Actor, case_id: int, on: dt.date) -> Case:
    """End a case whose time for a review has run out. Raises NotPermitted, Refused when it has
    not. Source: R29; domain facts 5."""
    case = locked(case_id, by=by, version=None)
    last = review_until(case)
    if last is None or on <= last:
        raise Refused("objections.review_still_open", last=last or "—")
    take(case, Action.CLOSE, by=by, on=on)
    return case


def review_until(case: Case) -> dt.date | None:
    """The last day on which a review can be asked for; None when none can."""
    legs = legs_of(case, calendar=loaded_calendar())
    running = [one for one in legs if one.stretch.leg == Leg.REVIEW_FILE and one.stretch.runs]
    return running[-1].due_on if running else None


def close_due(*, on: dt.date) -> int:
    """Every case whose time for a review has run out; how many. Called by the daily round; a fault
    in one keeps no other open. Reviews have no such time, what they decide is final here."""
    rows = Case.objects.filter(state__in=(State.DECIDED, State.REFUSED))
    ended: list[Case] = []

    def end(case: Case) -> None:
        last = review_until(case)
        if last is not None and last < on:
            ended.append(close_case(by=SYSTEM, case_id=case.pk, on=on))

    tend_each(rows.exclude(kind=CaseKind.REVIEW).order_by("pk"), end)
    return len(ended)


def reckon_due() -> int:
    """Every open case reckoned before a calendar was last loaded; how many. Called by the sweep:
    deadlines follow the calendar, and each history says so."""
    loaded_at = CalendarYear.objects.aggregate(at=Max("loaded_at"))["at"]
    if loaded_at is None:
        return 0
    due = Case.objects.open().filter(reckoned_at__lt=loaded_at).order_by("pk")
    keys = list(due.values_list("pk", flat=True))
    return tend_each(keys, lambda key: reckon_anew(by=SYSTEM, case_id=key))


@act("objections.reckoned_anew")
def reckon_anew(*, by: Operator, case_id: int) -> Case:
    """Reckon a case again after a calendar was loaded; its history says what that changed."""
    case = locked(case_id, by=by, version=None)
    before = {name: getattr(case, name) for name in RECKONED}
    reckon(case)
    case.save(update_fields=["leg", *RECKONED, "gap_year", "reckoned_at"])
    for asked in case.verifications.waiting():
        reckon_source(asked)
        asked.save(update_fields=["due_on", "gap_year"])
    changes = [
        (name, str(old or "—"), str(getattr(case, name) or "—"))
        for name, old in before.items()
        if old != getattr(case, name)
    ]
    note(target=case, changes=changes)
    return case


__all__ = [
    "Found",
    "accept_case",
    "answer",
    "ask_papers",
    "close_case",
    "close_due",
    "extend",
    "reasons_for",
    "reckon_anew",
    "reckon_due",
    "refer_case",
    "refuse_answered",
    "refuse_case",
    "reply",
    "review_until",
    "send_case",
    "verifies_alone",
    "verify_alone",
]
