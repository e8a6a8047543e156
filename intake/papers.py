"""Identity papers of persons: which headings name them, which cells hold their number.

They are never stored. Source: domain facts 7; issue 1 (personal-ID columns are dropped).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from .cells import (
    NUMBER,
    WITHHELD,
    bare_code,
    heading_key,
    is_unified_code,
    means_empty,
    tidy,
)

LENGTH = 18
YOUNGEST = 16
"""Years of age below which nobody signs for an enterprise. Default, no source.

Numbers of decisions made of division, date and serial look like papers of children.
"""

_CERTAIN = re.compile(r"身份证|身份号|身份代码|公民身份|居民身份")
_LIKELY = re.compile(
    r"(?<!照)证件|护照|通行证|(?:军官|士兵|警官|台胞|回乡|居留|居住)证"
    r"|(?:法人|法定代表人|负责人|经营者|自然人|个人).*(?<!登记)证(?:号|编号|代码|$|\()"
    r"|(?<![a-z])id(?:号|[-_.]?(?:card|n(?:o|um)))|identity|passport|sfz|zj(?:hm?|lx)(?![a-z])"
)
_OF_ENTERPRISE = re.compile(r"证照|营业执照|许可")
_REPRESENTATIVE = re.compile(r"法人|法定代表人|负责人")


def is_personal(heading: str) -> bool:
    """Whether a column holds the identity papers of a person.

    Licences are the enterprise's own, unless the heading says 身份证 all the same.
    """
    key = heading_key(heading)
    if _CERTAIN.search(key):
        return True
    return bool(_LIKELY.search(key)) and not _OF_ENTERPRISE.search(key)


def is_about_persons(headings: Iterable[str]) -> bool:
    """Whether the headings of a file show papers, and no legal representative to hold them.

    The sets of enterprises have the papers of representatives too, so these are no sign.
    """
    keys = [heading_key(heading) for heading in headings]
    represented = any(_REPRESENTATIVE.search(key) for key in keys)
    return not represented and any(map(is_personal, keys))


# --- cells -------------------------------------------------------------------------------------

_MAYBE = re.compile(r"[^\w\ufffd]*(?:\d[\s\-]*){17}[\dXxＸｘ][^\w\ufffd]*").fullmatch
_SHAPE = re.compile(r"[1-9][0-9]{5}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]").fullmatch
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def is_id_number(cell: str, *, on: dt.date) -> bool:
    """Whether a cell is an 18-digit identity number and nothing else.

    Division, a day of birth at least YOUNGEST years before `on`, check character; a unified code
    that happens to look like one is a unified code. A number cell has lost its last digits, so
    there the day of birth suffices. Source: GB 11643-1999.
    """
    if not _MAYBE(cell):
        return False
    code = bare_code(tidy(cell))
    found = _SHAPE(code)
    if not found or not _is_birthday(*map(int, found.groups()), on=on):
        return False
    return cell[:1] == NUMBER or (_has_check_character(code) and not is_unified_code(code))


def _is_birthday(year: int, month: int, day: int, *, on: dt.date) -> bool:
    if not 1900 <= year <= on.year - YOUNGEST:
        return False
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _has_check_character(code: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(code, _WEIGHTS, strict=False))
    return code[17] == _CHECK[total % 11]


def holds_numbers(cells: Sequence[str], *, on: dt.date) -> bool:
    """Whether most of the filled cells of a column are identity numbers, whatever its heading."""
    filled = [cell for cell in cells if not means_empty(cell.strip())]
    return 2 * sum(is_id_number(cell, on=on) for cell in filled) > len(filled)


class Withholder:
    """Puts WITHHELD in place of identity numbers, and counts them by their place in the row."""

    def __init__(self, *, on: dt.date) -> None:
        self._on = on
        self.counts: Counter[int] = Counter()

    def cleaned(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of a row as they may be stored; most rows come back as they are."""
        found = [
            place
            for place, cell in enumerate(cells)
            if len(cell) >= LENGTH and _MAYBE(cell) and is_id_number(cell, on=self._on)
        ]
        if not found:
            return cells
        self.counts.update(found)
        return [WITHHELD if place in found else cell for place, cell in enumerate(cells)]


__all__ = [
    "Withholder",
    "holds_numbers",
    "is_about_persons",
    "is_id_number",
    "is_personal",
]
