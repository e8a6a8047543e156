"""Taking back what a roster file wrote: each enterprise goes back to how the file found it.

One that anything has happened to since is left alone; what a later file did and was taken back
with it did not happen. Source: R19, 二(三); R26; design idea 3.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from audit.acts import act, note, stamp
from audit.kept import retract
from intake.layouts import Undone
from intake.models import Batch
from intake.rows import copy_rows, update_rows

from .enums import Status
from .geography import geography
from .models import Enterprise, Registration, RosterEntry
from .rules.registration import Geography
from .scope import Actor
from .services import ENTRY, FACTS, VERSION
from .stale import minute

SLICE = 2_000
Held = Callable[[Collection[str]], Mapping[str, str]]
"""Of some enterprises, by code, those that must stay as they are, each with the reason."""

_facts = attrgetter(*FACTS)
_stay = attrgetter(*ENTRY[:-2])
_version = attrgetter("since", "until", *FACTS)


@act("roster.file_taken_back")
def take_back_enterprises(
    *, by: Actor, batch: Batch, reason: str, on: dt.date, held: Held
) -> tuple[Undone, list[str]]:
    """Put the enterprises of a roster file back; what that does, and the codes it touched.

    What the file brought in is on no roster any more and registered nowhere; what it changed says
    again what it said before.
    """
    undone, touched = Undone(), []
    codes = _codes_of(batch)
    there = geography(on=on)
    for start in range(0, len(codes), SLICE):
        free = _free(codes[start : start + SLICE], batch, held, undone, there)
        _put_back(free, by=by, reason=reason)
        undone.restored += sum(one.was_known for one in free)
        undone.retracted += sum(not one.was_known for one in free)
        touched += [one.enterprise.pk for one in free]
    note(retracted_count=undone.retracted, restored_count=undone.restored)
    return undone, touched


def _codes_of(batch: Batch) -> list[str]:
    """In code order: slices of two acts lock in one order."""
    found: set[str] = set()
    for model in (Registration, RosterEntry):
        rows = model._default_manager.filter(**batch.on_its_rows)
        found.update(rows.values_list("enterprise", flat=True).iterator(chunk_size=20_000))
    return sorted(found)


@dataclass(frozen=True)
class _Rows:
    """What a file did to the rows of one table about an enterprise: those it added, those it
    retracted for them, and others in force, which it left alone."""

    added: Sequence[Any]
    former: Sequence[Any]
    others: Sequence[Any]

    @classmethod
    def of(cls, rows: Sequence[Any], at: Any) -> _Rows:
        return cls(
            [row for row in rows if row.recorded_at == at],
            [row for row in rows if row.retracted_at == at],
            [row for row in rows if row.recorded_at != at and row.retracted_at is None],
        )

    @property
    def afterwards(self) -> Sequence[Any]:
        """The rows in force once the file is taken back."""
        return (*self.former, *self.others)


@dataclass(frozen=True)
class _Trace:
    """What a file did to one enterprise: to the versions of its registration and to its stays."""

    enterprise: Enterprise
    versions: _Rows
    stays: _Rows

    @property
    def was_known(self) -> bool:
        return bool(self.versions.afterwards)

    @property
    def present(self) -> Registration | None:
        """The version that will be in force."""
        return next((row for row in self.versions.afterwards if row.until is None), None)

    @property
    def keeper(self) -> str | None:
        """The roster the enterprise will be on."""
        return next((row.region_id for row in self.stays.afterwards if row.left_on is None), None)


def _free(
    codes: Sequence[str], batch: Batch, held: Held, undone: Undone, there: Geography
) -> list[_Trace]:
    """The enterprises that are as the file left them, locked; the others are noted as kept."""
    locked = Enterprise.objects.filter(code__one_of=codes).order_by("code")
    enterprises = list(locked.select_for_update(of=("self",), no_key=True))
    versions = _rows_of(Registration, codes, batch, _version)
    stays = _rows_of(RosterEntry, codes, batch, _stay)
    stayed = held(codes)
    free = []
    for enterprise in enterprises:
        rows = [*versions[enterprise.pk], *stays[enterprise.pk]]
        one = _Trace(
            enterprise,
            _Rows.of(versions[enterprise.pk], batch.merged_at),
            _Rows.of(stays[enterprise.pk], batch.merged_at),
        )
        went = _went_away(enterprise, stays[enterprise.pk], batch.merged_at)
        why = went or _later(rows, batch.merged_at) or stayed.get(enterprise.pk)
        why = why or _ended(one.keeper, there)
        if why:
            undone.kept.append((enterprise.pk if went else str(enterprise), why))
        else:
            free.append(one)
    return free


def _rows_of(
    model: Any, codes: Sequence[str], batch: Batch, content: Callable[[Any], Any]
) -> dict[str, list[Any]]:
    """By enterprise, without what files did and undid that came after this one."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in model._default_manager.filter(enterprise__one_of=codes).order_by("pk"):
        found[row.enterprise_id].append(row)
    later = {row.recorded_at for rows in found.values() for row in rows}
    undone = Batch.objects.undone_among(at for at in later if at > batch.merged_at)
    if not undone:
        return found
    return defaultdict(
        list, {code: _without(undone, rows, content) for code, rows in found.items()}
    )


def _without(
    undone: Mapping[dt.datetime, dt.datetime], rows: list[Any], content: Callable[[Any], Any]
) -> list[Any]:
    """The rows as if files that were taken back since had not been merged.

    What says again what one of them had ended counts as recorded when it was said first. Where it
    does not come out even, something of the file is left, and its rows stay.
    """
    for merged, back in undone.items():
        written = [row for row in rows if row.recorded_at == merged]
        ended = [row for row in rows if row.retracted_at == merged]
        again = {content(row): row for row in rows if row.recorded_at == back}
        if any(row.retracted_at != back for row in written):
            continue
        if again.keys() != {content(row) for row in ended} or len(again) != len(ended):
            continue
        for row in ended:
            again[content(row)].recorded_at = row.recorded_at  # here alone; nothing is saved
        rows = [row for row in rows if row not in written and row not in ended]
    return rows


def _went_away(enterprise: Enterprise, stays: Sequence[RosterEntry], at: Any) -> str:
    """That an enterprise has left the roster it was on after the file; "" when it has not. What the
    unit of another roster calls it and does with it is not told. Design idea 6."""
    there = [
        row.region_id
        for row in stays
        if row.recorded_at <= at
        and row.left_on is None
        and (row.retracted_at is None or row.retracted_at > at)
    ]
    if enterprise.keeper_id is None or enterprise.keeper_id in there:
        return ""
    return _("之后已转到其他名录")


def _ended(roster: str | None, there: Geography) -> str:
    """That the roster an enterprise would be on again has ended; "" when it has not."""
    if roster is None or roster in there.levels:
        return ""
    return _("原来所在的名录（{region}）已停用").format(region=there.names.get(roster, roster))


def _later(rows: Sequence[Registration | RosterEntry], at: Any) -> str:
    """What has happened to an enterprise after an instant; "" for nothing."""
    newest = max(rows, key=attrgetter("recorded_at"))
    if newest.recorded_at > at:
        return _("之后又有变更（{who}，{at}）").format(
            who=newest.recorded_by, at=minute(newest.recorded_at)
        )
    ended = max((row.retracted_at for row in rows if row.retracted_at), default=at)
    return _("之后已撤下（{at}）").format(at=minute(ended)) if ended > at else ""


def _put_back(free: Sequence[_Trace], *, by: Actor, reason: str) -> None:
    now = stamp()
    retract([row for one in free for row in one.versions.added], at=now, retract_reason=reason)
    retract([row for one in free for row in one.stays.added], at=now)
    copy_rows(
        Registration,
        VERSION,
        (
            (
                row.enterprise_id, row.name_key, row.since, row.until, row.source, by.username, now,
                "", *_facts(row),
            )
            for one in free
            for row in one.versions.former
        ),
    )  # fmt: skip
    copy_rows(
        RosterEntry,
        ENTRY,
        ((*_stay(row), by.username, now) for one in free for row in one.stays.former),
    )
    if free:
        update_rows(
            Enterprise,
            "code",
            ("name_key", "keeper_id", *FACTS),
            map(_as_before, free),
            counter="version",
        )


def _as_before(one: _Trace) -> tuple[Any, ...]:
    """The present state of an enterprise: what registration says again, or that it says nothing."""
    said = one.present or one.enterprise
    facts = dict(zip(FACTS, _facts(said), strict=True))
    if one.present is None:
        facts |= {"status": Status.TAKEN_BACK.value}
    return one.enterprise.pk, said.name_key, one.keeper, *facts.values()


__all__ = ["Held", "take_back_enterprises"]
