"""Steps of a case: one table says who may do what from which state, and why; this runs it.

Plain Python over the table; the room above keeps the cases, and writes a step down when it is taken.
Source: R29, 三(四); style: a workflow is one table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.errors import Refused
from roster.enums import Permission


@dataclass(frozen=True)
class Step:
    """One row: from a state by an action to another state.

    permission: who may. clause: the source. reason: a written reason is asked for. apart: who took
    one of these actions in the same case may not take this one. starts: the leg whose limit begins
    to run with this step, by its code; "" when the running leg goes on.
    """

    source: str
    action: str
    target: str
    permission: Permission
    clause: str
    starts: str = ""
    reason: bool = False
    apart: tuple[str, ...] = ()


class StepRefused(Refused):
    """The action is not among those of the state."""


@dataclass(frozen=True)
class Workflow:
    """All steps of one kind of case; no two with the same state and action."""

    name: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        pairs = [(step.source, step.action) for step in self.steps]
        twice = {pair for pair in pairs if pairs.count(pair) > 1}
        if twice:
            raise ValueError(f"{self.name}: {sorted(twice)} stand twice.")

    def step(self, state: str, action: str) -> Step:
        """The step of an action from a state. Raises StepRefused, which names what is possible."""
        found = next((step for step in self.at(state) if step.action == action), None)
        if found is None:
            raise StepRefused(
                "roster.step_not_possible",
                action=action, state=state, possible=[step.action for step in self.at(state)],
            )  # fmt: skip
        return found

    def at(self, state: str) -> tuple[Step, ...]:
        """The steps from a state, in the order of the table; none: the case has ended."""
        return tuple(step for step in self.steps if step.source == state)

    def states(self) -> tuple[str, ...]:
        """Every state, in the order in which the table names them."""
        named = (state for step in self.steps for state in (step.source, step.target))
        return tuple(dict.fromkeys(named))

    def ends_at(self, state: str) -> bool:
        """Whether nothing can follow."""
        return not self.at(state)


def from_each(
    sources: Iterable[str], action: str, target: str, permission: Permission, clause: str,
    *, starts: str = "", reason: bool = False, apart: tuple[str, ...] = (),
) -> tuple[Step, ...]:  # fmt: skip
    """The same step from several states."""
    return tuple(
        Step(source, action, target, permission, clause, starts, reason, apart)
        for source in sources
    )


__all__ = ["Step", "StepRefused", "Workflow", "from_each"]
