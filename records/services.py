"""Acts on records. What a correction does to a grade stands one room up, in grading.services."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from audit.acts import act, acting, note, stamp
from audit.kept import add_row, add_rows, retract
from audit.refusal import Refused
from intake.rows import copy_rows
from roster.enums import Permission
from roster.scope import Actor, require

from .enums import MarkKind, Shape
from .models import Kind, Mark, Record, TakenDown
from .publication import publications
from .rules.identity import identity, told

GIVEN = (
    "enterprise_id", "kind_id", "authority_id", "provider_id", "number", "decided_on", "ended_on",
    "end_reason", "measures", "conduct", "facts", "basis", "content", "fine_wan",
    "confiscated_wan", "licence", "valid_until", "publication_until", "serious_claimed", "remark",
)  # fmt: skip
"""What a unit says about a behaviour; everything else on a record the portal adds."""

GRADE_FIELDS = frozenset(
    {"enterprise_id", "kind_id", "decided_on", "ended_on", "serious_claimed", "authority_id",
     "number"}
)  # fmt: skip
"""Fields of a record through which a correction can change a grade."""

ADDED = (
    *GIVEN, "identity", "source", "first_known_at", "recorded_by", "recorded_at",
    "retracted_by", "retract_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """One behaviour as a unit gives it; the fields of `GIVEN`."""

    enterprise_id: str
    kind_id: str
    authority_id: int
    provider_id: int
    decided_on: dt.date
    number: str = ""
    ended_on: dt.date | None = None
    end_reason: str = ""
    measures: str = ""
    conduct: str = ""
    facts: str = ""
    basis: str = ""
    content: str = ""
    fine_wan: Decimal | int | None = None
    confiscated_wan: Decimal | int | None = None
    licence: str = ""
    valid_until: dt.date | None = None
    publication_until: dt.date | None = None
    serious_claimed: bool = False
    remark: str = ""
    provider_key: str = ""

    @property
    def identity(self) -> str:
        """What makes it the same decision or state when it is given again. Design §4."""
        return identity(
            authority=self.authority_id,
            number=self.number,
            kind=self.kind_id,
            decided_on=self.decided_on,
            provider_key=self.provider_key,
        )


@act("records.given")
def give_records(*, by: Actor, given: Iterable[Given], source: str, on: dt.date) -> int:
    """Add records that are not there yet and return how many; one COPY whatever the number.

    The caller has held each against the giver's authority and the live identities (layouts do so
    line by line, `give_record` for one). Source: R22–R23, R26.
    """
    now = stamp()
    items = list(given)
    copy_rows(Record, ADDED, (_row(item, source=source, by=by, now=now) for item in items))
    note(added_count=len(items), source=source)
    return len(items)


@act("records.given")
def give_record(*, by: Actor, given: Given, source: str, on: dt.date) -> Record:
    """Add one record. Raises NotPermitted, Refused (future date, already given). Source: R26."""
    draft = Record(**{name: getattr(given, name) for name in GIVEN})
    require(by, Permission.GIVE_RECORDS, draft)
    _refuse_future(given, on)
    refuse_out_of_use(draft.kind, given.decided_on)
    again = Refused(
        "records.already_given", authority=str(draft.authority), number=given.number or "—"
    )
    if same_as(given).exists():
        raise again
    try:
        give_records(by=by, given=[given], source=source, on=on)
    except IntegrityError:
        # Nobody can lock what is not there yet: the same was given in this moment.
        if same_as(given).exists():
            raise again from None
        raise
    record = Record.objects.live().get(enterprise=given.enterprise_id, identity=given.identity)
    note(target=record)
    note(target=("roster.enterprise", given.enterprise_id))
    return record


def same_as(given: Given) -> QuerySet[Record]:
    """The live record of the same decision; of the same state also by its day, when only one of
    the two has a number. Source: design §4; `RecordPass.known` asks the same of many lines."""
    same = Q(identity=given.identity)
    if Kind.objects.filter(pk=given.kind_id, shape=Shape.STATE).exists():
        that_day = Q(authority=given.authority_id, kind=given.kind_id, decided_on=given.decided_on)
        same |= that_day & Q(number="") if given.number else that_day
    return Record.objects.live().filter(same, enterprise=given.enterprise_id)


def _refuse_future(given: Given, on: dt.date) -> None:
    """Nothing is decided, ended or listed later than today."""
    for name in ("decided_on", "ended_on"):
        value = getattr(given, name)
        if value is not None and value > on:
            field: Any = Record._meta.get_field(name)
            label = str(field.verbose_name)
            raise Refused("records.future_date", label=label, value=value.isoformat())


def refuse_out_of_use(kind: Kind, date: dt.date) -> None:
    """A kind takes what was decided while it is in the table. Raises Refused. Source: R24."""
    if not kind.is_effective_on(date):
        raise Refused(
            "records.kind_out_of_use",
            kind=kind.name, since=kind.since or "—", until=kind.until or "—", date=date,
        )  # fmt: skip


def _row(
    item: Given,
    *,
    source: str,
    by: Actor,
    now: dt.datetime,
    first_known_at: dt.datetime | None = None,
) -> tuple:
    values = tuple(getattr(item, name) for name in GIVEN)
    return (*values, item.identity, source, first_known_at or now, by.username, now, "", "")


def given_from(record: Record, changes: Mapping[str, object] | None = None) -> Given:
    """What was given with a record, with some fields put right."""
    values = {name: getattr(record, name) for name in GIVEN} | dict(changes or {})
    return Given(**values, provider_key=told(record.identity))


@act("records.replaced")
def replace_record(
    *, by: Actor, record_id: int, changes: Mapping[str, object], reason: str, on: dt.date
) -> Record:
    """Retract a record and add the corrected version in its place, marks and first date kept.

    Knows nothing of grades and asks for no second person: `grading.services` decides that and is
    the only caller. Raises Refused when the version is no longer the live one. Design idea 3.
    """
    old = _live(record_id)
    if not reason.strip():
        raise Refused("records.reason_missing")
    given = refuse_impossible(old, changes, on=on)
    _put_in_place([(old, given)], by=by, reason=reason, now=stamp())
    new = Record.objects.get(supersedes=old)
    note(
        target=new,
        reason=reason,
        changes=[(name, str(getattr(old, name)), str(value)) for name, value in changes.items()],
    )
    note(target=("roster.enterprise", old.enterprise_id))
    return new


@act("records.replaced")
def replace_records(
    *, by: Actor, changed: Sequence[tuple[Record, Mapping[str, object]]], reason: str
) -> int:
    """`replace_record` for many at once: a file's corrections cost one statement each way.

    The caller has locked them (`lock_records`) and held the new identities against the live ones.
    The file stands in the reason: `Record.audit_trail` finds its event. Design idea 3.
    """
    pairs = [(old, given_from(old, changes)) for old, changes in changed]
    _put_in_place(pairs, by=by, reason=reason, now=stamp())
    note(reason=reason, replaced_count=len(pairs))
    return len(pairs)


def _put_in_place(
    pairs: Sequence[tuple[Record, Given]], *, by: Actor, reason: str, now: dt.datetime
) -> None:
    """Retract records and add their new versions, with marks and first dates."""
    keys = {old.pk for old, _given in pairs}
    retract([old for old, _given in pairs], at=now, retracted_by=by.username, retract_reason=reason)
    rows = [
        (
            *_row(given, source=old.source, by=by, now=now, first_known_at=old.first_known_at),
            old.pk,
        )
        for old, given in pairs
    ]
    copy_rows(Record, (*ADDED, "supersedes_id"), rows)
    _carry_marks(keys, by=by, now=now)
    _carry_ends(keys, now=now)


@act("records.file_taken_back")
def take_back_records(
    *, by: Actor, retracted: Sequence[Record], restored: Sequence[tuple[Record, Record]],
    reason: str,
) -> None:  # fmt: skip
    """Take records of a file down and put others back to the version it replaced.

    `restored` are pairs of what the file wrote and the version before it. The caller has locked
    them. Source: R26; design idea 3.
    """
    now = stamp()
    retract(list(retracted), at=now, retracted_by=by.username, retract_reason=reason)
    pairs = [(row, given_from(former)) for row, former in restored]
    _put_in_place(pairs, by=by, reason=reason, now=now)
    note(retracted_count=len(retracted), restored_count=len(pairs))


def refuse_impossible(old: Record, changes: Mapping[str, object], *, on: dt.date) -> Given:
    """The version that changes would make of a record. Raises Refused: nothing is decided later than
    today, or under a kind that was not in use, or twice."""
    given = given_from(old, changes)
    _refuse_future(given, on)
    if {"kind_id", "decided_on"} & set(changes):
        refuse_out_of_use(Kind.objects.get(pk=given.kind_id), given.decided_on)
    _refuse_twin(old, given)
    return given


def _refuse_twin(old: Record, given: Given) -> None:
    """A correction does not make two records of one decision."""
    if found := same_as(given).exclude(pk=old.pk).select_related("authority").first():
        raise Refused(
            "records.already_given", authority=str(found.authority), number=found.number or "—"
        )


def lock_records(keys: Iterable[int]) -> None:
    """Keep live records from being changed by others until the act ends, always in one order, so
    that two acts about the same records wait for each other. Raises Refused when one is gone."""
    wanted = set(keys)
    rows = Record.objects.live().filter(pk__one_of=wanted).order_by("pk")
    locked = rows.select_for_update(of=("self",)).values_list("pk", flat=True)
    if wanted and len(locked) != len(wanted):
        raise Refused("records.retracted")


def _live(record_id: int) -> Record:
    record = Record.objects.live().select_for_update().filter(pk=record_id).first()
    if record is None:
        raise Refused("records.retracted")
    return record


def _retract(record: Record, *, by: Actor, reason: str, now: dt.datetime) -> None:
    retract([record], at=now, retracted_by=by.username, retract_reason=reason)


def _carry_marks(keys: Iterable[int], *, by: Actor, now: dt.datetime) -> None:
    """Marks of versions go over to their successors. That an enterprise disputes a record does not:
    put right to be about another one, it is no longer the record that was disputed."""
    marks = list(Mark.objects.live().filter(record__one_of=keys).select_related("record"))
    if not marks:
        return
    marked = Record.objects.filter(supersedes__one_of={mark.record_id for mark in marks})
    successors, owners = {}, {}
    for former, key, owner in marked.values_list("supersedes_id", "pk", "enterprise"):
        successors[former], owners[former] = key, owner
    retract(marks, at=now, retracted_by=by.username)
    marks = [
        mark
        for mark in marks
        if mark.kind != MarkKind.DISPUTED or owners[mark.record_id] == mark.record.enterprise_id
    ]
    carried = ("kind", "since", "reason", "reference", "first_known_at")
    copy_rows(
        Mark,
        ("record_id", "recorded_by", "recorded_at", *carried),
        (
            (successors[mark.record_id], by.username, now, *(getattr(mark, n) for n in carried))
            for mark in marks
        ),
    )


def _carry_ends(keys: Iterable[int], *, now: dt.datetime) -> None:
    """What had come down stays down in its new version, since the same day, where the publication of
    that has ended too."""
    down = TakenDown.objects.filter(record__one_of=keys, waits=False)
    since = dict(down.values_list("record", "on"))
    if not since:
        return
    rows = list(Record.objects.filter(supersedes__one_of=set(since)).select_related("kind"))
    ends, today = publications(rows), localdate(now)
    add_rows(
        [
            TakenDown(
                record=row, until=ends[row.pk].until, on=since[row.supersedes_id or 0],
                recorded_at=now,
            )
            for row in rows
            if ends[row.pk].until <= today
        ]
    )  # fmt: skip


@act("records.retracted")
def retract_record(*, by: Actor, record_id: int, reason: str) -> Record:
    """Take a record down that should never have been there. Called by grading.services."""
    record = _live(record_id)
    if not reason.strip():
        raise Refused("records.reason_missing")
    _retract(record, by=by, reason=reason, now=stamp())
    note(target=record, reason=reason)
    return record


@act("records.marked")
def mark_record(
    *, by: Actor, record_id: int, kind: str, since: dt.date, reason: str, reference: str = "",
    first_known_at: dt.datetime | None = None,
) -> Mark:  # fmt: skip
    """Say of a record that it was withdrawn, repaired, disputed or had a serious consequence.

    `first_known_at`: when what the mark confirms was known already; None: it is news. The act
    above (grading, objections) has asked who may. Raises Refused. Design idea 3.
    """
    record = _live(record_id)
    if not reason.strip():
        raise Refused("records.reason_missing")
    if Mark.objects.live().filter(record=record, kind=kind).exists():
        raise Refused("records.marked_already", mark=MarkKind(kind).label)
    now = stamp()
    mark = Mark(
        record=record,
        kind=kind,
        since=since,
        reason=reason,
        reference=reference,
        recorded_by=by.username,
        recorded_at=now,
        first_known_at=first_known_at or now,
    )
    add_row(mark)
    note(target=record, mark=kind, reason=reason)
    note(target=("roster.enterprise", record.enterprise_id))
    return mark


@act("records.unmarked")
def unmark_record(*, by: Actor, record_id: int, kind: str, reason: str) -> None:
    """Take a mark back; that it stood there remains. Raises Refused when there is none."""
    record = _live(record_id)
    mark = Mark.objects.live().filter(record=record, kind=kind).first()
    if mark is None:
        raise Refused("records.not_marked", mark=MarkKind(kind).label)
    retract([mark], at=stamp(), retracted_by=by.username)
    note(target=record, mark=kind, reason=reason)
    note(target=("roster.enterprise", record.enterprise_id))


def load_reference(*, by: Actor) -> int:
    """Add the kinds of the first composition table that are not there. Source: R20–R23.

    When none is missing it is no act and writes nothing.
    """
    rows = csv.DictReader(
        (Path(__file__).parent / "data" / "kinds.csv").read_text(encoding="utf-8").splitlines()
    )
    known = set(Kind.objects.values_list("code", flat=True))
    new = [Kind(**row) for row in rows if row["code"] not in known]
    if new:
        with acting("records.kinds_loaded", by=by):
            Kind.objects.bulk_create(new)
            note(added=[kind.code for kind in new])
            for kind in new:
                note(target=kind)
    return len(new)
