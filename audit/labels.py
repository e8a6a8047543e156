"""What an act is called, and an event as a sentence."""

from collections.abc import Mapping
from typing import Any

_labels: dict[str, Any] = {}


def register(labels: Mapping[str, Any]) -> None:
    """Names of acts; each room gives its own when the portal starts."""
    _labels.update(labels)


def label(act: str) -> str:
    """The name of an act, or its code when no room has named it."""
    return str(_labels.get(act, act))
