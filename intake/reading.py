"""From an uploaded file to the rows of one layout: which of its tables, which of its columns.

The content decides, never the name. Everything is read in a stream.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, dropwhile
from operator import itemgetter
from typing import IO

from audit.refusal import Refused

from .headings import (
    Headings,
    fits,
    half_fits,
    heading_keys,
    known_headings,
    read_headings,
    without,
)
from .layouts import Layout
from .papers import holds_numbers
from .parsing import Row, Table, Tables, open_tables
from .slices import slices


@dataclass
class Source:
    """A file whose headings are known: its rows below them, each with its number and a flag."""

    headings: Headings
    rows: Iterator[Row]
    notes: list[dict[str, object]] = field(default_factory=list)
    layout: Layout | None = None


@contextmanager
def open_source(
    stream: IO[bytes], candidates: Sequence[Layout], *, on: dt.date
) -> Iterator[Source]:
    """A file opened against the one layout that fits, of the candidates, on a day.

    What holds the identity papers of persons, by heading or by content, is not among the columns.
    Raises Refused with the remedy: not a table, undecodable, no or several sheets that fit,
    headings missing or doubled.
    """
    with open_tables(stream) as tables:
        yield _without_papers(_chosen(tables, candidates), on=on)


def _without_papers(source: Source, *, on: dt.date) -> Source:
    """The file without the columns whose first lines are mostly identity numbers.

    A column the layout cannot do without stays; its cells are looked at one by one when stored.
    """
    first = next(slices(source.rows, cells=itemgetter(1)), [])
    source.rows = chain(first, source.rows)
    headings = source.headings
    needed = {
        headings.found[column.name]
        for column in (source.layout.columns if source.layout else ())
        if column.required and column.name in headings.found
    }
    personal = {
        number
        for number, place in enumerate(headings.kept)
        if number not in needed
        and holds_numbers([cells[place] for _, cells, _ in first if place < len(cells)], on=on)
    }
    source.headings = without(headings, personal)
    return source


def _chosen(tables: Tables, candidates: Sequence[Layout]) -> Source:
    """The rows of the one table that is meant."""
    if tables.encoding:
        tables.settle_delimiter(
            lambda rows: max(known_headings(rows, layout) for layout in candidates)
        )
    filled = {name: table.heads for name, table in tables.tables.items() if table.heads}
    if not filled:
        raise Refused("intake.empty_file")
    fitting = [name for name, rows in filled.items() if any(fits(rows, one) for one in candidates)]
    if len(fitting) > 1:
        raise Refused("intake.several_sheets", sheets="、".join(fitting))
    name = fitting[0] if fitting else next(iter(filled))
    layout = choose(filled[name], candidates)
    headings = read_headings(filled[name], layout)
    rows = dropwhile(lambda row: row[0] <= headings.line, tables.rows(name))
    others = [one for one in filled if one != name]
    notes = [*_table_notes(tables.tables[name], headings), *_file_notes(tables, others)]
    return Source(headings, rows, notes, layout)


def _file_notes(tables: Tables, others: Sequence[str]) -> Iterator[dict[str, object]]:
    if others:
        yield {"code": "intake.note_other_sheets", "sheets": "、".join(others)}
    if tables.hidden:
        yield {"code": "intake.note_hidden_sheets", "count": tables.hidden}
    if tables.encoding not in ("", "utf-8-sig"):
        yield {"code": "intake.note_encoding", "encoding": tables.encoding.upper()}


def _table_notes(table: Table, headings: Headings) -> Iterator[dict[str, object]]:
    if table.formulas:
        yield {"code": "intake.note_formulas", "count": table.formulas}
    hidden = [
        title
        for place, title in zip(headings.kept, headings.titles, strict=True)
        if place + 1 in table.hidden_columns
    ]
    if hidden:
        yield {"code": "intake.note_hidden_columns", "columns": "、".join(hidden)}


def choose(rows: Sequence[tuple[int, Sequence[str]]], candidates: Sequence[Layout]) -> Layout:
    """The candidate that fits the first rows best; a single candidate is taken as it is.

    When none fits, the one that recognises most of the headings, so that it names the fault.
    """
    if len(candidates) == 1:
        return candidates[0]
    best = max(candidates, key=lambda layout: fits(rows, layout))
    if fits(rows, best):
        return best
    nearest = max(candidates, key=lambda layout: half_fits(rows, layout))
    most = half_fits(rows, nearest)
    if [half_fits(rows, layout) for layout in candidates].count(most) == 1:
        return nearest
    for layout in candidates:  # a natural-person file says so rather than "unknown"
        layout.refuse_headings(heading_keys(rows, layout))
    kinds = "、".join(str(layout.title) for layout in candidates)
    raise Refused("intake.no_layout_fits", kinds=kinds)


__all__ = ["Source", "choose", "open_source"]
