"""One pass over a file of records: who gives, and what the tables hold about its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from intake.layouts import Line, Outcome
from intake.models import Batch
from roster.enums import Permission, Status
from roster.models import Agency, AgencyName, Enterprise
from roster.rules.registration import name_key
from roster.scope import Actor, may

from .enums import Shape
from .models import Kind, Record
from .services import Given

Day = tuple[str, int, str, dt.date]
"""Enterprise, authority, kind and day: what makes a state the same one, with a number or without."""


def day_of(item: Given | Record) -> Day:
    """Where a state lies."""
    return (item.enterprise_id, item.authority_id, item.kind_id, item.decided_on)


@dataclass
class Merged:
    """Lines of one file about the same decision: what they say together, or why they cannot.

    conflict: column, code of the sentence and its values. bare: a line without a number is among
    them.
    """

    first: int
    values: dict[str, Any]
    bare: bool = False
    conflict: tuple[str, str, dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """By which hashes a line may belong to others of its file: its number, the day of a state,
    else what the provider told. 0: it has none."""

    number: int = 0
    day: int = 0
    told: int = 0


@dataclass(frozen=True)
class Known:
    """What is there about a line: live records (several when it does not say which), versions
    that were corrected since, and records that were taken down. What went with a file that was
    taken back is none of them."""

    live: tuple[Record, ...] = ()
    corrected: tuple[Record, ...] = ()
    taken_down: tuple[Record, ...] = ()


@dataclass
class RecordPass:
    """One pass over a file of records: who gives, and what of the tables a slice needs."""

    by: Actor
    on: dt.date
    source: str
    kinds: dict[str, Kind]
    agencies: dict[str, Agency]
    default_kind: str = ""
    lists: list[tuple[str, str]] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    # what stands in several lines of the file, by hashes
    seen: set[int] = field(default_factory=set)
    doubled: set[int] = field(default_factory=set)
    numbered: dict[int, int] = field(default_factory=dict)
    several: set[int] = field(default_factory=set)
    bare: set[int] = field(default_factory=set)
    merged: dict[int, Merged] = field(default_factory=dict)
    answers: dict[int, Outcome] = field(default_factory=dict)
    # whose it is
    allowed: dict[int, bool] = field(default_factory=dict)
    enterprises: dict[str, tuple[str, str]] = field(default_factory=dict)
    by_number: dict[str, list[str]] = field(default_factory=dict)
    # what is there, and what the lines so far do to it
    versions: dict[tuple[str, str], list[Record]] = field(default_factory=dict)
    states: dict[Day, list[Record]] = field(default_factory=dict)
    superseded: set[int] = field(default_factory=set)
    undone: frozenset[dt.datetime] = frozenset()
    new: dict[int, int] = field(default_factory=dict)
    given: dict[int, Given] = field(default_factory=dict)
    corrections: dict[int, tuple[Record, dict[str, Any]]] = field(default_factory=dict)
    corrected: dict[int, tuple[int, Record]] = field(default_factory=dict)

    @classmethod
    def begin(cls, *, by: Actor, on: dt.date, source: str, default_kind: str) -> RecordPass:
        agencies = {name_key(agency.name): agency for agency in Agency.objects.all()}
        for other in AgencyName.objects.select_related("agency"):
            agencies.setdefault(name_key(other.name), other.agency)
        kinds = {kind.pk: kind for kind in Kind.objects.all()}
        lists = [
            (name_key(name), kind.pk) for kind in kinds.values() for name in kind.names_of_lists()
        ]
        return cls(by, on, source, kinds, agencies, default_kind, lists)

    def may_give(self, agency: Agency) -> bool:
        """Whether the uploader gives this authority's records. R26; design idea 6."""
        if agency.pk not in self.allowed:
            draft = Record(authority=agency, provider=agency)
            self.allowed[agency.pk] = may(self.by, Permission.GIVE_RECORDS, draft)
        return self.allowed[agency.pk]

    def is_state(self, kind: str) -> bool:
        return kind in self.kinds and self.kinds[kind].shape == Shape.STATE

    def count(self, place: Place) -> None:
        """Note that a line speaks of a decision; two lines of one are put together later.

        A line about a state without a number belongs to the one that has it, wherever it stands.
        """
        if place.day and place.number:
            if self.numbered.setdefault(place.day, place.number) != place.number:
                self.several.add(place.day)
            if place.day in self.bare:
                self.doubled.add(place.number)
        elif place.day:
            self.bare.add(place.day)
            if place.day in self.numbered:
                self.doubled.add(self.numbered[place.day])
        key = place.number or place.day or place.told
        (self.doubled if key in self.seen else self.seen).add(key)

    def group(self, place: Place) -> int | None:
        """The decision of a line that stands in several lines of the file, else None."""
        key = place.number or self.numbered.get(place.day, place.day) or place.told
        return key if key in self.doubled and not self.is_unclear(place) else None

    def is_unclear(self, place: Place) -> bool:
        """Whether a line without a number could belong to several others that have one."""
        return not place.number and place.day in self.several

    def look_up_enterprises(self, lines: Iterable[Line]) -> None:
        """Names by code, and codes by old registration number, for one slice."""
        codes = {line.values["code"] for line in lines} - {""}
        numbers = {line.values.get("registration_number") or "" for line in lines} - {""}
        wanted = Q(code__one_of=codes)
        if numbers:
            wanted |= Q(registration_number__one_of=numbers)
        there = Enterprise.objects.exclude(status=Status.TAKEN_BACK)
        rows = there.filter(wanted).values_list(
            "code", "name", "former_names", "registration_number"
        )
        self.enterprises, self.by_number = {}, {}
        for code, name, former, number in rows:
            self.enterprises[code] = (name, former)
            if number:
                self.by_number.setdefault(number, []).append(code)

    def correct(self, line: int, record: Record, changes: dict[str, Any]) -> None:
        """Keep a correction for `write`, and for further lines what the record says from now on."""
        now = copy(record)
        for name, value in changes.items():
            setattr(now, name, value)
        self.corrections[line] = (record, changes)
        self.corrected[record.pk] = (line, now)

    def earlier(self, record: Record) -> tuple[int, Record] | None:
        """The line of this file that corrects a record, and what it then says. A merge finds the
        new version in place of the one that the preview finds."""
        return self.corrected.get(record.pk) or self.corrected.get(record.supersedes_id or 0)

    def look_up_records(self, given: Iterable[Given]) -> None:
        """The records a slice may speak of: by identity, states also by their day."""
        items = list(given)
        wanted = {(item.enterprise_id, item.identity) for item in items}
        days = {day_of(item) for item in items if self.is_state(item.kind_id)}
        self.versions, self.states = {}, {}
        by_identity = list(_by_identity(wanted))
        for record in by_identity:
            key = (record.enterprise_id, record.identity)
            if key in wanted:
                self.versions.setdefault(key, []).append(record)
        for record in (*by_identity, *_by_day(days, besides={identity for _, identity in wanted})):
            if day_of(record) in days:
                self.states.setdefault(day_of(record), []).append(record)
        found = [*self.versions.values(), *self.states.values()]
        for record in (row for rows in found for row in rows):
            if kind := self.kinds.get(record.kind_id):
                record.kind = kind  # its name is said of every changed line
        self.superseded = _superseded(found)
        ended = (row.retracted_at for rows in found for row in rows)
        self.undone = Batch.objects.instants_taken_back(filter(None, ended))

    def known(self, given: Given) -> Known:
        """What is there about a line. A state is found by its day when the line or the record
        has no number; two numbers are two decisions (reading G4)."""
        same, that_day = self._about(given)
        live = [row for row in same if row.retracted_at is None]
        live = live or [row for row in that_day if row.retracted_at is None]
        past = [
            row
            for row in (*that_day, *same)
            if row.retracted_at is not None and row.retracted_at not in self.undone
        ]
        return Known(
            tuple(live),
            tuple(row for row in past if row.pk in self.superseded),
            tuple(row for row in past if row.pk not in self.superseded),
        )

    def twins(self, given: Given) -> list[Record]:
        """The live records of the same decision or state; `services.same_as` asks it of one."""
        return [row for rows in self._about(given) for row in rows if row.retracted_at is None]

    def _about(self, given: Given) -> tuple[list[Record], list[Record]]:
        """Rows of the same identity, and other states of the day that may be the one meant."""
        same = self.versions.get((given.enterprise_id, given.identity), [])
        return same, [
            row
            for row in self.states.get(day_of(given), [])
            if row not in same and not (given.number and self._now(row).number)
        ]

    def _now(self, record: Record) -> Record:
        earlier = self.earlier(record)
        return earlier[1] if earlier else record

    def others_that_day(self, given: Given, *, found: Record | None = None) -> bool:
        """Whether the state meant could be another live one: for a line without a number one
        that has a number, for the record found by its number one that has none."""
        return any(
            row.retracted_at is None and row != found and bool(row.number) == (found is None)
            for row in self.states.get(day_of(given), [])
            if row.identity != given.identity
        )


def _by_identity(wanted: set[tuple[str, str]]) -> Iterator[Record]:
    if wanted:
        yield from Record.objects.filter(
            enterprise__one_of={code for code, _ in wanted},
            identity__one_of={identity for _, identity in wanted},
        ).order_by("recorded_at")


def _by_day(days: set[Day], *, besides: set[str]) -> Iterator[Record]:
    """States of some days, but for those found by their identities already."""
    if days:
        dates = [date for *_, date in days]
        rows = Record.objects.filter(
            enterprise__one_of={code for code, *_ in days},
            kind__in={kind for _, _, kind, _ in days},
            decided_on__range=(min(dates), max(dates)),
        )
        yield from rows.exclude(identity__one_of=besides).order_by("recorded_at")


def _superseded(found: Iterable[list[Record]]) -> set[int]:
    """The keys of versions that another took the place of."""
    past = {row.pk for rows in found for row in rows if row.retracted_at is not None}
    if not past:
        return set()
    later = Record.objects.filter(supersedes__one_of=past)
    return set(later.values_list("supersedes_id", flat=True))


__all__ = ["Known", "Merged", "Place", "RecordPass", "day_of"]
