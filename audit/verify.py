"""Is the chain whole, from its first event to its anchored end?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db.models import Subquery

from audit import anchor
from audit.chain import target_line
from audit.errors import Wrong
from audit.models import CONTENT_FIELDS, ChainHead, Event, EventTarget, event_content
from audit.refusal import explain
from audit.rules.chain import digest_of, link

PAGE = 500


@dataclass(frozen=True)
class Verdict:
    """`first_bad` is the number of the first event that is wrong or missing."""

    ok: bool
    checked: int
    first_bad: int | None
    problem: str = ""


@dataclass(frozen=True)
class _Head:
    number: int
    hash: str
    chain: str
    latest_at: dt.datetime | None
    highest: int


class _Bad(Wrong):
    """Wrong from the event `number` on."""

    def __init__(self, code: str, /, number: int, **values: object) -> None:
        super().__init__(code, number=number, **values)
        self.number = number


def verify(*, require_anchor: bool | None = None) -> Verdict:
    """Walk the chain once, in number order, with bounded memory, and name the first bad row.

    Checks the numbers without a gap, every hash, the lookup rows of every event, the
    head, and every anchor of this chain: one beyond the last event tells that the end
    was cut off. `require_anchor` (in production by default) also refuses a chain with
    events but no anchor. Acts may go on meanwhile; what they add is left to the next walk.
    """
    if require_anchor is None:
        require_anchor = getattr(settings, "PORTAL_MODE", "demo") == "production"
    walk = _Walk()
    try:
        walk.run(require_anchor=require_anchor)
    except _Bad as bad:
        return Verdict(False, walk.checked, bad.number, explain(bad))
    return Verdict(True, walk.checked, None)


class _Walk:
    def __init__(self) -> None:
        self.checked = 0
        self.latest_at: dt.datetime | None = None

    def run(self, *, require_anchor: bool) -> None:
        head = _head()
        anchors = _Anchors(head.chain)
        last_hash = head.chain
        for number, stored_hash in self._events(head, last_hash):
            anchors.pass_by(number, stored_hash)
            self.checked += 1
            last_hash = stored_hash
        if (self.checked, last_hash) != (head.number, head.hash):
            raise _Bad("audit.chain_ends_early", self.checked + 1)
        if head.highest > head.number:
            raise _Bad("audit.event_after_head", head.number + 1)
        anchors.finish(head.number)
        if head.latest_at != self.latest_at:
            raise _Bad("audit.head_changed", head.number)
        if require_anchor:
            self._require_anchored(head, anchors)

    def _require_anchored(self, head: _Head, anchors: _Anchors) -> None:
        if head.number and not anchors.seen:
            raise _Bad("audit.no_anchor", head.number)
        if others := anchor.files_of_others(head.chain):
            raise _Bad("audit.anchors_of_another", head.number + 1, file=others[0])

    def _events(self, head: _Head, previous: str) -> Iterator[tuple[int, str]]:
        expected = 1
        while page := _page(expected - 1, head.number):
            lookups = _Lookups(page[0][0], page[-1][0])
            for *content, previous_hash, stored_hash in page:
                number, at, row = content[0], content[1], event_content(*content)
                if number != expected:
                    raise _Bad("audit.event_missing", expected)
                if previous_hash != previous:
                    raise _Bad("audit.event_unbound", number)
                if link(previous, row) != stored_hash:
                    raise _Bad("audit.event_changed", number)
                if lookups.digest(number) != row["details"]["targets"]:
                    raise _Bad("audit.lookups_changed", number)
                self.latest_at = max(at, self.latest_at or at)
                yield number, stored_hash
                previous, expected = stored_hash, expected + 1


class _Anchors:
    """The anchors, read along beside the events."""

    def __init__(self, chain: str) -> None:
        self._lines = anchor.lines(chain)
        self._next = next(self._lines, None)
        self._chain = chain
        self.seen = 0

    def pass_by(self, number: int, event_hash: str) -> None:
        while self._next is not None and self._next.number <= number:
            self._require(self._next, number, event_hash)
            self._advance()

    def finish(self, last_number: int) -> None:
        """Anchors beyond the walk are those of acts that went on, or of a cut-off end."""
        while self._next is not None:
            event_hash = (
                Event.objects.filter(pk=self._next.number).values_list("hash", flat=True).first()
            )
            if event_hash is None and self._next.valid:
                raise _Bad(
                    "audit.tail_cut",
                    last_number + 1,
                    anchored=self._next.number,
                    file=self._next.file,
                    line=self._next.line,
                )
            self._require(self._next, self._next.number, event_hash or "")
            self._advance()

    def _require(self, line: anchor.Anchor, number: int, event_hash: str) -> None:
        where = {"file": line.file, "line": line.line}
        if not line.valid or line.chain != self._chain:
            raise _Bad("audit.anchor_not_ours", line.number or number, **where)
        if (line.number, line.hash) != (number, event_hash):
            raise _Bad("audit.anchor_differs", line.number, **where)
        self.seen += 1

    def _advance(self) -> None:
        self._next = next(self._lines, None)


class _Lookups:
    """Digests of the lookup rows of one page of events, read once in event order."""

    def __init__(self, first: int, last: int) -> None:
        rows = (
            EventTarget.objects.filter(event_id__gte=first, event_id__lte=last)
            .order_by("event_id", "position")
            .values_list("event_id", "position", "target_type", "target_id", "target_label")
        )
        self._groups = groupby(rows.iterator(chunk_size=PAGE), key=itemgetter(0))
        self._next = next(self._groups, None)

    def digest(self, number: int) -> dict[str, object]:
        """Of the rows of one event; of none when they are not numbered through."""
        if self._next is None or self._next[0] != number:
            return digest_of(())
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        if [row[1] for row in rows] != list(range(len(rows))):
            return {}
        return digest_of(target_line(*names) for _number, _position, *names in rows)


def _page(after: int, up_to: int) -> list[tuple[Any, ...]]:
    events = Event.objects.filter(number__gt=after, number__lte=up_to).order_by("number")
    return list(events.values_list(*CONTENT_FIELDS, "previous_hash", "hash")[:PAGE])


def _head() -> _Head:
    """Head and highest number in one statement, so that no act comes in between."""
    highest = Event.objects.order_by("-number").values("number")[:1]
    rows = ChainHead.objects.filter(pk=1).annotate(highest=Subquery(highest))
    row = rows.values_list("number", "hash", "chain", "latest_at", "highest").first()
    if row is not None:
        return _Head(*row[:4], highest=row[4] or 0)
    if (found := Event.objects.order_by("-number").first()) is not None:
        raise _Bad("audit.head_missing", found.number)
    return _Head(0, "", "", None, 0)
