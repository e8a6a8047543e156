"""The fates of a pass over a file: counted, digested, and kept line by line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from . import limits
from .enums import Fate
from .layouts import Outcome
from .models import Batch, BatchLine, BatchSlice
from .rows import copy_rows

LETTER = {Fate.ADDED: "a", Fate.CHANGED: "c", Fate.UNCHANGED: "u", Fate.REFUSED: "r"}
FATE = {letter: fate for fate, letter in LETTER.items()}
_LETTER = {fate.value: letter for fate, letter in LETTER.items()}


@dataclass
class Tally:
    """What a pass has found so far; the digest tells two passes apart."""

    lines: int = 0
    slices: int = 0
    problems: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def take(self, numbers: Sequence[int], outcomes: Sequence[Outcome]) -> Slice:
        """Add a slice; what of it is to be kept comes back."""
        letters = "".join([_LETTER[outcome.fate] for outcome in outcomes])
        self._digest.update(letters.encode())
        self.lines += len(numbers)
        self.slices += 1
        for letter, fate in FATE.items():
            self.counts[fate.value] += letters.count(letter)
        full = []
        if letters.strip("a"):
            for number, outcome in zip(numbers, outcomes, strict=True):
                if outcome.fate in (Fate.REFUSED, Fate.CHANGED):
                    full.append((number, outcome))
                    self._digest.update(repr((number, outcome.changes)).encode())
                    self.problems += len(outcome.problems)
                elif outcome.fate == Fate.UNCHANGED and outcome.label:
                    full.append((number, outcome))
        return Slice(self.slices, numbers, letters, [*self._within_limit(full)])

    def _within_limit(self, full: list[tuple[int, Outcome]]) -> Iterator[tuple[int, Outcome]]:
        for number, outcome in full:
            if self.kept[outcome.fate] < limits.LINES_IN_FULL:
                self.kept[outcome.fate] += 1
                yield number, outcome

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def as_fields(self) -> dict[str, object]:
        """The counts by the names they have on a batch."""
        return {
            **{fate.value: self.counts[fate.value] for fate in Fate},
            "problems_total": self.problems,
            "fates_digest": self.digest,
            "lines_done": self.lines,
        }


@dataclass(frozen=True)
class Slice:
    """A slice of lines as it is kept: a letter per line, some lines in full."""

    number: int
    numbers: Sequence[int]
    letters: str
    full: list[tuple[int, Outcome]]

    def keep(self, batch: Batch) -> None:
        BatchSlice.objects.create(
            batch=batch, number=self.number, lines=ranges(self.numbers), fates=self.letters
        )
        if self.full:
            copy_rows(
                BatchLine,
                ("batch_id", "number", "fate", "label", "problems", "changes"),
                (
                    (
                        batch.pk,
                        number,
                        str(outcome.fate),
                        outcome.label[:200],
                        [[one.column, one.value, one.message] for one in outcome.problems],
                        [[one.column, one.before, one.after] for one in outcome.changes],
                    )
                    for number, outcome in self.full
                ),
            )


def forget(batch: Batch) -> None:
    """Remove what an earlier pass kept."""
    BatchSlice.objects.filter(batch=batch).delete()
    BatchLine.objects.filter(batch=batch).delete()


def ranges(numbers: Iterable[int]) -> str:
    """Line numbers as runs.

    >>> ranges([2, 3, 4, 7])
    '2-4,7'
    """
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def unranges(text: str) -> Iterator[int]:
    """The numbers of `ranges`, one by one."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def fates_of(batch: Batch) -> Iterator[tuple[int, Fate]]:
    """Every line of a batch with its fate, in file order."""
    for part in batch.slices.order_by("number").iterator(chunk_size=20):
        for number, letter in zip(unranges(part.lines), part.fates, strict=True):
            yield number, FATE[letter]


__all__ = ["Slice", "Tally", "fates_of", "forget", "ranges", "unranges"]
