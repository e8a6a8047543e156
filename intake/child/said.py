"""What both forms of files have in common: the messages, the faults, the rows."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

File = IO[bytes]
Told = dict[str, int]
"""The limits by the names `intake/parsing.py` gives them."""
Row = tuple[int, list[str], str]
Head = tuple[int, Sequence[str]]

UNREADABLE = "\ufffd"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SLICE_ROWS = 500
_OTHER_FORMS = {
    b"\xd0\xcf\x11\xe0": ".xls", b"%PDF": "PDF", b"{\\rtf": "RTF", b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPG", b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"<htm": "HTML",
    b"<!DO": "HTML", b"<?xm": "XML",
}  # fmt: skip


class Fault(Exception):
    """Why a file is refused as a whole: a word of the protocol, and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def form_of_others(start: bytes) -> str:
    """The name of a form that is known and not read; "" for all others."""
    return next((form for mark, form in _OTHER_FORMS.items() if start.startswith(mark)), "")


def say(message: Any) -> None:
    """One message, at once."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def asked() -> str | None:
    """The table that is wanted; None when nobody wants one."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def say_rows(rows: Iterable[tuple[int, list[str], str]], told: Told) -> None:
    """The filled rows in slices, each row and all of them held to their limits; then the end."""
    longest, most_in_row, most = told["cell"], told["row"], told["content"]
    part: list[Row] = []
    held = total = 0
    for number, cells, flag in rows:
        joined = "".join(cells)
        if not joined or joined.isspace():
            continue
        length = len(joined)
        held += length
        total += length
        if length > most_in_row:
            raise Fault("row", line=number)
        if total > most:
            raise Fault("content")
        if length > longest and max(map(len, cells)) > longest:
            flag = flag or "long"
            cells = [cell if len(cell) <= longest else cell[:200] for cell in cells]
        part.append((number, cells, flag))
        if len(part) == SLICE_ROWS or held > most_in_row:
            say(part)
            part, held = [], 0
    say(part)
    say({"end": True})
