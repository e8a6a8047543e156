"""Sentences of this room."""

from typing import Any

MESSAGES: dict[str, Any] = {}

ACTS: dict[str, Any] = {}
