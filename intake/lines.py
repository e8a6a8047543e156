"""From the rows of a copy to lines of values, column by column because that is fast."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audit.refusal import explain_code

from . import limits
from .cells import NUMBER, WITHHELD, BadCell, Memo, tidy
from .enums import Fate
from .layouts import Column, Layout, Line, Outcome, Problem
from .store import SURPLUS

_TAIL = re.compile(r"^(合计|总计|小计|共计|备注|注[:：]|说明|填表|制表|审核人|填报|报送单位)")

_FLAGS = {
    SURPLUS: "line.surplus",
    "long": "cell.too_long_to_read",
    "hidden": "line.hidden",
    "merged": "line.merged",
}
"""Why a row is refused whatever its cells say."""


@dataclass
class Parsed:
    """A slice of a file: the lines whose every cell could be read, and why the others not."""

    numbers: list[int]
    lines: list[Line]
    bad: dict[int, Outcome]


class LineReader:
    """Turns rows into lines for one layout and one arrangement of columns."""

    def __init__(self, layout: Layout, titles: Sequence[str], found: dict[str, int]) -> None:
        self._titles = titles
        self._columns = [
            (column, found[column.name] + 2, self._parser(column))
            for column in layout.columns
            if column.name in found
        ]
        self._rest = {
            column.name: column.empty for column in layout.columns if column.name not in found
        }
        self._names = [column.name for column, _, _ in self._columns]
        self._as_written = {
            column.heading: titles[found[column.name]]
            for column in layout.columns
            if column.name in found and titles[found[column.name]] != column.heading
        }

    @staticmethod
    def _parser(column: Column) -> Callable[[str], Any]:
        return Memo(column.parse).__getitem__ if column.few_values else column.parse

    def parse(self, rows: list[list[str]]) -> Parsed:
        """Values of a slice. A line with any bad cell is refused with all its problems."""
        columns = list(zip(*rows, strict=True))
        numbers = list(map(int, columns[0]))
        problems: dict[int, list[Problem]] = defaultdict(list)
        if any(columns[1]):
            self._flagged(columns[1], problems)
        values = [
            self._column(column, parse, columns[place], problems)
            for column, place, parse in self._columns
        ]
        names, rest = self._names, self._rest
        if rest:
            lines = [
                Line(number, {**rest, **dict(zip(names, row))})  # noqa: B905  same length by construction
                for number, row in zip(numbers, zip(*values))  # noqa: B905
            ]
        else:
            lines = [
                Line(number, dict(zip(names, row)))  # noqa: B905
                for number, row in zip(numbers, zip(*values))  # noqa: B905
            ]
        if not problems:
            return Parsed(numbers, lines, {})
        bad = {
            numbers[place]: self._refused(rows[place], found) for place, found in problems.items()
        }
        good = [line for place, line in enumerate(lines) if place not in problems]
        return Parsed(numbers, good, bad)

    def named(self, outcomes: list[Outcome]) -> list[Outcome]:
        """The layout's answers with its problems under the headings this file has."""
        written = self._as_written
        if not written:
            return outcomes
        return [
            replace(
                outcome,
                problems=tuple(
                    replace(one, column=written.get(one.column, one.column))
                    for one in outcome.problems
                ),
            )
            if outcome.problems
            else outcome
            for outcome in outcomes
        ]

    def _column(
        self,
        column: Column,
        parse: Callable[[str], Any],
        texts: Sequence[str],
        problems: dict[int, list[Problem]],
    ) -> list[Any]:
        try:
            values = list(map(parse, texts))
        except BadCell:
            values = self._one_by_one(column, parse, texts, problems)
        if column.filled and (None in values or "" in values):
            for place, value in enumerate(values):
                if value in (None, "") and not any(
                    one.column == self._title(column) for one in problems.get(place, ())
                ):
                    withheld = texts[place] == WITHHELD
                    written = "" if withheld else texts[place]  # 1900-1-1, 无: they mean empty
                    code = "cell.personal" if withheld else "cell.missing"
                    problems[place].append(self._problem(column, written, BadCell(code)))
        return values

    def _one_by_one(
        self,
        column: Column,
        parse: Callable[[str], Any],
        texts: Sequence[str],
        problems: dict[int, list[Problem]],
    ) -> list[Any]:
        values = []
        for place, text in enumerate(texts):
            try:
                values.append(parse(text))
            except BadCell as exc:
                problems[place].append(self._problem(column, text, exc))
                values.append(None)
        return values

    def _flagged(self, flags: Sequence[str], problems: dict[int, list[Problem]]) -> None:
        for place, flag in enumerate(flags):
            if flag:
                said = sentence(_FLAGS[flag], limit=limits.CELL_CHARACTERS)
                problems[place].append(Problem("", "", said))

    def _title(self, column: Column) -> str:
        place = next(place for one, place, _ in self._columns if one is column)
        return self._titles[place - 2]

    def _problem(self, column: Column, text: str, exc: BadCell) -> Problem:
        said = sentence(exc.code, **exc.values)
        return Problem(self._title(column), shown(text), said)

    def _refused(self, row: list[str], problems: list[Problem]) -> Outcome:
        """The problems of a line; a total or a remark below the table is called what it is."""
        first = next((cell.strip() for cell in row[2:] if cell.strip()), "")
        if _TAIL.match(first):
            problems = [Problem("", shown(first), sentence("line.tail"))]
        return Outcome(Fate.REFUSED.value, "", tuple(problems))


def sentence(code: str, **values: object) -> str:
    """The sentence for a reason of `cells` or of this module."""
    return explain_code(f"intake.{code}", values)


def shown(text: str) -> str:
    """A cell as it is repeated to the clerk: without the number mark, not too long."""
    try:
        text = tidy(text)
    except BadCell:
        text = text.strip()
    text = text.removeprefix(NUMBER)
    return text if len(text) <= 80 else text[:79] + "…"


__all__ = ["LineReader", "Parsed", "sentence", "shown"]
