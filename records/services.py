"""Acts on records. What a correction does to a grade stands one room up, in grading.services."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from audit.acts import act, acting, note, stamp
from audit.kept import add_row, retract
from audit.refusal import Refused
from intake.rows import copy_rows
from roster.enums import Permission
from roster.scope import Actor, require

from .enums import MarkKind
from .models import Kind, Mark, Record
from .rules.identity import identity

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
            provider=self.provider_id,
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
    rows = [_row(item, source=source, by=by, now=now) for item in given]
    copy_rows(Record, ADDED, rows)
    note(added_count=len(rows), source=source)
    return len(rows)


@act("records.given")
def give_record(*, by: Actor, given: Given, source: str, on: dt.date) -> Record:
    """Add one record. Raises NotPermitted, Refused (future date, already given). Source: R26."""
    draft = Record(**{name: getattr(given, name) for name in GIVEN})
    require(by, Permission.GIVE_RECORDS, draft)
    _refuse_future(given, on)
    if (
        Record.objects.live()
        .filter(enterprise=given.enterprise_id, identity=given.identity)
        .exists()
    ):
        raise Refused(
            "records.already_given", authority=str(draft.authority), number=given.number or "—"
        )
    give_records(by=by, given=[given], source=source, on=on)
    record = Record.objects.live().get(enterprise=given.enterprise_id, identity=given.identity)
    note(target=record)
    note(target=("roster.enterprise", given.enterprise_id))
    return record


def _refuse_future(given: Given, on: dt.date) -> None:
    """Nothing is decided, ended or listed later than today."""
    for label, value in (("认定日期", given.decided_on), ("终止日期", given.ended_on)):
        if value is not None and value > on:
            raise Refused("records.future_date", label=label, value=value.isoformat())


def _row(item: Given, *, source: str, by: Actor, now: dt.datetime) -> tuple:
    values = tuple(getattr(item, name) for name in GIVEN)
    return (*values, item.identity, source, now, by.username, now, "", "")


def given_from(record: Record, changes: Mapping[str, object] | None = None) -> Given:
    """What was given with a record, with some fields put right."""
    values = {name: getattr(record, name) for name in GIVEN} | dict(changes or {})
    return Given(**values)


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
    given = given_from(old, changes)
    _refuse_future(given, on)
    identity = _kept_identity(old, given)
    _refuse_twin(old, given, identity)
    now = stamp()
    new = Record(
        **{name: getattr(given, name) for name in GIVEN},
        identity=identity,
        source=old.source,
        supersedes=old,
        first_known_at=old.first_known_at,
        recorded_by=by.username,
        recorded_at=now,
    )
    _retract(old, by=by, reason=reason, now=now)
    add_row(new)
    _carry_marks(old, new, by=by, now=now)
    note(
        target=new,
        reason=reason,
        changes=[(name, str(getattr(old, name)), str(value)) for name, value in changes.items()],
    )
    note(target=("roster.enterprise", old.enterprise_id))
    return new


def _refuse_twin(old: Record, given: Given, identity: str) -> None:
    """A correction does not make two records of one decision."""
    twin = Record.objects.live().filter(enterprise=given.enterprise_id, identity=identity)
    if found := twin.exclude(pk=old.pk).select_related("authority").first():
        raise Refused(
            "records.already_given", authority=str(found.authority), number=found.number or "—"
        )


def _kept_identity(old: Record, given: Given) -> str:
    """Without a number the line of the file is part of the identity: it stays."""
    return given.identity if given.number else old.identity


def _live(record_id: int) -> Record:
    record = Record.objects.live().select_for_update().filter(pk=record_id).first()
    if record is None:
        raise Refused("records.retracted")
    return record


def _retract(record: Record, *, by: Actor, reason: str, now: dt.datetime) -> None:
    retract([record], at=now, retracted_by=by.username, retract_reason=reason)


def _carry_marks(old: Record, new: Record, *, by: Actor, now: dt.datetime) -> None:
    marks = list(Mark.objects.live().filter(record=old))
    retract(marks, at=now, retracted_by=by.username)
    for mark in marks:
        add_row(
            Mark(
                record=new,
                kind=mark.kind,
                since=mark.since,
                reason=mark.reason,
                reference=mark.reference,
                recorded_by=mark.recorded_by,
                first_known_at=mark.first_known_at,
                recorded_at=now,
            )
        )


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
    *, by: Actor, record_id: int, kind: str, since: dt.date, reason: str, reference: str = ""
) -> Mark:
    """Say of a record that it was withdrawn, repaired, disputed or had a serious consequence.

    The act above (grading, objections) has asked who may. Raises Refused. Design idea 3.
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
        first_known_at=now,
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
    return len(new)
