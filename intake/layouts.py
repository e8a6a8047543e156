"""What an upper room says about a kind of file, and the registry of these layouts.

A layout names its columns and answers, for every line, what taking it in would do. The same
answer serves the preview and the merge; only the merge writes.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from audit.refusal import NotPermitted, Refused

from . import limits
from .enums import Fate


class Actor(Protocol):
    """Whoever acts, as far as this room knows."""

    @property
    def username(self) -> str: ...
    @property
    def audit_agency(self) -> str: ...
    @property
    def audit_region(self) -> str: ...


@dataclass(frozen=True)
class Uploader:
    """The person a batch belongs to, as kept with it; the upper room finds the account."""

    username: str
    audit_agency: str = ""
    audit_region: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a layout.

    `parse` turns the text of a cell into its value and raises `cells.BadCell`. `required`: the
    file must have the column; `filled`: no cell of it may be empty; `few_values`: answers are
    remembered by text, for speed. `alternatives`: the column may be missing when one of these is
    there. `in_template`: off for a second way to give what another column gives.
    """

    name: str
    heading: str
    parse: Callable[[str], Any]
    aliases: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    few_values: bool = False
    alternatives: tuple[str, ...] = ()
    hint: Any = ""
    in_template: bool = True

    @property
    def empty(self) -> Any:
        """The value of a cell with nothing in it."""
        return self.parse("")


class Line:
    """One line of a file: its number as a person counts, and its values by column name."""

    __slots__ = ("number", "values")

    def __init__(self, number: int, values: dict[str, Any]) -> None:
        self.number = number
        self.values = values

    def __repr__(self) -> str:
        return f"Line({self.number}, {self.values!r})"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell and what to do about it; `column` is the heading in the file."""

    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a line would change, in words a clerk reads."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What taking in one line does. Lines without anything to tell share one object.

    The label says what a changed or refused line is about, and of an unchanged one why it is.
    """

    fate: str
    label: str = ""
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()


ADDED = Outcome(Fate.ADDED.value)
UNCHANGED = Outcome(Fate.UNCHANGED.value)


def refused(column: str, value: object, message: object, *, label: str = "") -> Outcome:
    """A line refused for one reason."""
    shown = "" if value is None else str(value)
    return Outcome(Fate.REFUSED.value, label, (Problem(column, shown, str(message)),))


@dataclass
class Undone:
    """What taking a file back does.

    retracted: rows taken down; restored: rows that say again what they said before; kept: what
    stays, each with its label and the reason; grades: numbers of enterprises, by "C→B" for a grade
    in force that becomes another, by GONE and a grade for those that keep it on no roster, by
    UNGRADED for those that are on a roster again without one.
    """

    GONE: ClassVar[str] = "gone:"
    UNGRADED: ClassVar[str] = "ungraded"

    retracted: int = 0
    restored: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)
    grades: Counter[str] = field(default_factory=Counter)


class Overtaken(Exception):
    """What a check found is no longer there: another act was faster. Raised by `write`."""


class Layout(ABC):
    """One kind of file. Upper rooms write subclasses and register an instance in `ready()`."""

    key: ClassVar[str]
    title: ClassVar[Any]
    permission: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    edition: ClassVar[int] = 1
    """Raised whenever the same file would be taken in otherwise: a program that knows an older
    edition leaves the file alone."""
    max_lines: ClassVar[int] = limits.LINES
    sqlite_max_lines: ClassVar[int] = limits.SQLITE_LINES

    def require(self, by: Actor, batch: Any = None) -> None:
        """Raise NotPermitted unless `by` may use this layout, or handle this batch.

        A batch is its uploader's own: nobody can confirm or read another person's upload.
        Upper rooms add the permission.
        """
        if batch is not None and batch.uploader != by.username:
            raise NotPermitted("intake.not_permitted")

    def require_sight(self, by: Actor, batch: Any) -> None:
        """Raise NotPermitted unless `by` may look at what a batch holds: its uploader only.

        Upper rooms, which know agencies, may let colleagues look.
        """
        self.require(by, batch)

    def refuse_headings(self, keys: frozenset[str]) -> None:
        """Raise Refused when the headings (as `cells.heading_key`) belong to another kind."""
        return

    @abstractmethod
    def open(self, *, by: Actor, on: dt.date, options: Mapping[str, str], source: str) -> Any:
        """What `check` and `write` need for one pass over a file. Raises Refused.

        `source` is what the rows of this file say of where they come from.
        """

    def for_options(self, options: Mapping[str, str]) -> Layout:
        """The layout as these options make it, for instance without a column they answer for."""
        return self

    def wants_scan(self, context: Any, turn: int) -> bool:
        """Whether `scan` is to see the whole file (again) before the first `check`."""
        return False

    def scan(self, context: Any, lines: Sequence[Line], turn: int) -> None:
        """See the lines before any is checked, slice by slice; `turn` counts from 0."""
        raise NotImplementedError

    @abstractmethod
    def check(self, context: Any, lines: Sequence[Line]) -> Sequence[Outcome]:
        """One outcome per line, in order, without writing. Called with slices of the file."""

    @abstractmethod
    def write(self, context: Any, lines: Sequence[Line], outcomes: Sequence[Outcome]) -> None:
        """Write the lines that are added or changed; inside the one transaction of the merge.

        Raises Overtaken for a line that another act has dealt with since the check.
        """

    def is_meant(self, line: Line, said: str) -> bool:
        """Whether what a database says of a conflict speaks of this line. Upper rooms may know."""
        return False

    def finish(self, context: Any) -> None:
        """After the last slice of a merge, still inside its transaction."""
        return

    def require_taker(self, by: Actor, batch: Any) -> None:
        """Raise NotPermitted unless `by` may ask for a batch to be taken back. Upper rooms may
        let colleagues of the uploader."""
        self.require(by, batch)

    def require_second(self, by: Actor, batch: Any) -> None:
        """Raise NotPermitted unless `by` may agree to that. Upper rooms know who."""
        raise NotPermitted("intake.not_permitted")

    def take_back(self, *, by: Actor, batch: Any, reason: str, on: dt.date) -> Undone:
        """Take back what a merged batch wrote, as far as nobody has built on it since; in the one
        transaction of the caller. Raises Refused for files that cannot be taken back.
        """
        raise Refused("intake.never_taken_back")

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass
class _Registry:
    layouts: dict[str, Layout] = field(default_factory=dict)


_registry = _Registry()


def register(layout: Layout) -> None:
    """Make a layout known under its key. Raises ValueError for a key given twice."""
    known = _registry.layouts.get(layout.key)
    if known is not None and type(known) is not type(layout):
        raise ValueError(f"Layout key {layout.key!r} is taken by {type(known).__name__}")
    _registry.layouts[layout.key] = layout


def get(key: str) -> Layout:
    """The layout of a key. Raises NotPermitted for an unknown one, like a page not there."""
    try:
        return _registry.layouts[key]
    except KeyError:
        raise NotPermitted("intake.unknown_layout", key=key) from None


def all() -> tuple[Layout, ...]:  # noqa: A001  reads as layouts.all()
    """Every registered layout, in the order of registration."""
    return tuple(_registry.layouts.values())


__all__ = [
    "ADDED",
    "UNCHANGED",
    "Actor",
    "Change",
    "Column",
    "Layout",
    "Line",
    "Outcome",
    "Overtaken",
    "Problem",
    "Undone",
    "Uploader",
    "all",
    "get",
    "refused",
    "register",
]
