"""How far a run is: counts from the slices' states, in a constant number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .enums import ChunkState, PartState, RunState
from .models import Chunk, RosterRun, Run, Verdict

GradeCounts = list[tuple[str, str, int]]
"""(grade, name, enterprises) in the order of the scheme."""


@dataclass(frozen=True)
class PartProgress:
    """One roster of a run: how many of its enterprises are graded, and how."""

    part: RosterRun
    done: int
    grades: GradeCounts

    @property
    def is_computing(self) -> bool:
        return self.part.state == PartState.COMPUTING


@dataclass(frozen=True)
class RunProgress:
    """A run, or what a person sees of it: the parts, and their sums."""

    run: Run
    parts: list[PartProgress]
    grades: GradeCounts

    @property
    def done(self) -> int:
        return sum(item.done for item in self.parts)

    @property
    def total(self) -> int:
        return sum(item.part.size for item in self.parts)

    @property
    def is_under_way(self) -> bool:
        return self.run.state in (RunState.OPENED, RunState.RUNNING)

    @property
    def bar_state(self) -> str:
        named: dict[str, str] = {RunState.COMPUTED: "done", RunState.STOPPED: "stopped"}
        return named.get(self.run.state, "")


def progress_of(run: Run, parts: Iterable[RosterRun]) -> RunProgress:
    """The progress of the given parts of a run, which the caller has narrowed to its reader.

    Of a part still computing the finished slices are summed; a summed part says it itself. Three
    queries at most.
    """
    shown = list(parts)
    names = grade_names(run)
    done, counted = _from_slices([part for part in shown if part.state == PartState.COMPUTING], run)
    items = [
        PartProgress(
            part=part,
            done=done.get(part.pk, 0) if part.state == PartState.COMPUTING else part.size,
            grades=_named(
                counted[part.pk] if part.state == PartState.COMPUTING else part.grades, names
            ),
        )
        for part in shown
    ]
    total: Counter[str] = Counter()
    for item in items:
        total.update({grade: count for grade, _name, count in item.grades})
    return RunProgress(run=run, parts=items, grades=_named(total, names))


def grade_names(run: Run) -> dict[str, str]:
    """Grades of a run's scheme in their order, with their names."""
    return dict(run.scheme.grades.order_by("order").values_list("grade", "name"))


def _from_slices(
    computing: list[RosterRun], run: Run
) -> tuple[dict[int, int], Mapping[int, Counter[str]]]:
    done: dict[int, int] = defaultdict(int)
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    if computing:
        finished = Chunk.objects.filter(part__in=computing, state=ChunkState.DONE)
        slices = list(finished.values_list("part_id", "size", "counts"))
        # Read after the slices: a verdict is there before the slice that uses it is done.
        grades = dict(Verdict.objects.filter(run=run).values_list("facts", "grade"))
        for part, size, counts in slices:
            done[part] += size
            for facts, count in counts.items():
                counted[part][grades[facts]] += count
    return done, counted


def _named(counts: Mapping[str, int], names: Mapping[str, str]) -> GradeCounts:
    return [(grade, name, counts.get(grade, 0)) for grade, name in names.items()]
