"""Taking back what a file of records wrote, as far as it is as the file left it.

What was corrected, marked or taken down since stays. Source: R22–R23, R26; design idea 3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from intake.layouts import Undone
from intake.models import Batch
from roster.scope import Actor
from roster.stale import minute

from .models import Mark, Record
from .passes import RecordPass, day_of
from .services import given_from, take_back_records

SLICE = 2_000
Held = Callable[[Collection[int]], Mapping[int, str]]
"""Of some records, by key, those that must stay as they are, each with the reason."""


def written_by(batch: Batch) -> QuerySet[Record]:
    """What the merge of a batch added: new records and corrected versions."""
    return Record.objects.filter(**batch.on_its_rows)


def undo(*, by: Actor, batch: Batch, reason: str, held: Held) -> tuple[Undone, set[str]]:
    """Take back the records of a batch, in the open act; what that does, and the codes of the
    enterprises it touched."""
    undone, touched = Undone(), set()
    known = RecordPass.begin(by=by, on=localdate(), source="", default_kind="")
    for rows in _slices(batch):
        retracted, restored = [], []
        pairs = _as_left(rows)
        whys = _taken_again(pairs, known) | _whys([row for row, _former in pairs], batch, held)
        for row, former in pairs:
            if why := whys.get(row.pk):
                undone.kept.append((f"{row.enterprise} {row}", why))
            elif former is None:
                retracted.append(row)
            else:
                restored.append((row, former))
        take_back_records(by=by, retracted=retracted, restored=restored, reason=reason)
        undone.retracted += len(retracted)
        undone.restored += len(restored)
        touched |= {row.enterprise_id for row in retracted}
        touched |= {one.enterprise_id for pair in restored for one in pair}
    return undone, touched


def _slices(batch: Batch) -> Iterator[list[Record]]:
    """The records of a batch in the order of their keys, locked slice by slice."""
    last = 0
    while True:
        rows = written_by(batch).filter(pk__gt=last).order_by("pk")
        rows = rows.select_related("kind", "enterprise", "supersedes")
        found = list(rows.select_for_update(of=("self",))[:SLICE])
        if not found:
            return
        yield found
        last = found[-1].pk


def _whys(rows: Sequence[Record], batch: Batch, held: Held) -> dict[int, str]:
    """Which records are no longer as the file left them, and what was done with them."""
    keys = [row.pk for row in rows]
    found = dict(held(keys))
    since: Any = batch.merged_at
    marks = Mark.objects.filter(record__one_of=keys).filter(
        Q(recorded_at__gt=since) | Q(retracted_at__gt=since)
    )
    for mark in marks.order_by("pk"):
        found[mark.record_id] = _("之后标注过“{mark}”（{who}，{at}）").format(
            mark=mark.get_kind_display(), who=mark.recorded_by, at=minute(mark.recorded_at)
        )
    for row in rows:
        if row.retracted_at is not None:
            found[row.pk] = _("之后已更正或撤下（{who}，{at}）：{reason}").format(
                who=row.retracted_by, at=minute(row.retracted_at), reason=row.retract_reason
            )
    return found


def _as_left(rows: Sequence[Record]) -> list[tuple[Record, Record | None]]:
    """Each record with the version before it. In place of one that a later file replaced, the one
    that says the same again since that file was taken back."""
    after = _versions_after(rows)
    ended = (row.retracted_at for row in (*rows, *after.values()) if row.retracted_at)
    undone = Batch.objects.undone_among(ended)
    return [(_as_if(undone, row, after), row.supersedes) for row in rows]


def _versions_after(rows: Iterable[Record]) -> dict[int, Record]:
    """The versions that took the place of records, and of those in turn, each by the one before it."""
    after: dict[int, Record] = {}
    past = [row.pk for row in rows if row.retracted_at]
    while past:
        found = Record.objects.filter(supersedes__one_of=past).select_related("kind", "enterprise")
        newer = list(found.select_for_update(of=("self",)))
        after |= {row.supersedes_id or 0: row for row in newer}
        past = [row.pk for row in newer if row.retracted_at]
    return after


def _as_if(undone: Mapping[Any, dt.datetime], row: Record, after: Mapping[int, Record]) -> Record:
    """What a record became when nothing but files that were undone, from merge to taking back, ever
    touched it."""
    while row.retracted_at in undone and row.pk in after:
        back = undone[row.retracted_at]
        between = _as_if(undone, after[row.pk], after)
        again = after.get(between.pk)
        if again is None or {between.retracted_at, again.recorded_at} != {back}:
            break
        row = again
    return row


def _taken_again(
    pairs: Sequence[tuple[Record, Record | None]], known: RecordPass
) -> dict[int, str]:
    """Which records cannot say again what they said: others say that by now."""
    given = {
        row.pk: given_from(former)
        for row, former in pairs
        if former and (former.identity, day_of(former)) != (row.identity, day_of(row))
    }
    known.look_up_records(given.values())
    found = {}
    for key, item in given.items():
        if again := next((one for one in known.twins(item) if one.pk != key), None):
            found[key] = _("原来的内容已另有登记（{record}）").format(record=again)
    return found


__all__ = ["Held", "undo", "written_by"]
