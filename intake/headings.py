"""Which column of a file is which: headings by name, in any order, with a title row above."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.refusal import Refused

from . import limits
from .cells import heading_key
from .layouts import Column, Layout

REPORT_LINE = "行号"
REPORT_REASON = "未接受原因"
_REPORT_COLUMNS = frozenset({heading_key(REPORT_LINE), heading_key(REPORT_REASON)})
_PERSONAL = re.compile(r"身份证|(?<!照)证件(?:类型|类别|种类|名称|号码?)|护照|居民身份")
_NOT_PERSONAL = re.compile(r"证照|营业执照|许可")
_LATIN_PERSONAL = frozenset({"idcard", "idno", "id_card", "sfzh", "zjhm", "zjlx"})


@dataclass(frozen=True)
class Headings:
    """Where everything stands in a file.

    `line` is the number of the heading line; `kept` the positions that are stored, with
    `titles` as written; `found` the place of each known column among the kept ones.
    """

    line: int
    kept: tuple[int, ...]
    titles: tuple[str, ...]
    found: dict[str, int]
    unused: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    width: int = 0
    untitled: tuple[int, ...] = field(default=())


def is_personal(heading: str) -> bool:
    """Whether a column holds the identity papers of a person: it is dropped before storing.

    Source: domain facts 7; issue 1 (personal-ID columns are dropped before anything is stored).
    """
    key = heading_key(heading)
    if key in _LATIN_PERSONAL:
        return True
    return bool(_PERSONAL.search(key)) and not _NOT_PERSONAL.search(key)


def read_headings(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> Headings:
    """The headings of a file, found among its first filled rows.

    Raises Refused naming what is missing or doubled, or the wrong kind of file.
    """
    best = max(rows, key=lambda row: _recognised(row[1], layout), default=None)
    if best is None:
        raise Refused("intake.empty_file")
    number, cells = best
    keys = frozenset(heading_key(cell) for cell in cells)
    layout.refuse_headings(keys)
    found = _places(cells, layout)
    missing = [column.heading for column in layout.columns if _is_missing(column, found)]
    if missing:
        raise Refused("intake.headings_missing", missing="、".join(missing), line=number)
    if len(cells) > limits.COLUMNS:
        raise Refused("intake.too_many_columns", columns=len(cells), limit=limits.COLUMNS)
    return _arranged(number, cells, found)


def fits(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> int:
    """How well a layout fits the first rows: recognised headings, 0 when one is missing."""
    best = max(rows, key=lambda row: _recognised(row[1], layout), default=None)
    if best is None:
        return 0
    try:
        found = _places(best[1], layout)
    except Refused:
        return 0
    return 0 if any(_is_missing(column, found) for column in layout.columns) else len(found)


def _names(column: Column) -> set[str]:
    return {heading_key(column.heading), *map(heading_key, column.aliases)}


def _recognised(cells: Sequence[str], layout: Layout) -> int:
    keys = {heading_key(cell) for cell in cells}
    return sum(1 for column in layout.columns if _names(column) & keys)


def _places(cells: Sequence[str], layout: Layout) -> dict[str, int]:
    """The place of each column in the row. Raises Refused for a column that stands twice."""
    known = {name: column for column in layout.columns for name in _names(column)}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = known.get(heading_key(cell))
        if column is None:
            continue
        if column.name in found:
            first = cells[found[column.name]].strip()
            raise Refused("intake.heading_doubled", first=first, second=cell.strip())
        found[column.name] = place
    return found


def _is_missing(column: Column, found: dict[str, int]) -> bool:
    return (
        column.required
        and column.name not in found
        and not any(other in found for other in column.alternatives)
    )


def _arranged(number: int, cells: Sequence[str], found: dict[str, int]) -> Headings:
    """Split the columns into those kept, those dropped and those without a heading."""
    known = set(found.values())
    dropped, untitled, kept = [], [], []
    for place, cell in enumerate(cells):
        key = heading_key(cell)
        if place not in known and is_personal(cell):
            dropped.append(place)
        elif not key:
            untitled.append(place)
        elif key not in _REPORT_COLUMNS:
            kept.append(place)
    titles = _distinct([" ".join(cells[place].split()) for place in kept])
    return Headings(
        line=number,
        kept=tuple(kept),
        titles=tuple(titles),
        found={name: kept.index(place) for name, place in found.items()},
        unused=tuple(
            title for place, title in zip(kept, titles, strict=True) if place not in known
        ),
        dropped=tuple(cells[place].strip() for place in dropped),
        width=len(cells),
        untitled=tuple(untitled),
    )


def _distinct(titles: list[str]) -> list[str]:
    """Unused columns may share a heading; in the copy each has its own."""
    seen: Counter[str] = Counter()
    answer = []
    for title in titles:
        seen[title] += 1
        answer.append(title if seen[title] == 1 else f"{title}（{seen[title]}）")
    return answer


__all__ = ["REPORT_LINE", "REPORT_REASON", "Headings", "fits", "is_personal", "read_headings"]
