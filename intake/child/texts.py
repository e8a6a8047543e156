"""Tables of delimited text: the encoding, the delimiter, the rows, nothing held in memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain

from .said import CONTROLS, UNREADABLE, Fault, File, Row, Told, asked, say, say_rows

START = 65_536
MOST_NULS = 8
"""More of them in the first characters, and it is no text."""


def read(file: File, told: Told) -> None:
    """Say the first rows of the one table, then all of it."""
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")  # type: ignore[arg-type]
    start = text.read(START)
    if start.count("\x00") > MOST_NULS:
        raise Fault("unknown")
    text.seek(0)
    rows = _rows(text, _delimiter(start, told["head"]), told["row"])
    first: list[Row] = []
    for row in rows:
        if any(cell.strip() for cell in row[1]):
            first.append(row)
        if len(first) == told["head"]:
            break
    say({"table": "", "rows": [(number, cells) for number, cells, _flag in first]})
    say({"tables": 1, "encoding": encoding})
    if asked() is not None:
        say_rows(chain(first, rows), told)


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


def _delimiter(start: str, head: int) -> str:
    """Comma, tab or semicolon: whichever the fullest of the first lines has most of."""
    lines = start.splitlines()[:head]
    return max(",\t;", key=lambda sign: max((line.count(sign) for line in lines), default=0))


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
