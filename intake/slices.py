"""Rows taken together: many short ones or few long ones, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from . import limits

STEP = 100
"""Rows after which the characters are counted again."""


def slices(
    rows: Iterable[Any], *, cells: Callable[[Any], Iterable[str]] = lambda row: row
) -> Iterator[list[Any]]:
    """Rows in slices, of at most so many lines and, but for the last hundred, characters.

    `cells` gives the texts of a row.
    """
    rows = iter(rows)
    part: list[Any] = []
    held = 0
    while step := list(islice(rows, min(STEP, limits.CHUNK_LINES - len(part)))):
        part += step
        held += sum(map(len, chain.from_iterable(map(cells, step))))
        if len(part) >= limits.CHUNK_LINES or held >= limits.CHUNK_CHARACTERS:
            yield part
            part, held = [], 0
    if part:
        yield part


__all__ = ["slices"]
