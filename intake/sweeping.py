"""Looking after many things so that a fault in one leaves the others in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Thing = TypeVar("Thing")


def tend_each(things: Iterable[Thing], tend: Callable[[Thing], Any]) -> int:
    """Tend every one; how many there were. Raises an ExceptionGroup of what went wrong at the end.

    The one place that goes on after any fault: what a sweep leaves out nobody else does.
    """
    count, faults = 0, []
    for thing in things:
        count += 1
        try:
            tend(thing)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup(f"{len(faults)} of {count}", faults)
    return count


__all__ = ["tend_each"]
