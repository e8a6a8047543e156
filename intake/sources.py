"""How rows say which batch they came with: at the end of their source, so that people read it."""

from __future__ import annotations

import re
from collections.abc import Iterable

OF_A_BATCH = r"（文件第(\d+)号）$"
_BATCH = re.compile(OF_A_BATCH)


def source_of(title: object, batch_id: int) -> str:
    """The source of rows that come with a batch.

    >>> source_of("企业名录", 12)
    '企业名录（文件第12号）'
    """
    return f"{title}{ending(batch_id)}"


def ending(batch_id: int) -> str:
    """How the sources of a batch end, by which its rows are found."""
    return f"（文件第{batch_id}号）"


def batches_of(sources: Iterable[str]) -> list[int]:
    """The batches named by sources, each once, in their order."""
    found = (_BATCH.search(source) for source in sources)
    return list(dict.fromkeys(int(one[1]) for one in found if one))


__all__ = ["OF_A_BATCH", "batches_of", "ending", "source_of"]
