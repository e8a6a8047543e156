"""The places at which work may break off, and how a process is made to die there.

docs/design.md names the places. Nothing in the portal knows of this: in a process that is to die,
a function is wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

from tests.architecture import ROOT

Death = Callable[[], None]


@dataclass(frozen=True)
class Place:
    """Before or after the n-th call of a function."""

    function: str
    before: bool = False
    call: int = 1

    def arm(self, die: Death) -> None:
        """From now on this process dies at the place."""
        module, name = self.function.rsplit(":", 1)
        holder: Any = import_module(module)
        *outer, last = name.split(".")
        for one in outer:
            holder = getattr(holder, one)
        setattr(holder, last, self._wrapped(getattr(holder, last), die))

    def _wrapped(self, function: Callable[..., Any], die: Death) -> Callable[..., Any]:
        calls = 0

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if self.before and calls == self.call:
                die()
            result = function(*args, **kwargs)
            if not self.before and calls == self.call:
                die()
            return result

        return wrapper


class Commit(Place):
    """After the transaction of an act, before anything that waits for it: message, anchor, answer."""

    def _wrapped(self, function: Callable[..., Any], die: Death) -> Callable[..., Any]:
        @wraps(function)
        def wrapper(connection: Any) -> Any:
            if connection.run_on_commit:
                die()
            return function(connection)

        return wrapper


RUN = {
    "sliced": Place("grading.engine:slice_run"),
    "taken": Place("grading.engine:take_chunks"),
    "facts counted": Place("grading.engine:collect"),
    "decided": Place("grading.engine:_add_verdicts"),
    "rated": Place("grading.engine:_rate"),
    "slices closed": Place("grading.engine:_close"),
    "slices done": Place("grading.engine:grade_chunks"),
    "parts summed": Place("grading.engine:_finish_parts"),
    "run closed": Place("grading.engine:finish_run"),
    "run computed": Place("grading.engine:_finish_run_once"),
}
CHECK = {
    "taken to check": Place("intake.services:claim"),
    "first slice checked": Place("intake.fates:Tally.take", before=True, call=2),
    "all lines checked": Place("intake.work:Work.end", before=True),
    "checked": Place("intake.work:Work.end"),
}
MERGE = {
    "taken to merge": Place("intake.services:claim"),
    "before the first write": Place("intake.services:_write", before=True),
    "after the first write": Place("intake.services:_write"),
    "all lines written": Place("intake.work:Work.finish"),
    "merge closed": Place("intake.work:Work.end"),
    "merged": Place("intake.services:_merge"),
}
ACT = {
    "written": Place("audit.chain:append"),
    "committed": Commit(
        "django.db.backends.base.base:BaseDatabaseWrapper.run_and_clear_commit_hooks"
    ),
    "copy written": Place("intake.store:write_copy"),
    "copy not removed": Place("intake.store:remove_copy", before=True),
}
PLACES = RUN | CHECK | MERGE | ACT


def documented() -> list[list[str]]:
    """The steps of each table of the document, in their order."""
    text = (ROOT / "docs" / "design.md").read_text()
    section = text.split("## Where work may break off")[1].split("\n## ")[0]
    tables = section.split("|---|---|---|---|")[1:]
    return [re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) for table in tables]
