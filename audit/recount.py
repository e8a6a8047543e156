"""Do the rows of the kept tables still add up to what the events say was added and retracted?

Source: R64; design idea 7.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any

from django.db.models import Model, Q, QuerySet

from audit.enums import Outcome
from audit.errors import Wrong
from audit.found import Found
from audit.kept import columns, instants, kept_of, tables, text_of
from audit.messages import DONE_TO_ROWS
from audit.models import ChainHead, Event
from audit.naming import row_name, table_name
from audit.plain import instant
from audit.refusal import explain
from audit.rules.rowsum import RowSum

PAGE = 5_000
INSTANTS_AT_ONCE = 500


def recount() -> Found:
    """Read every kept table once, in key order, and compare the rows of each instant with the
    event of that instant: a row that was added, changed, deleted, retracted or brought back
    behind the portal's back is found, whether or not it counts in any run.

    Memory holds a page of rows and the acts that are not yet complete at that place of the table.
    Rows of acts from before events carried sums are passed over. Acts may go on meanwhile; what
    they do is left to the next time.
    """
    last = ChainHead.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    checked = 0
    try:
        for model in tables():
            for what, column in instants(model).items():
                walk = _Walk(model, what, column, last)
                for size in walk.run():
                    checked += size
            _require_none_half_retracted(model)
    except Wrong as wrong:
        return Found(False, checked, explain(wrong))
    return Found(True, checked)


def _require_none_half_retracted(model: type[Model]) -> None:
    """Only a row that was retracted says by whom and why."""
    kept = kept_of(model)
    if kept is None or not kept.retraction:
        return
    said = reduce(or_, (~Q(**{name: ""}) for name in kept.retraction))
    live = model._default_manager.filter(said, **{f"{kept.retracted_at}__isnull": True})
    if (row := live.order_by("pk").first()) is not None:
        raise Wrong("audit.row_half_retracted", row=row_name(model, row.pk))


@dataclass
class _Instant:
    """What the events of one instant say, and what was found of it so far."""

    events: list[int] = field(default_factory=list)
    said: RowSum = field(default_factory=RowSum)
    found: RowSum = field(default_factory=RowSum)
    passed_over: bool = False


class _Walk:
    """One table, the rows as they were added or as they were retracted."""

    def __init__(self, model: type[Model], what: str, instant_column: str, last: int) -> None:
        self.model, self.what, self.instant_column, self.last = model, what, instant_column, last
        self.label = model._meta.label_lower
        self.open: dict[dt.datetime, _Instant] = {}
        self.whole = RowSum()

    def run(self) -> Iterator[int]:
        for rows in self._pages():
            rows.sort(key=itemgetter(0))  # stable: key order within an instant
            by_instant = [(at, list(some)) for at, some in groupby(rows, key=itemgetter(0))]
            self._open(by_instant)
            for at, some in by_instant:
                self._count(at, some)
            yield len(rows)
        for one in self.open.values():
            raise self._wrong(one)
        self._require_none_missing()

    def _pages(self) -> Iterator[list[tuple[Any, ...]]]:
        """Instant, key and values of the rows, a page at a time."""
        name, after = self.instant_column, 0
        rows = self.model._default_manager.filter(**{f"{name}__isnull": False}).order_by("pk")
        values = rows.values_list(name, "pk", *columns(self.model, self.what))
        while page := list(values.filter(pk__gt=after)[:PAGE]):
            after = page[-1][1]
            yield page

    def _open(self, by_instant: list[tuple[dt.datetime, list[tuple[Any, ...]]]]) -> None:
        """Look up the events of the instants that are new on this page."""
        new = {at: rows[0][1] for at, rows in by_instant if at not in self.open}
        wanted = sorted(new)
        for start in range(0, len(wanted), INSTANTS_AT_ONCE):
            some = wanted[start : start + INSTANTS_AT_ONCE]
            for number, at, said in _events().filter(at__in=some):
                one = self.open.setdefault(at, _Instant())
                one.events.append(number)
                if said is None or number > self.last:
                    one.passed_over = True
                else:
                    one.said += self._sum(said)
        for at in wanted:
            if at not in self.open:
                raise Wrong("audit.row_of_no_act", row=self._row(new[at]), at=instant(at))

    def _count(self, at: dt.datetime, rows: list[tuple[Any, ...]]) -> None:
        one = self.open[at]
        if one.passed_over:
            self.whole += self.open.pop(at).said
            return
        one.found += RowSum.of(text_of(row[2:]) for row in rows)
        if one.found.count >= one.said.count:
            if one.found != one.said:
                raise self._wrong(
                    one, self._row(rows[0][1]) if one.found.count == one.said.count == 1 else ""
                )
            self.whole += one.found
            del self.open[at]

    def _row(self, key: object) -> str:
        return self._as_done(row_name(self.model, key))

    def _table(self) -> str:
        return self._as_done(table_name(self.model))

    def _as_done(self, name: str) -> str:
        return f"{name}（{DONE_TO_ROWS[self.what]}）"

    def _wrong(self, one: _Instant, row: str = "") -> Wrong:
        events = "、".join(map(str, sorted(one.events)))
        return Wrong("audit.rows_differ", rows=row or self._table(), events=events)

    # --- acts of which nothing is left ---

    def _require_none_missing(self) -> None:
        """As many rows as the events say; otherwise look which act's rows are gone."""
        said = RowSum()
        for _number, _at, rows in self._told().iterator(chunk_size=INSTANTS_AT_ONCE):
            said += self._sum(rows)
        if said != self.whole:
            raise self._first_missing()

    def _first_missing(self) -> Wrong:
        name, after = self.instant_column, 0
        while page := list(self._told().filter(number__gt=after)[:INSTANTS_AT_ONCE]):
            after = page[-1][0]
            telling = [(number, at) for number, at, rows in page if self._sum(rows).count]
            there = self.model._default_manager.filter(
                **{f"{name}__in": [at for _n, at in telling]}
            )
            found = set(there.order_by().values_list(name, flat=True).distinct())
            for number, at in telling:
                if at not in found:
                    return Wrong("audit.rows_missing", rows=self._table(), event=number)
        return Wrong("audit.rows_twice", rows=self._table())

    def _told(self) -> QuerySet:
        return _events().filter(number__lte=self.last, details__has_key="rows").order_by("number")

    def _sum(self, rows: dict[str, Any]) -> RowSum:
        stored = rows.get(self.label, {}).get(self.what)
        return RowSum.read(stored) if stored else RowSum()


def _events() -> QuerySet:
    """Number, instant and row sums of the acts that were done; None: from before there were sums."""
    done = Event.objects.filter(outcome=Outcome.DONE)
    return done.values_list("number", "at", "details__rows")


__all__ = ["recount"]
