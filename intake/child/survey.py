"""What the text of a sheet shows and its values do not: far cells, hidden rows and columns,
formulas, results that are missing or faults.

Read before the sheet is loaded, in a stream, row by row, without a parser: whatever it does not
recognise is left to the reader, which stands under the same limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise

from .said import Fault, Told

SHEET_ROWS = 1_048_576
"""Rows of a sheet in the file format."""
MOST_COLUMN_SPANS = 1_000
TAG = 16
"""Characters a tag may be cut by where two blocks meet."""
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet[\s>]")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true|on)["']""")
_SPAN = re.compile(rb"""\s(min|max)=["'](\d+)["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Za-z]+)(\d+)["']""")
_FAULT = re.compile(rb"""\st=["']e["']""")
_TEXT = re.compile(rb"""\st=["']str["']""")


@dataclass
class Survey:
    """`unread`: cells without a result that can be read, by row and column, with what is said
    of them instead; `hidden` rows and `hidden_columns` by their numbers."""

    formulas: int = 0
    hidden: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    unread: dict[int, dict[int, str]] = field(default_factory=dict)


def survey(blocks: Iterable[bytes], told: Told) -> Survey:
    """Look through a sheet. Raises Fault for a cell beyond what a table may have."""
    return _Look(told).through(blocks)


class _Look:
    def __init__(self, told: Told) -> None:
        self.found = Survey()
        self._columns = told["columns"]
        self._most = told["unpacked_row"]
        self._row = 0
        self._above = True

    def through(self, blocks: Iterable[bytes]) -> Survey:
        stream = iter(blocks)
        first = next(stream, b"")
        root = _ROOT.search(first)
        if root is None:
            raise Fault("broken")
        prefix = root[1] + b":" if root[1] else b""
        self._cell, self._any_formula = b"<" + prefix + b"c ", b"<" + prefix + b"f"
        prefix = re.escape(prefix)
        self._is_row = re.compile(rb"<" + prefix + rb"row(?=[\s/>])([^>]*)>")
        self._is_column = re.compile(rb"<" + prefix + rb"col(\s[^>]*)>")
        self._is_cell = re.compile(
            rb"<" + prefix + rb"c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</" + prefix + rb"c\s*>)", re.DOTALL
        )
        self._formula = re.compile(rb"<" + prefix + rb"f[\s/>]")
        self._value = re.compile(rb"<" + prefix + rb"v(?:\s[^>]*)?>[^<]")
        rows_end = re.compile(rb"</" + prefix + rb"sheetData|<" + prefix + rb"sheetData\s*/>")
        rest, is_over = b"", False
        for block in chain([first], stream):
            if is_over:
                continue  # to the end, where it shows whether the part is what it says
            data = rest + block
            if end := rows_end.search(data, max(len(rest) - len(prefix) - TAG, 0)):
                data, is_over = data[: end.start()], True
            rest = self._take(data, is_last=is_over)
            if len(rest) > self._most:
                raise Fault("row", line=self._row + 1)
        if not is_over:
            raise Fault("broken")
        return self.found

    def _take(self, data: bytes, *, is_last: bool = False) -> bytes:
        """Look at every whole row; what may still go on comes back."""
        rows = list(self._is_row.finditer(data))
        if not rows:
            return b"" if is_last else data
        if self._above:
            self._column_spans(data[: rows[0].start()])
            self._above = False
        for row, after in pairwise(rows):
            self._look_at(row[1], data[row.end() : after.start()])
        last = rows[-1]
        if is_last:
            self._look_at(last[1], data[last.end() :])
            return b""
        return data[last.start() :]

    def _look_at(self, attributes: bytes, body: bytes) -> None:
        number = _NUMBER.search(attributes)
        self._row = int(number[1]) if number else self._row + 1
        if b"hidden" in attributes and _HIDDEN.search(attributes):
            self.found.hidden.add(self._row)
        place = _PLACE.match(body, body.rfind(self._cell) + len(self._cell) - 1)
        is_far = self._row > SHEET_ROWS or (place and _column(place[1]) > self._columns)
        if is_far or self._any_formula in body or _FAULT.search(body):
            self._look_closer(body)

    def _look_closer(self, body: bytes) -> None:
        """Cell by cell."""
        unread = {}
        for column, attributes, inner in self._cells(body):
            if (self._row > SHEET_ROWS or column > self._columns) and inner:
                raise Fault("far", cell=_letters(column) + str(self._row))
            is_formula = bool(self._formula.search(inner))
            self.found.formulas += is_formula
            if _FAULT.search(attributes):
                unread[column] = re.sub(rb"<[^>]*>", b" ", inner).split()[-1:]
            elif is_formula and not self._value.search(inner) and not _TEXT.search(attributes):
                unread[column] = []
        if unread:
            self.found.unread[self._row] = {
                column: b"".join(words).decode("utf-8", "replace")
                for column, words in unread.items()
            }

    def _cells(self, body: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        column = 0
        for cell in self._is_cell.finditer(body):
            place = _PLACE.search(cell[1])
            column = _column(place[1]) if place else column + 1
            yield column, cell[1], cell[2] or b""

    def _column_spans(self, data: bytes) -> None:
        hidden: set[int] = set()
        for span in self._is_column.findall(data)[:MOST_COLUMN_SPANS]:
            ends = {name: int(number) for name, number in _SPAN.findall(span)}
            if _HIDDEN.search(span):
                last = min(ends.get(b"max", 0), self._columns)
                hidden.update(range(ends.get(b"min", 1), last + 1))
        self.found.hidden_columns = sorted(hidden)


def _column(letters: bytes) -> int:
    """
    >>> _column(b"XFD")
    16384
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters
