"""Everything that can be checked about what the portal keeps, in order: the rest stands on what
comes first. Source: R4, R64; design ideas 3, 4 and 7."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from audit.compare import compare
from audit.found import Found
from audit.recount import recount
from audit.verify import verify as verify_chain
from roster.present import check_enterprises

from .messages import CHECKS
from .replay import check_clock, runs_to_replay, verify_current, verify_run


@dataclass(frozen=True)
class Check:
    """One of them, and what it is about."""

    about: str
    carry_out: Callable[[], Found]
    number: int | None = None

    def __str__(self) -> str:
        return str(CHECKS[self.about]).format(number=self.number)


def checks() -> Iterator[Check]:
    """One after the other; the runs are looked up when it is their turn."""
    yield Check("chain", _chain)
    yield Check("rows", recount)
    yield Check("stated", compare)
    yield Check("enterprises", check_enterprises)
    yield Check("clock", check_clock)
    for run in runs_to_replay():
        yield Check("run", partial(verify_run, run), run.pk)
    yield Check("in_force", verify_current)


def _chain() -> Found:
    verdict = verify_chain()
    return Found(verdict.ok, verdict.checked, verdict.problem or None)


__all__ = ["Check", "checks"]
