"""Columns that upper rooms put into the lists of lower ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column filled for a whole page at once, with a constant number of queries.

    `values` gets the user and the objects of the page and answers by primary key; the shown form
    may be safe HTML, `plain` (default: the same) is what an export writes.
    """

    name: str
    title: Any
    values: Callable[[Any, Sequence[Any]], Mapping[Any, Any]]
    plain: Callable[[Any, Sequence[Any]], Mapping[Any, Any]] | None = None

    def fill(self, user: Any, objects: Sequence[Any]) -> None:
        """Lay the value of each object beside it, where the list finds it."""
        found = self.values(user, objects)
        for obj in objects:
            obj.__dict__.setdefault("_slots", {})[self.name] = found.get(obj.pk, "")

    def for_export(self, user: Any, objects: Sequence[Any]) -> list[Any]:
        """The plain values of some objects, in their order."""
        found = (self.plain or self.values)(user, objects)
        return [found.get(obj.pk, "") for obj in objects]

    def display(self) -> Callable[[Any], Any]:
        """The callable that stands in `list_display`."""

        def shown(obj: Any) -> Any:
            return obj.__dict__.get("_slots", {}).get(self.name, "")

        shown.__name__ = self.name
        shown.short_description = self.title  # type: ignore[attr-defined]
        return shown
