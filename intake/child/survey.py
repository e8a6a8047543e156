"""What the text of a sheet shows and its values do not: far cells, hidden rows and columns,
formulas, results that are missing or faults.

Read before the sheet is loaded, in a stream, row by row, without a parser: whatever it does not
recognise is left to the reader, which stands under the same limits. Only in where a row or a cell
stands may the two never differ, or a hidden row is read as another one. So a place that contradicts
its row or does not come after the one before is broken, and so is a row or cell that only one of
the two would take for one.
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
MOST_WAYS = 1_000
"""Ways of writing a row that are remembered."""
_ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet[\s>]")
_LOCAL = rb"(?:row|c|f|v|col|sheetData)[\s/>]"
_PREFIXED = re.compile(b":" + _LOCAL)
_ATTRIBUTE = re.compile(rb"""\s+([\w:.-]+)\s*=\s*(?:"([^"&]*)"|'([^'&]*)')""")
_ATTRIBUTES = re.compile(rb"(?:" + _ATTRIBUTE.pattern + rb")*\s*/?")
_NUMBER = re.compile(rb"[1-9]\d{0,8}")
_PLACE = re.compile(rb"([A-Za-z]{1,3})([1-9]\d{0,8})")
_FAULT = re.compile(rb"""\st\s*=\s*["']e["']""")
_YES = (b"1", b"true", b"on")


@dataclass
class Survey:
    """`unread`: cells without a result that can be read, by row and column, with what is said
    of them instead; `hidden` rows and `hidden_columns` by their numbers."""

    formulas: int = 0
    hidden: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    unread: dict[int, dict[int, str]] = field(default_factory=dict)


def survey(blocks: Iterable[bytes], told: Told) -> Survey:
    """Look through a sheet. Raises Fault for a cell beyond what a table may have, or whose place
    is broken."""
    return _Look(told).through(blocks)


class _Signs:
    """What is looked for in a sheet whose elements have this prefix."""

    def __init__(self, prefix: bytes) -> None:
        own = re.escape(prefix)
        self.any_formula = b"<" + prefix + b"f"
        self.row_start = re.compile(b"<" + own + rb"row(?=[\s/>])([^>]*)>")
        self.row_end = re.compile(b"</" + own + rb"row\s*>\s*")
        self.rows_end = re.compile(b"</" + own + b"sheetData|<" + own + rb"sheetData\s*/>")
        self.longest = len(prefix) + 16  # characters of it, where two blocks meet
        self.cell = re.compile(
            b"<" + own + rb"c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</" + own + rb"c\s*>)", re.DOTALL
        )
        self.cell_tag = re.compile(
            b"<" + own + rb"""c(?=[\s/>])(?: r="([A-Z]{1,3})([1-9]\d{0,8})"|([^>]*))"""
        )
        self.formula = re.compile(b"<" + own + rb"f[\s/>]")
        self.value = re.compile(b"<" + own + rb"v(?:\s[^>]*)?>[^<]")
        self.spans = re.compile(b"<" + own + rb"col(\s[^>]*)>")
        self.other = re.compile(b"<(?!" + own + _LOCAL + rb")(?:[^\s<>/:]+:)?" + _LOCAL)


class _Look:
    def __init__(self, told: Told) -> None:
        self.found = Survey()
        self._columns = told["columns"]
        self._most = told["unpacked_row"]
        self._row = 0
        self._above = True
        self._lasts: dict[tuple[tuple[bytes, ...], tuple[bytes, ...]], int] = {}

    def through(self, blocks: Iterable[bytes]) -> Survey:
        stream = iter(blocks)
        first = next(stream, b"")
        root = _ROOT.search(first)
        if root is None:
            raise Fault("broken")
        self._signs = signs = _Signs(root[1] + b":" if root[1] else b"")
        rest, is_over = b"", False
        for block in chain([first[root.start() :]], stream):
            if is_over:
                continue  # to the end, where it shows whether the part is what it says
            data = rest + block
            if end := signs.rows_end.search(data, max(len(rest) - signs.longest, 0)):
                data, is_over = data[: end.start()], True
            self._refuse_disguised(data)
            rest = self._take(data, is_last=is_over)
            if len(rest) > self._most:
                raise Fault("row", line=self._row + 1)
        if not is_over:
            raise Fault("broken")
        return self.found

    def _refuse_disguised(self, data: bytes) -> None:
        """Rows that stand in an instruction are none; to the reader those of any prefix are some."""
        if b"<?" in data or (_PREFIXED.search(data) and self._signs.other.search(data)):
            raise Fault("broken")

    def _take(self, data: bytes, *, is_last: bool = False) -> bytes:
        """Look at every whole row; what may still go on comes back."""
        rows = list(self._signs.row_start.finditer(data))
        if not rows and not is_last:
            return data
        if self._above:
            above = data[: rows[0].start()] if rows else data
            if self._signs.cell_tag.search(above):
                raise Fault("broken")  # a cell that stands in no row
            self._column_spans(above)
            self._above = False
        if not rows:
            return b""
        for row, after in pairwise(rows):
            self._look_at(row[1], data[row.end() : after.start()])
        last = rows[-1]
        if is_last:
            self._look_at(last[1], data[last.end() :])
            return b""
        return data[last.start() :]

    def _look_at(self, attributes: bytes, body: bytes) -> None:
        row = _attributes(attributes)
        if not self._ends(body, is_empty=attributes.endswith(b"/")):
            raise Fault("broken")  # cells between two rows
        number = row.get(b"r", b"%d" % (self._row + 1))
        if not _NUMBER.fullmatch(number) or int(number) <= self._row:
            raise Fault("broken")
        self._row = int(number)
        if row.get(b"hidden") in _YES:
            self.found.hidden.add(self._row)
        is_far = self._row > SHEET_ROWS or self._last_column(body, number) > self._columns
        if is_far or self._signs.any_formula in body or _FAULT.search(body):
            self._look_closer(body)

    def _ends(self, body: bytes, *, is_empty: bool) -> bool:
        """Whether the row is all there is before the next one."""
        if is_empty:
            return not body or body.isspace()
        return self._signs.row_end.fullmatch(body, max(body.rfind(b"</"), 0)) is not None

    def _last_column(self, body: bytes, row: bytes) -> int:
        """The last column of the row, 0 without cells. A row written like one before is not looked
        at cell by cell again."""
        found = self._signs.cell_tag.findall(body)
        if not found:
            return 0
        letters, numbers, others = zip(*found, strict=True)
        is_own = numbers.count(row) + numbers.count(b"") == len(numbers)
        if is_own and (letters, others) in self._lasts:
            return self._lasts[letters, others]
        cells = list(self._cells(body))
        last = cells[-1][0] if cells else 0
        if not any(b"r" in attributes for _column, attributes, _inner in cells) or not any(others):
            if len(self._lasts) == MOST_WAYS:
                self._lasts.clear()
            self._lasts[letters, others] = last
        return last

    def _look_closer(self, body: bytes) -> None:
        """Cell by cell."""
        unread = {}
        for column, attributes, inner in self._cells(body):
            if (self._row > SHEET_ROWS or column > self._columns) and inner:
                raise Fault("far", cell=_letters(column) + str(self._row))
            is_formula = bool(self._signs.formula.search(inner))
            self.found.formulas += is_formula
            if attributes.get(b"t") == b"e":
                unread[column] = re.sub(rb"<[^>]*>", b" ", inner).split()[-1:]
            elif (
                is_formula
                and not self._signs.value.search(inner)
                and attributes.get(b"t") != b"str"
            ):
                unread[column] = []
        if unread:
            self.found.unread[self._row] = {
                column: b"".join(words).decode("utf-8", "replace")
                for column, words in unread.items()
            }

    def _cells(self, body: bytes) -> Iterator[tuple[int, dict[bytes, bytes], bytes]]:
        """Column, attributes and content of every cell of the row. Raises Fault for a place of
        another row, or one that does not come after the one before."""
        last = 0
        for cell in self._signs.cell.finditer(body):
            attributes = _attributes(cell[1])
            column = last + 1
            if b"r" in attributes:
                place = _PLACE.fullmatch(attributes[b"r"])
                if place is None or int(place[2]) != self._row or _column(place[1]) <= last:
                    raise Fault("broken")
                column = _column(place[1])
            yield column, attributes, cell[2] or b""
            last = column

    def _column_spans(self, data: bytes) -> None:
        hidden: set[int] = set()
        for span in self._signs.spans.findall(data)[:MOST_COLUMN_SPANS]:
            said = _attributes(span)
            if said.get(b"hidden") in _YES:
                last = min(int(said.get(b"max", 0)), self._columns)
                hidden.update(range(int(said.get(b"min", 1)), last + 1))
        self.found.hidden_columns = sorted(hidden)


def _attributes(text: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag. Raises Fault for what two readers could take differently.

    >>> _attributes(b' r="2" hidden="1"/')
    {b'r': b'2', b'hidden': b'1'}
    """
    found = _ATTRIBUTE.findall(text)
    named = {name: one or other for name, one, other in found}
    if not _ATTRIBUTES.fullmatch(text) or len(named) < len(found):
        raise Fault("broken")
    return named


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
