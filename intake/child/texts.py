"""Tables of delimited text: the encoding, the delimiter, the rows, nothing held in memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any

from .said import CONTROLS, UNREADABLE, Fault, File, Row, Told, asked, say, say_rows

DELIMITERS = (",", "\t", ";")
START = 65_536
MOST_NULS = 8
"""More of them in the first characters, and it is no text."""


def read(file: File, told: Told) -> None:
    """Say the first rows under each delimiter, then all of them under the one that is meant.

    Which one that is, only the headings tell: commas and semicolons stand in cells too, and in
    titles and remarks. So whoever knows the headings chooses among the three.
    """
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")  # type: ignore[arg-type]
    if text.read(START).count("\x00") > MOST_NULS:
        raise Fault("unknown")
    for delimiter in DELIMITERS:
        text.seek(0)
        say(_head(text, delimiter, told))
    say({"tables": 1, "encoding": encoding})
    chosen = asked()
    if chosen is not None:
        text.seek(0)
        say_rows(_rows(text, chosen, told["row"]), told)


def _head(text: io.TextIOWrapper, delimiter: str, told: Told) -> dict[str, Any]:
    """The first filled rows under a delimiter, no more characters than two rows may have; `cut`
    is the fault that ends them, which under another delimiter may be none."""
    first: list[tuple[int, list[str]]] = []
    held = 0
    try:
        for number, cells, _flag in _rows(text, delimiter, told["row"]):
            held += sum(map(len, cells))
            if any(cell.strip() for cell in cells):
                first.append((number, cells))
            if len(first) == told["head"] or held > told["row"]:
                break
    except Fault as fault:
        return {"table": delimiter, "rows": first, "cut": {"fault": fault.code, **fault.values}}
    return {"table": delimiter, "rows": first}


def _encoding(file: File) -> str:
    """By strictly decoding all of it."""
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried: tuple[str, ...] = ("utf-16",)
    else:
        tried = ("utf-8-sig", "gb18030")
    for encoding in tried:
        if _decodes(file, encoding):
            return encoding
    raise Fault("undecodable")


def _decodes(file: File, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    try:
        while block := file.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _rows(text: io.TextIOWrapper, delimiter: str, most: int) -> Iterator[Row]:
    """Rows with the number a spreadsheet shows for them."""
    csv.field_size_limit(most)
    lines = _Lines(text, most)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        lines.taken = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Fault("quote", line=number) from None
        except _TooLong:
            raise Fault("row", line=number) from None
        yield number, cells, ""


class _TooLong(Exception):
    """A row has more characters than any table has."""


class _Lines:
    """Physical lines, never more of one row than the limit; control characters made visible, so
    that their cell is refused. `taken` counts the characters of the row being read."""

    def __init__(self, text: io.TextIOWrapper, most: int) -> None:
        self.taken = 0
        self._text = text
        self._most = most

    def __iter__(self) -> Iterator[str]:
        search, readline, most = CONTROLS.search, self._text.readline, self._most
        while line := readline(most + 1):
            self.taken += len(line)
            if self.taken > most:
                raise _TooLong
            if search(line):
                line = CONTROLS.sub(UNREADABLE, line)
            yield line
