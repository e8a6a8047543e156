"""What notices can say: each room registers its kinds when the portal starts.

A notice keeps its kind and values; the sentences are made when it is read, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NoticeKind:
    """title, body: lazy sentences with {placeholders} that the values of a notice fill.

    link: (key of what it is about, whether the reader is an enterprise's) → an address, or "".
    """

    code: str
    title: Any
    body: Any
    link: Callable[[str, bool], str]

    def sentences(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Title and body, in the language that is set."""
        return str(self.title).format(**values), str(self.body).format(**values)


_kinds: dict[str, NoticeKind] = {}


def register(kinds: Iterable[NoticeKind]) -> None:
    """Let a room say what its notices mean. Raises ValueError for a code that is taken."""
    for kind in kinds:
        if _kinds.get(kind.code, kind) != kind:
            raise ValueError(f"{kind.code}: two kinds of notices.")
        _kinds[kind.code] = kind


def kind_of(code: str) -> NoticeKind:
    """Raises KeyError for a kind that no room has registered."""
    return _kinds[code]


__all__ = ["NoticeKind", "kind_of", "register"]
