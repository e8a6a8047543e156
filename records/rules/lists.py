"""Which kind of behaviour a list stands for. Source: R22–R23, 三(一); domain facts 1."""

from __future__ import annotations

from collections.abc import Iterable


def kind_of_list(written: str, names: Iterable[tuple[str, str]]) -> str:
    """The kind whose list is written, "" when it is none.

    `names`: pairs of a list's name, or a word of it, and a kind. The longest that stands in what
    is written decides, so that 失信被执行人 says more than 严重. Nothing that speaks of being taken
    off: that is a day of the listing, never a listing.

    >>> kind_of_list("列入经营异常名录", [("经营异常", "abnormal"), ("严重", "severe")])
    'abnormal'
    """
    if "移出" in written or "移除" in written:
        return ""
    found = [(len(name), kind) for name, kind in names if name and name in written]
    return max(found, key=lambda one: one[0])[1] if found else ""
