"""Workbooks: which sheets there are, what each begins with, then one of them row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from .parts import Parts
from .said import CONTROLS, UNREADABLE, Fault, File, Row, Told, asked, say, say_rows
from .survey import Survey, survey

NUMBER = "\x01"
MIDNIGHT = dt.time()
LINES_ABOVE = 100
"""Lines beyond the limit that a sheet may have, for its titles and blank lines."""


def read(file: File, told: Told) -> None:
    """Say the first rows of every visible sheet, then all rows of the one that is asked for."""
    parts = Parts(file, told)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = _visible(book)
        if len(names) > told["sheets"]:
            raise Fault("sheets", count=len(names))
        sheets = _Sheets(book, parts, told)
        for name in names:
            say(sheets.head(name))
        say({"tables": len(names), "hidden": len(book.sheet_names) - len(names)})
        chosen = asked()
        if chosen is not None:
            say_rows(sheets.rows(chosen), told)
    except PasswordError:
        raise Fault("password") from None
    except (CalamineError, ValueError, OSError):
        raise Fault("broken") from None


def _visible(book: Any) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]


class _Sheets:
    """Sheets of one workbook; the first one looked at stays loaded, for it is mostly the one."""

    def __init__(self, book: Any, parts: Parts, told: Told) -> None:
        self._book = book
        self._parts = parts
        self._places = parts.sheets()
        self._told = told
        self._first: tuple[str, Any, Survey] | None = None

    def head(self, name: str) -> dict[str, Any]:
        sheet, seen = self._load(name)
        rows = []
        for number, cells in _filled(sheet, seen):
            rows.append((number, cells))
            if len(rows) == self._told["head"]:
                break
        return {
            "table": name,
            "rows": rows,
            "formulas": seen.formulas,
            "hidden_columns": seen.hidden_columns,
        }

    def rows(self, name: str) -> Iterator[Row]:
        """Every row; one that is hidden, or shares a cell with others, says so."""
        sheet, seen = self._load(name)
        merged = sorted(
            (first[0] + 1, last[0] + 1) for first, last in sheet.merged_cell_ranges or ()
        )
        place, below = 0, 0
        for number, cells in _filled(sheet, seen):
            while place < len(merged) and merged[place][0] <= number:
                below = max(below, merged[place][1])
                place += 1
            flag = "hidden" if number in seen.hidden else "merged" if number <= below else ""
            yield number, cells, flag

    def _load(self, name: str) -> tuple[Any, Survey]:
        if self._first and self._first[0] == name:
            return self._first[1:]
        seen = survey(self._parts.blocks(self._places.get(name, "")), self._told)
        sheet = self._book.get_sheet_by_name(name)
        if sheet.total_height > self._told["lines"] + LINES_ABOVE:
            raise Fault("lines", count=sheet.total_height)
        if self._first is None:
            self._first = (name, sheet, seen)
        return sheet, seen


def _filled(sheet: Any, seen: Survey) -> Iterator[tuple[int, list[str]]]:
    """The rows with anything in them, and those whose every result is missing."""
    number = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_as_text(cell) for cell in row]
        if number in seen.unread:
            _mark(cells, seen.unread[number])
        if any(cells):
            yield number, cells
    for later in sorted(set(seen.unread) - set(range(number + 1))):
        yield later, _mark([], seen.unread[later])


def _mark(cells: list[str], unread: dict[int, str]) -> list[str]:
    """Make cells without a result that can be read such as are refused."""
    cells += [""] * (max(unread) - len(cells))
    for column, what in unread.items():
        cells[column - 1] = f"{UNREADABLE}{what}"
    return cells


def _as_text(cell: Any) -> str:
    """The text of a cell; numbers are marked, dates written as offices write them."""
    kind = type(cell)
    if kind is str:
        return cell if cell.isprintable() else CONTROLS.sub(UNREADABLE, cell)
    if kind is float:
        return NUMBER + (str(int(cell)) if cell.is_integer() else repr(cell))
    if kind is int:
        return f"{NUMBER}{cell}"
    if kind is bool:
        return "TRUE" if cell else "FALSE"
    if kind is dt.datetime:
        return cell.isoformat(" ")
    if cell == MIDNIGHT:
        return ""  # a date cell that holds 0, which a spreadsheet shows as 1900-1-0
    return str(cell)
