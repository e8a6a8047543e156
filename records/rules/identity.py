"""When two pieces of news speak of the same decision. Source: design §4; gap 3 of the policy."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import lru_cache

BRACKETS = str.maketrans("〔〕[]【】{}()", "（）（）（）（）（）")


@lru_cache(maxsize=4_096)
def number_key(number: str) -> str:
    """A document number without bracket style, width and spaces; 第…号 stays.

    >>> number_key("冀市监罚字[2025] 12号") == number_key("冀市监罚字〔2025〕12号")
    True
    """
    folded = unicodedata.normalize("NFKC", number).translate(BRACKETS)
    return "".join(folded.split()).upper()


def identity(
    *,
    authority: int,
    provider: int,
    number: str,
    kind: str,
    decided_on: dt.date,
    provider_key: str = "",
) -> str:
    """Within one enterprise: authority and number; without a number what the provider told."""
    key = number_key(number)
    if key:
        return f"n:{authority}:{key}"
    return f"k:{provider}:{kind}:{decided_on.isoformat()}:{provider_key}"
