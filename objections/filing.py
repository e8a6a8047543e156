"""The enterprise's side: drafts, filing, missing papers, withdrawal, review. Source: R29, R56."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.acts import act, note, stamp
from audit.refusal import NotPermitted, Refused
from grading.regrading import current_rating
from grading.versions import former_versions, successor_within
from intake import limits
from intake.evidence import Evidence, keep
from notices.numbers import take_number
from records.enums import MarkKind
from records.models import Mark, Record
from records.publication import publications
from roster.enums import Permission
from roster.models import Enterprise, User
from roster.posts import superiors, unit_for
from roster.rules.placing import PROVINCE
from roster.scope import Operator, require
from workdays.queries import deadline, loaded_calendar

from . import telling
from .enums import (
    OF_RATINGS,
    OF_RECORDS,
    OF_REPAIRS,
    Action,
    CaseKind,
    FileRole,
    Ground,
    Outcome,
    State,
    Target,
)
from .handling import COURT_LISTS
from .models import Case, CaseFile, CaseItem, CaseStep, Draft, DraftFile
from .queries import lead_agency
from .rules.workflow import OPEN, WORKFLOWS
from .running import close_first, lift_marks, locked, take, write_step

MOST_ITEMS = 20
MOST_FILES = limits.EVIDENCE_FILES
MOST_FILES_IN_ALL = 2 * MOST_FILES
"""With what is supplied later. Default, no source."""
MOST_DRAFTS = 50
"""Drafts of one account that are not filed. Default, no source."""
DRAFT_DAYS = 180
"""How long a draft is kept after it was last saved. Default, no source."""
MOST_AN_HOUR = 20
"""Cases one account may file in an hour. Default, no source."""
PREFIXES = {
    CaseKind.OBJECTION: "冀信异",
    CaseKind.REPAIR: "冀信修",
    CaseKind.REVIEW: "冀信复",
    CaseKind.HELP: "冀信询",
}


@dataclass(frozen=True)
class Item:
    """One thing a draft is about, as its content keeps it: `record` is 0 for the rating."""

    record: int
    ground: str
    claims: Sequence[Mapping[str, str]] = ()
    explanation: str = ""

    @property
    def target(self) -> Target:
        return Target.RECORD if self.record else Target.RATING

    @property
    def stored(self) -> dict[str, object]:
        return {
            "record": self.record, "ground": self.ground,
            "claims": [dict(claim) for claim in self.claims], "explanation": self.explanation,
        }  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What a draft says."""

    items: Sequence[Item] = ()
    statement: str = ""
    agent: str = ""
    committed: bool = False

    @property
    def stored(self) -> dict[str, object]:
        return {
            "items": [item.stored for item in self.items], "statement": self.statement,
            "agent": self.agent, "committed": self.committed,
        }  # fmt: skip

    @classmethod
    def of(cls, draft: Draft) -> Content:
        said = dict(draft.content)
        items = tuple(Item(**item) for item in said.pop("items", ()))
        return cls(items=items, **said)


# --- drafts -----------------------------------------------------------------------------------


@act("objections.draft_begun")
def begin_draft(*, by: User, code: str, kind: str, content: Content, on: dt.date) -> Draft:
    """Begin to fill in an application. Raises NotPermitted, Refused: too many were begun, or what was
    chosen cannot be applied for."""
    draft = _new_draft(by, code, CaseKind(kind), content)
    _checked_choice(draft, content.items, on=on)
    return _begun(draft)


def _new_draft(by: User, code: str, kind: CaseKind, content: Content) -> Draft:
    """One that is not stored yet. Raises NotPermitted, Refused: too many were begun."""
    enterprise = own_enterprise(by, code)
    if Draft.objects.visible_to(by).filter(case=None).count() >= MOST_DRAFTS:
        raise Refused("objections.too_many_drafts", limit=MOST_DRAFTS)
    now = stamp()
    return Draft(
        user=by,
        enterprise=enterprise,
        kind=kind,
        content=content.stored,
        begun_at=now,
        saved_at=now,
    )


def _begun(draft: Draft) -> Draft:
    draft.save()
    note(target=("objections.draft", draft.pk))
    return draft


@act("objections.draft_saved")
def keep_draft(
    *, by: User, draft_id: int, content: Content, files: Sequence[tuple[Evidence, str]] = (),
    without_file: int | None = None, seen: str | None = None,
) -> Draft:  # fmt: skip
    """Keep what was filled in so far, and files that were looked through, with their purposes; one
    that was there is taken out (`without_file`). Raises NotPermitted, Refused when it was filed
    already, was changed since the page showed it (`Draft.seen`), or has more than MOST_FILES."""
    draft = _own_draft(by, draft_id)
    _refuse_filed(draft)
    _refuse_changed(draft, seen)
    if without_file is not None:
        remove_file(by=by, draft_id=draft.pk, file_id=without_file)
    refuse_many_files(draft.files.count() + len(files))
    draft.content, draft.saved_at = content.stored, stamp()
    draft.save(update_fields=["content", "saved_at"])
    DraftFile.objects.bulk_create(
        DraftFile(draft=draft, file=keep(by=by, evidence=file), role=FileRole(role))
        for file, role in files
    )
    note(target=("objections.draft", draft.pk), files=len(files))
    return draft


def refuse_many_files(count: int, *, most: int = MOST_FILES) -> None:
    """Raises Refused. Asked before files are looked through, which takes seconds, and as they are
    kept."""
    if count > most:
        raise Refused("objections.too_many_files", limit=most)


def without_item(content: Content, record: int) -> Content:
    """What a draft says once an item is taken out. Raises Refused: the last one stays."""
    left = [item for item in content.items if item.record != record]
    if not left:
        raise Refused("objections.last_item")
    return replace(content, items=left)


@act("objections.draft_file_removed")
def remove_file(*, by: User, draft_id: int, file_id: int) -> None:
    """Take a file out of a draft; the sweep removes it from the store. Raises NotPermitted."""
    draft = _own_draft(by, draft_id)
    _refuse_filed(draft)
    if draft.files.filter(pk=file_id).delete()[0] == 0:
        raise NotPermitted("roster.not_permitted")
    draft.saved_at = stamp()
    draft.save(update_fields=["saved_at"])
    note(target=("objections.draft", draft.pk))


@act("objections.draft_dropped")
def drop_draft(*, by: User, draft_id: int) -> None:
    """Throw a draft away. Raises NotPermitted, Refused when it was filed already."""
    draft = _own_draft(by, draft_id)
    _refuse_filed(draft)
    note(target=("objections.draft", draft.pk))
    draft.delete()


def drop_old_drafts(*, by: Operator, on: dt.date) -> int:
    """Throw away what nobody went on with for DRAFT_DAYS, also what was left behind by who no longer
    speaks for the enterprise; how many. Called by the daily round, which erases the files next."""
    day = timezone.make_aware(dt.datetime.combine(on - dt.timedelta(days=DRAFT_DAYS), dt.time()))
    old = Draft.objects.filter(case=None, saved_at__lt=day)
    return _drop_old(by=by, old=old) if old.exists() else 0


@act("objections.drafts_dropped")
def _drop_old(*, by: Operator, old: QuerySet[Draft]) -> int:
    rows = list(old.select_for_update(of=("self",)))
    for draft in rows:
        note(target=("objections.draft", draft.pk))
        draft.delete()
    return len(rows)


def own_enterprise(by: User, code: str) -> Enterprise:
    """The enterprise, when the user speaks for it today. Raises NotPermitted."""
    enterprise = Enterprise.objects.filter(pk=code).first()
    if enterprise is None:
        raise NotPermitted("roster.not_permitted")
    require(by, Permission.OWN_ENTERPRISE, enterprise)
    return enterprise


def _own_draft(by: User, draft_id: int) -> Draft:
    """The draft, locked. Raises NotPermitted when it is not there or not the user's."""
    mine = Draft.objects.visible_to(by).filter(pk=draft_id).values("pk")
    draft = Draft.objects.select_for_update().filter(pk__in=mine).first()
    if draft is None:
        raise NotPermitted("roster.not_permitted")
    return draft


def _refuse_filed(draft: Draft) -> None:
    if draft.case_id:
        raise Refused("objections.draft_filed", number=str(draft.case))


def _refuse_changed(draft: Draft, seen: str | None) -> None:
    if seen is not None and seen != draft.seen:
        raise Refused("objections.draft_changed")


# --- filing -----------------------------------------------------------------------------------


@act("objections.filed")
def file_case(*, by: User, draft_id: int, on: dt.date, seen: str | None = None) -> Case:
    """File a draft and give it its number; the unit is told, the enterprise has a receipt.

    A draft that was filed already answers with its case: pressed twice, in two tabs or after a
    time-out it is one case. `seen`: the state of the draft (`Draft.seen`) that the page showed, None
    without one. Raises NotPermitted, Refused: changed since it was shown, incomplete, under way or
    decided already, too early, too many. Source: R29 (申请); domain facts 5.
    """
    draft = _own_draft(by, draft_id)
    if draft.case is not None:
        return draft.case
    _refuse_changed(draft, seen)
    # One at a time for each enterprise, so that two cases about one record see each other.
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=draft.enterprise_id)
    require(by, Permission.OWN_ENTERPRISE, enterprise)
    _refuse_flood(by)
    content, kind = Content.of(draft), CaseKind(draft.kind)
    chosen = _checked(draft, content, on=on)
    case = _opened(by=by, draft=draft, content=content, enterprise=enterprise, on=on)
    reviewed = _reviewed_items(case)
    CaseItem.objects.bulk_create(
        _item(case, item, record, of=reviewed.get(item.record)) for item, record in chosen
    )
    CaseFile.objects.bulk_create(
        CaseFile(case=case, file=row.file, role=row.role, added_on=on)
        for row in draft.files.select_related("file")
    )
    draft.files.all().delete()
    draft.case = case
    draft.save(update_fields=["case"])
    write_step(case, WORKFLOWS[kind].step("", Action.FILE), by=by, on=on)
    if case.reviewed_case is not None:
        _open_review(case, by=by, on=on)
    telling.filed(case, by=by)
    return case


def _opened(
    *, by: User, draft: Draft, content: Content, enterprise: Enterprise, on: dt.date
) -> Case:
    unit = _unit(draft, enterprise, on=on)
    agency = lead_agency(unit, on=on)
    if agency is None:
        raise Refused("objections.no_lead_agency", region=unit)
    kind = CaseKind(draft.kind)
    now = stamp()
    return Case.objects.create(
        kind=kind,
        number=take_number(PREFIXES[kind], region=unit, on=on),
        enterprise=enterprise,
        unit_id=unit,
        agency=agency,
        applicant=by,
        applicant_name=by.get_short_name(),
        agent=content.agent.strip(),
        statement=content.statement.strip(),
        committed=content.committed,
        reviewed_case=draft.reviewed_case,
        submitted_on=on,
        submitted_at=now,
        reckoned_at=now,
        version=0,
    )


def _unit(draft: Draft, enterprise: Enterprise, *, on: dt.date) -> str:
    """The unit that keeps the enterprise, or answers for where it is; for a review the one above."""
    if draft.reviewed_case is not None:
        return superiors(on=on).get(draft.reviewed_case.unit_id, PROVINCE)
    return str(enterprise.keeper_id or unit_for(enterprise.region_id, on=on))


def _reviewed_items(case: Case) -> dict[int, CaseItem]:
    """Of a review what it looks at again, by the key of the record it was about; 0: the rating."""
    first = case.reviewed_case
    return {item.record_id or 0: item for item in first.items.all()} if first else {}


def _item(case: Case, item: Item, record: Record | None, *, of: CaseItem | None) -> CaseItem:
    rating = None if record else current_rating(case.enterprise_id)
    return CaseItem(
        case=case, target=item.target, record=record, rating=rating, ground=item.ground,
        claims=[dict(claim) for claim in item.claims], explanation=item.explanation.strip(),
        reviewed_item=of,
    )  # fmt: skip


def _refuse_flood(by: User) -> None:
    """Many at once from one account are no objections; those that come together are counted one
    after another. Default, no source."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    since = stamp() - dt.timedelta(hours=1)
    recent = Case.objects.filter(applicant=by, submitted_at__gt=since)
    if recent.count() >= MOST_AN_HOUR:
        raise Refused("objections.too_many_cases", limit=MOST_AN_HOUR)


# --- what a draft must hold ---------------------------------------------------------------------


Chosen = tuple[Item, Record | None]
"""What was chosen, with the record as it stands now; None for the rating."""


def _checked(draft: Draft, content: Content, *, on: dt.date) -> list[Chosen]:
    """What it is about, once everything is as it must be; a question is about nothing. Raises
    Refused."""
    if not content.statement.strip():
        raise Refused("objections.statement_missing")
    if draft.kind == CaseKind.HELP:
        return []
    if draft.reviewed_case is not None:
        if draft.reviewed_case.enterprise_id != draft.enterprise_id:
            raise NotPermitted("roster.not_permitted")
        _check_review(draft.reviewed_case, on=on)
    roles = set(draft.files.values_list("role", flat=True))
    if not content.committed:
        raise Refused("objections.commitment_missing")
    if content.agent.strip() and FileRole.AUTHORISATION not in roles:
        raise Refused("objections.authorisation_missing")
    if draft.kind == CaseKind.REPAIR and FileRole.PROOF not in roles:
        raise Refused("objections.proof_missing")
    return _checked_items(draft, content.items, on=on)


def _checked_items(draft: Draft, items: Sequence[Item], *, on: dt.date) -> list[Chosen]:
    if not items:
        raise Refused("objections.nothing_chosen")
    chosen = _checked_choice(draft, items, on=on)
    for item in items:
        if item.ground not in _grounds(draft.kind, item.target):
            raise Refused("objections.ground_missing")
        if any(not claim["field"] for claim in item.claims):
            raise Refused("objections.field_missing")
    return chosen


def why_no_choice(draft: Draft, *, on: dt.date) -> Refused | None:
    """What stands against what a draft is about, as things are now; None when nothing does."""
    try:
        if draft.reviewed_case is not None:
            _check_review(draft.reviewed_case, on=on)
        _checked_choice(draft, Content.of(draft).items, on=on)
    except Refused as refusal:
        return refusal
    return None


def _checked_choice(draft: Draft, items: Sequence[Item], *, on: dt.date) -> list[Chosen]:
    """What was chosen, as it stands now; asked when it is chosen and when it is filed. Raises
    Refused."""
    if len(items) > MOST_ITEMS:
        raise Refused("objections.too_many_items", limit=MOST_ITEMS)
    chosen = _of_review(draft, items) if draft.kind == CaseKind.REVIEW else _as_now(draft, items)
    records = [record for _item, record in chosen if record is not None]
    targets = [record.pk if record else 0 for _item, record in chosen]
    if len(set(targets)) != len(targets):
        raise Refused("objections.chosen_twice")
    _refuse_under_way(draft.enterprise_id, chosen)
    if draft.kind == CaseKind.OBJECTION:
        _refuse_mixed(records, with_rating=0 in targets)
    if draft.kind == CaseKind.REPAIR:
        _refuse_repair(records, on=on)
    return chosen


def _as_now(draft: Draft, items: Sequence[Item]) -> list[Chosen]:
    """Each record as it stands now, and still is about the enterprise. Raises Refused."""
    found = _versions(draft, items)
    chosen: list[Chosen] = []
    for item in items:
        live = successor_within(found[item.record], draft.enterprise_id) if item.record else None
        if item.record and live is None:
            raise Refused("objections.record_gone", what=str(found[item.record]))
        chosen.append((item, live))
    return chosen


def _of_review(draft: Draft, items: Sequence[Item]) -> list[Chosen]:
    """What is left of it: records that are gone since need no review. When all are gone, they are
    what is reviewed."""
    found = _versions(draft, items)
    now = [
        (item, successor_within(found[item.record], draft.enterprise_id) if item.record else None)
        for item in items
    ]
    left = [(item, record) for item, record in now if record is not None or not item.record]
    return left or [(item, found[item.record]) for item in items]


def _versions(draft: Draft, items: Sequence[Item]) -> dict[int, Record]:
    """The versions that were chosen, by key. Raises Refused for what never was the enterprise's."""
    keys = {item.record for item in items if item.record}
    rows = Record.objects.filter(enterprise=draft.enterprise_id)
    found = rows.select_related("kind", "authority", "enterprise").in_bulk(keys)
    if len(found) != len(keys):
        raise Refused("objections.record_gone", what="—")
    return found


def _refuse_mixed(records: Sequence[Record], *, with_rating: bool) -> None:
    """What a court listed goes to the court, what a department decided to the department, and the
    rating stays with the unit: each by itself."""
    if records and with_rating:
        raise Refused("objections.rating_apart")
    courts = {record.kind_id in COURT_LISTS for record in records}
    if len(courts) > 1:
        raise Refused("objections.court_apart")


def _grounds(kind: str, target: Target) -> Sequence[Ground]:
    if kind == CaseKind.REPAIR:
        return OF_REPAIRS
    if kind == CaseKind.REVIEW:
        return tuple(Ground)
    return OF_RECORDS if target == Target.RECORD else OF_RATINGS


def _refuse_under_way(code: str, chosen: Sequence[Chosen]) -> None:
    """A record, or the rating, is in one open case at a time; of a review too. Raises Refused with
    the number of the other."""
    records = {record.pk for _item, record in chosen if record is not None}
    is_rating = any(not item.record for item, _record in chosen)
    for other in open_items(code):
        same_rating = other.target == Target.RATING and is_rating
        live = successor_within(other.record, code) if other.record else None
        if same_rating or (live is not None and live.pk in records):
            raise Refused("objections.under_way", number=other.case.number, what=str(live or other))


def open_items(code: str) -> QuerySet[CaseItem]:
    """What is under way about an enterprise: a decision is still to come, or is being reviewed."""
    going_on = (*OPEN, State.IN_REVIEW)
    return CaseItem.objects.filter(case__enterprise=code, case__state__in=going_on).select_related(
        "case", "record__kind"
    )


def _refuse_repair(records: Sequence[Record], *, on: dt.date) -> None:
    for refusal in why_no_repair(records, on=on).values():
        raise refusal


def why_no_repair(records: Sequence[Record], *, on: dt.date) -> dict[int, Refused]:
    """Of records of one enterprise those, by key, whose repair cannot be asked for on a day: what a
    court listed, is repaired already, still within its shortest publication, or was refused a short
    while ago. In as many queries as of one. Source: domain facts 3, 5."""
    repaired = set(
        Mark.objects.live()
        .filter(record__in=records, kind=MarkKind.REPAIRED)
        .values_list("record", flat=True)
    )
    published, again = publications(records), _next_repairs(records)
    found: dict[int, Refused] = {}
    for record in records:
        until, later = published[record.pk].least_until, again.get(record.pk)
        if record.kind_id in COURT_LISTS:
            found[record.pk] = Refused("objections.repair_by_court", record=str(record))
        elif record.pk in repaired:
            found[record.pk] = Refused("objections.repaired_already", record=str(record))
        elif on < until:
            found[record.pk] = Refused(
                "objections.repair_too_early", record=str(record), until=until
            )
        elif later is not None and on < later:
            found[record.pk] = Refused(
                "objections.repair_again_later", record=str(record), on=later
            )
    return found


def _next_repairs(records: Sequence[Record]) -> dict[int, dt.date]:
    """By the key of a record, when a repair that was refused, also by a review, may be asked for
    again; of every version of it, and of the same decision given anew."""
    of_repairs = Q(case__kind=CaseKind.REPAIR) | Q(case__reviewed_case__kind=CaseKind.REPAIR)
    refused = CaseItem.objects.filter(
        of_repairs,
        outcome=Outcome.REJECT,
        record__enterprise__in={record.enterprise_id for record in records},
        case__steps__action=Action.DECIDE,
    )
    said = list(refused.values_list("record", "record__identity", "case__steps__on"))
    if not said:
        return {}
    versions, calendar = former_versions(records), loaded_calendar()
    found = {}
    for record in records:
        days = [
            on for key, identity, on in said
            if key in versions[record.pk] or identity == record.identity
        ]  # fmt: skip
        if days:
            found[record.pk] = deadline("repair.again", start=max(days), calendar=calendar)
    return found


# --- while it is under way ----------------------------------------------------------------------


@act("objections.supplied")
def supply_papers(
    *, by: User, case_id: int, version: int | None, statement: str,
    files: Sequence[tuple[Evidence, str]], on: dt.date,
) -> Case:  # fmt: skip
    """Give the papers that were asked for; the office's clock goes on. Raises NotPermitted,
    Refused. Source: R29; domain facts 5 (clock stops)."""
    case = locked(case_id, by=by, version=version)
    if not statement.strip() and not files:
        raise Refused("objections.nothing_supplied")
    refuse_many_files(case.files.count() + len(files), most=MOST_FILES_IN_ALL)
    CaseFile.objects.bulk_create(
        CaseFile(case=case, file=keep(by=by, evidence=file), role=FileRole(role), added_on=on)
        for file, role in files
    )
    take(case, Action.SUPPLY, by=by, on=on, reason=statement)
    telling.supplied(case, by=by)
    return case


@act("objections.withdrawn")
def withdraw_case(*, by: User, case_id: int, version: int | None, reason: str, on: dt.date) -> Case:
    """Take a case back before it is decided; the marks go. Raises NotPermitted, Refused."""
    case = locked(case_id, by=by, version=version)
    take(case, Action.WITHDRAW, by=by, on=on, reason=reason)
    lift_marks(case, by=by, reason="申请人撤回申请")
    close_first(case, by=by, on=on)
    telling.withdrawn(case, by=by)
    return case


# --- review ---------------------------------------------------------------------------------------


@act("objections.draft_begun")
def begin_review(*, by: User, case_id: int, on: dt.date) -> Draft:
    """Begin to fill in a request to have a decision looked at by the level above; it is about what
    the case was about. One that was begun already is the one. Raises NotPermitted, Refused."""
    case = locked(case_id, by=by, version=None)
    _check_review(case, on=on)
    begun = Draft.objects.visible_to(by).filter(reviewed_case=case, case=None).first()
    if begun is not None:
        return begun
    items = [_as_item(item) for item in case.items.order_by("pk")]
    draft = _new_draft(by, case.enterprise_id, CaseKind.REVIEW, Content(items=items))
    draft.reviewed_case = case
    return _begun(draft)


def _as_item(item: CaseItem) -> Item:
    return Item(item.record_id or 0, item.ground, item.claims, item.explanation)


def _check_review(first: Case, *, on: dt.date) -> None:
    """Within its limit, of what was decided or not accepted, once. Raises Refused."""
    other = first.reviews.first()
    if other is not None:
        raise Refused("objections.review_there", number=other.number)
    WORKFLOWS[CaseKind(first.kind)].step(first.state, Action.ASK_REVIEW)
    told = CaseStep.objects.filter(case=first, target=first.state).latest("pk").on
    last = deadline("review.file", start=told)
    if on > last:
        raise Refused("objections.review_too_late", number=first.number, last=last)


def _open_review(case: Case, *, by: User, on: dt.date) -> None:
    assert case.reviewed_case_id is not None  # noqa: S101 -- only called for a review
    first = Case.objects.select_for_update(of=("self",)).get(pk=case.reviewed_case_id)
    take(first, Action.ASK_REVIEW, by=by, on=on)
