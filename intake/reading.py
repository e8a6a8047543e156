"""From the bytes of a file to rows of text: what it is, how it is encoded, which sheet.

The content decides, never the name. Everything is read in a stream.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO

from audit.refusal import Refused

from . import limits, workbooks
from .cells import UNREADABLE
from .headings import Headings, fits, half_fits, heading_keys, read_headings, without
from .layouts import Layout
from .papers import holds_numbers
from .workbooks import Row

csv.field_size_limit(limits.CELL_READ_CHARACTERS)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_FORMS = {b"%PDF": "PDF", b"{\\rtf": "RTF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPG", b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"<htm": "HTML", b"<!DO": "HTML", b"<?xm": "XML"}  # fmt: skip


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
    stream.seek(0)
    start = stream.read(8)
    if not start:
        raise Refused("intake.empty_file")
    if start == _OLD_WORKBOOK:
        raise Refused("intake.save_as_xlsx", form=".xls")
    if start[:4] == b"PK\x03\x04":
        with workbooks.open_workbook(stream) as book:
            yield _without_papers(_from_workbook(book, candidates), on=on)
        return
    for mark, form in _OTHER_FORMS.items():
        if start.startswith(mark):
            raise Refused("intake.save_as_xlsx", form=form)
    with _text_of(stream) as lines:
        source = _from_text(lines, candidates)
        if lines.encoding != "utf-8-sig":
            said: dict[str, object] = {
                "code": "intake.note_encoding",
                "encoding": lines.encoding.upper(),
            }
            source.notes.append(said)
        yield _without_papers(source, on=on)


def _without_papers(source: Source, *, on: dt.date) -> Source:
    """The file without the columns whose first lines are mostly identity numbers.

    A column the layout cannot do without stays; its cells are looked at one by one when stored.
    """
    first = list(islice(source.rows, limits.CHUNK_LINES))
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


# --- workbooks ---------------------------------------------------------------------------------


def _from_workbook(book: workbooks.Workbook, candidates: Sequence[Layout]) -> Source:
    filled = {name: rows for name, rows in book.heads.items() if rows}
    if not filled:
        raise Refused("intake.empty_file")
    fitting = [name for name, rows in filled.items() if any(fits(rows, one) for one in candidates)]
    if len(fitting) > 1:
        raise Refused("intake.several_sheets", sheets="、".join(fitting))
    sheet = fitting[0] if fitting else next(iter(filled))
    layout = choose(filled[sheet], candidates)
    headings = read_headings(filled[sheet], layout)
    rows = (row for row in book.rows(sheet) if row[0] > headings.line)
    notes: list[dict[str, object]] = []
    others = [name for name in filled if name != sheet]
    if others:
        notes.append({"code": "intake.note_other_sheets", "sheets": "、".join(others)})
    if book.hidden:
        notes.append({"code": "intake.note_hidden_sheets", "count": book.hidden})
    return Source(headings, rows, notes, layout)


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


# --- texts -------------------------------------------------------------------------------------


@contextmanager
def _text_of(stream: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """The file as text, its encoding found by strictly decoding all of it."""
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")  # type: ignore[arg-type]
    try:
        yield text
    finally:
        text.detach()


def _encoding(stream: IO[bytes]) -> str:
    stream.seek(0)
    start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried: tuple[str, ...] = ("utf-16",)
    else:
        tried = ("utf-8-sig", "gb18030")
    for encoding in tried:
        if _decodes(stream, encoding):
            return encoding
    raise Refused("intake.undecodable")


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    stream.seek(0)
    try:
        while block := stream.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _from_text(text: io.TextIOWrapper, candidates: Sequence[Layout]) -> Source:
    start = text.read(65_536)
    if start.count("\x00") > 8:
        raise Refused("intake.unknown_form")
    text.seek(0)
    rows = _numbered(csv.reader(_clean(text), delimiter=_delimiter(start), strict=True))
    first: list[Row] = []
    for row in rows:
        first.append(row)
        if len(first) >= limits.HEADING_WITHIN_LINES:
            break
    if not first:
        raise Refused("intake.empty_file")
    heads = [(number, cells) for number, cells, _ in first]
    layout = choose(heads, candidates)
    headings = read_headings(heads, layout)
    below = (row for row in chain(first, rows) if row[0] > headings.line)
    return Source(headings, below, [], layout)


def _delimiter(start: str) -> str:
    """Comma, tab or semicolon: whichever the fullest of the first lines has most of."""
    lines = start.splitlines()[: limits.HEADING_WITHIN_LINES]
    return max(",\t;", key=lambda sign: max((line.count(sign) for line in lines), default=0))


def _clean(lines: Iterable[str]) -> Iterator[str]:
    """Physical lines with control characters made visible, so that their cell is refused."""
    search = _CONTROLS.search
    for line in lines:
        if search(line):
            line = _CONTROLS.sub(UNREADABLE, line)
        yield line


def _numbered(reader: Iterator[list[str]]) -> Iterator[Row]:
    """Filled rows with the number a spreadsheet shows for them."""
    number = 0
    longest = limits.CELL_CHARACTERS
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            raise _csv_refusal(exc, number) from None
        joined = "".join(cells)
        if not joined or joined.isspace():
            continue
        flag = ""
        if len(joined) > longest and max(map(len, cells)) > longest:
            flag = "long"
            cells = [cell if len(cell) <= longest else cell[:200] for cell in cells]
        yield number, cells, flag


def _csv_refusal(exc: csv.Error, number: int) -> Refused:
    if "new-line" in str(exc):
        return Refused("intake.mixed_line_ends", line=number)
    return Refused("intake.open_quote", line=number)


__all__ = ["Source", "choose", "open_source"]
