"""Reads one workbook in a process of its own and prints its cells as lines of JSON.

Started by `intake/workbooks.py` with the file as an open descriptor. It holds itself to the
memory and time given, knows nothing of the portal, and dies alone when a file is hostile.
First it prints for every visible sheet its first filled rows, then it is told on its standard
input which sheet to read, and prints that sheet row by row: [number, [text, …], flag].
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import resource
import sys
from typing import Any

NUMBER = "\x01"
UNREADABLE = "\ufffd"
MIDNIGHT = dt.time()
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def main() -> None:
    told = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (told["memory"], told["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (told["cpu_seconds"], told["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))  # what it complains of, no more
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # under the limits

    try:
        book = CalamineWorkbook.from_filelike(os.fdopen(told["descriptor"], "rb"))
        names = _visible(book)
        if len(names) > told["sheets"]:
            _say({"fault": "sheets", "count": len(names)})
            return
        sheets = _Sheets(book, told)
        for name in names:
            _say({"sheet": name, "rows": sheets.head(name)})
        _say({"heads": len(names), "hidden": len(book.sheet_names) - len(names)})
        chosen = sys.stdin.readline()
        if chosen:
            sheets.print(json.loads(chosen))
    except PasswordError:
        _say({"fault": "password"})
    except _TooBig as exc:
        _say({"fault": exc.args[0], "count": exc.args[1]})
    except (CalamineError, MemoryError, ValueError, OSError) as exc:
        _say({"fault": "memory" if isinstance(exc, MemoryError) else "broken"})


class _TooBig(Exception):
    pass


class _Sheets:
    """Sheets of one workbook; the first one looked at stays loaded, for it is mostly the one."""

    def __init__(self, book: Any, told: dict[str, int]) -> None:
        self.book = book
        self.told = told
        self.first: tuple[str, Any] | None = None

    def load(self, name: str) -> Any:
        if self.first and self.first[0] == name:
            return self.first[1]
        sheet = self.book.get_sheet_by_name(name)
        if sheet.total_height > self.told["lines"] + 100:
            raise _TooBig("lines", sheet.total_height)
        if sheet.total_width > self.told["columns"]:
            raise _TooBig("columns", sheet.total_width)
        if self.first is None:
            self.first = (name, sheet)
        return sheet

    def head(self, name: str) -> list:
        rows = []
        for number, row in enumerate(self.load(name).iter_rows(), 1):
            cells = [_as_text(cell) for cell in row]
            if any(cells):
                rows.append([number, cells])
            if len(rows) >= self.told["head"]:
                break
        return rows

    def print(self, name: str) -> None:
        longest = self.told["cell"]
        for number, row in enumerate(self.load(name).iter_rows(), 1):
            cells = [_as_text(cell) for cell in row]
            if not any(cells):
                continue
            flag = ""
            if sum(map(len, cells)) > longest and max(map(len, cells)) > longest:
                flag = "long"
                cells = [cell if len(cell) <= longest else cell[:200] for cell in cells]
            _say([number, cells, flag])
        _say({"end": True})


def _visible(book: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # under the limits

    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _as_text(cell: Any) -> str:
    """The text of a cell; numbers are marked, dates written as offices write them."""
    kind = type(cell)
    if kind is str:
        return cell if cell.isprintable() else _CONTROLS.sub(UNREADABLE, cell)
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


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    sys.stdout.write("\n")
    if isinstance(value, dict):
        sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main()
