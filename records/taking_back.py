"""Taking back what a file of records wrote, as far as it is as the file left it.

What was corrected, marked or taken down since stays. Source: R22–R23, R26; design idea 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
        whys = _taken_again(rows, known) | _whys(rows, batch, held)
        for row in rows:
            former = row.supersedes
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


def _taken_again(rows: Sequence[Record], known: RecordPass) -> dict[int, str]:
    """Which records cannot say again what they said: others say that by now."""
    given = {
        row.pk: given_from(former)
        for row in rows
        if (former := row.supersedes)
        and (former.identity, day_of(former)) != (row.identity, day_of(row))
    }
    known.look_up_records(given.values())
    found = {}
    for key, item in given.items():
        if again := next((one for one in known.twins(item) if one.pk != key), None):
            found[key] = _("原来的内容已另有登记（{record}）").format(record=again)
    return found


__all__ = ["Held", "undo", "written_by"]
