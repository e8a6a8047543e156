"""Which column of a file is which: headings by name, in any order, with a title row above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from audit.refusal import Refused

from . import limits
from .cells import heading_key
from .layouts import Column, Layout
from .papers import is_personal

REPORT_LINE = "行号"
REPORT_REASON = "未接受原因"
_REPORT_COLUMNS = frozenset({heading_key(REPORT_LINE), heading_key(REPORT_REASON)})


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


def read_headings(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> Headings:
    """The headings of a file, found among its first filled rows.

    Raises Refused naming what is missing or doubled, or the wrong kind of file.
    """
    if not rows:
        raise Refused("intake.empty_file")
    number, cells = _heading_row(rows, layout)
    layout.refuse_headings(heading_keys(rows, layout))
    found = _places(cells, layout)
    if other := _other_heading_row(rows, number, found, layout):
        first, second = sorted((number, other))
        raise Refused("intake.two_heading_rows", first=first, second=second)
    missing = [column.heading for column in layout.columns if _is_missing(column, found)]
    if missing:
        raise Refused("intake.headings_missing", missing="、".join(missing), line=number)
    if len(cells) > limits.COLUMNS:
        raise Refused("intake.too_many_columns", columns=len(cells), limit=limits.COLUMNS)
    return _arranged(number, cells, found)


def without(headings: Headings, places: set[int]) -> Headings:
    """The headings when some of the kept columns, by their place among these, are dropped too."""
    left = [place for place in range(len(headings.kept)) if place not in places]
    gone = [headings.titles[place] for place in sorted(places)]
    return replace(
        headings,
        kept=tuple(headings.kept[place] for place in left),
        titles=tuple(headings.titles[place] for place in left),
        found={name: left.index(place) for name, place in headings.found.items() if place in left},
        unused=tuple(title for title in headings.unused if title not in gone),
        dropped=(*headings.dropped, *gone),
    )


def fits(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> int:
    """How well a layout fits the first rows: recognised headings, 0 when one is missing."""
    if not rows:
        return 0
    try:
        found = _places(_heading_row(rows, layout)[1], layout)
    except Refused:
        return 0
    return 0 if any(_is_missing(column, found) for column in layout.columns) else len(found)


def half_fits(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> int:
    """Recognised headings when at least half of the needed ones are there, else 0."""
    keys = heading_keys(rows, layout)
    needed = [column for column in layout.columns if column.required]
    there = sum(1 for column in needed if _names(column) & keys)
    return _recognised(keys, layout) if 2 * there >= len(needed) else 0


def known_headings(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> int:
    """How many columns of the layout the row has that holds most of them."""
    return max((_recognised(cells, layout) for _number, cells in rows), default=0)


def heading_keys(rows: Sequence[tuple[int, Sequence[str]]], layout: Layout) -> frozenset[str]:
    """The headings of the row that a layout would take for them."""
    return frozenset(heading_key(cell) for cell in _heading_row(rows, layout)[1])


def _heading_row(
    rows: Sequence[tuple[int, Sequence[str]]], layout: Layout
) -> tuple[int, Sequence[str]]:
    return max(rows, key=lambda row: _recognised(row[1], layout))


def _other_heading_row(
    rows: Sequence[tuple[int, Sequence[str]]], number: int, found: dict[str, int], layout: Layout
) -> int:
    """The number of a row next to the headings that holds more of them, else 0."""
    numbers = [one for one, _cells in rows]
    place = numbers.index(number)
    for other, cells in rows[max(place - 1, 0) : place + 2]:
        keys = {heading_key(cell) for cell in cells} - {""}
        more = [one for one in layout.columns if one.name not in found and _names(one) & keys]
        all_known = len(keys) == _recognised(cells, layout)
        if other != number and (len(more) > 1 or (more and all_known)):
            return other
    return 0


def _names(column: Column) -> set[str]:
    return {heading_key(column.heading), *map(heading_key, column.aliases)}


def _recognised(cells: Iterable[str], layout: Layout) -> int:
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


__all__ = [
    "REPORT_LINE",
    "REPORT_REASON",
    "Headings",
    "fits",
    "half_fits",
    "heading_keys",
    "known_headings",
    "read_headings",
    "without",
]
