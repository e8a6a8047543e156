"""Whether anybody works on what was handed in. The room that hears the workers says how to know."""

from __future__ import annotations

from collections.abc import Callable

_asked: list[Callable[[], bool]] = []


def register(is_silent: Callable[[], bool]) -> None:
    """Called when the portal starts."""
    _asked[:] = [is_silent]


def is_silent() -> bool:
    """Whether no worker has reported lately; False where nobody can know."""
    return any(silent() for silent in _asked)


__all__ = ["is_silent", "register"]
