"""Tables written out: XLSX and CSV in a stream, codes as text, formula starts without force.

Every list's export goes through here. A text that a spreadsheet would run as a formula is kept
as text: in a workbook by the type of its cell and the quote mark of its style, in a CSV by an
apostrophe in front.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MOST_ROWS = 1_048_575
"""Rows below the heading line that a sheet can hold."""
LONGEST_CELL = 32_767


def is_formula(value: str) -> bool:
    """Whether a spreadsheet might run the text."""
    return value.startswith(FORMULA_STARTS)


def defused(value: str) -> str:
    """The text as a CSV may hold it: formula starts behind an apostrophe."""
    return f"'{value}" if is_formula(value) else value


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV in pieces, UTF-8 with BOM so that spreadsheets read the Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([defused(text) for text in headings])
    for count, row in enumerate(rows, 1):
        writer.writerow([_for_csv(value) for value in row])
        if count % 1_000 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _for_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None).isoformat(" ", "seconds")
    return defused(str(value))


class SheetWriter:
    """One workbook written row by row in constant memory.

    Texts stay texts whatever they look like; numbers and dates keep their type.
    """

    def __init__(self, target: IO[bytes], *, title: str = "Sheet1") -> None:
        self.book = xlsxwriter.Workbook(
            target,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
                "tmpdir": tempfile.gettempdir(),
            },
        )
        self.text = self.book.add_format({"num_format": "@"})
        self.quoted = self.book.add_format({"num_format": "@", "quote_prefix": True})
        self.bold = self.book.add_format({"bold": True, "num_format": "@", "bg_color": "#E8EEF7"})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.sheet = self.book.add_worksheet(_sheet_title(title))
        self._row = 0

    def headings(self, titles: Sequence[str], *, widths: Sequence[int] = ()) -> None:
        """The heading line, frozen; the columns below it hold text."""
        for place, title in enumerate(titles):
            width = widths[place] if place < len(widths) else min(max(len(title) * 2 + 2, 12), 40)
            self.sheet.set_column(place, place, width, self.text)
        self.sheet.freeze_panes(1, 0)
        for place, title in enumerate(titles):
            self.sheet.write_string(self._row, place, title, self.bold)
        self._row += 1

    def row(self, values: Sequence[Any]) -> None:
        """One row of values."""
        for place, value in enumerate(values):
            self._cell(place, value)
        self._row += 1

    def _cell(self, place: int, value: Any) -> None:
        sheet, row = self.sheet, self._row
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_string(row, place, "是" if value else "否", self.text)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, place, value)  # type: ignore[arg-type]
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, place, value.replace(tzinfo=None), self.instant)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, place, value, self.day)  # type: ignore[arg-type]
        else:
            text = str(value)[:LONGEST_CELL]
            sheet.write_string(row, place, text, self.quoted if is_formula(text) else self.text)

    def number_as_written(self, place: int, text: str) -> None:
        """A number cell in a column of texts: editing it gives a text."""
        self.sheet.write_number(self._row, place, float(text), self.text)

    def next_row(self) -> None:
        self._row += 1

    def next_sheet(self, title: str) -> None:
        self.sheet = self.book.add_worksheet(_sheet_title(title))
        self._row = 0

    @property
    def rows_written(self) -> int:
        return self._row

    def close(self) -> None:
        self.book.close()


def _sheet_title(title: str) -> str:
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31] or "Sheet1"


def written(write: Callable[[SheetWriter], None], *, title: str = "Sheet1") -> IO[bytes]:
    """A workbook that `write` fills, in a temporary file ready to be read; the caller closes it."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  handed to the caller
    try:
        writer = SheetWriter(target, title=title)
        try:
            write(writer)
        finally:
            writer.close()
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def xlsx_file(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "Sheet1"
) -> IO[bytes]:
    """A list as a workbook in a temporary file; the caller closes it.

    Rows beyond what a sheet holds go on to further sheets, each with the heading line.
    """

    def write(writer: SheetWriter) -> None:
        writer.headings(headings)
        sheets = 1
        for row in rows:
            if writer.rows_written > MOST_ROWS:
                sheets += 1
                writer.next_sheet(f"{title[:26]} {sheets}")
                writer.headings(headings)
            writer.row(row)

    return written(write, title=title)


__all__ = ["SheetWriter", "csv_lines", "defused", "is_formula", "written", "xlsx_file"]
