"""When two pieces of news speak of the same decision. Source: design §4; gap 3 of the policy."""

from __future__ import annotations

import datetime as dt
import unicodedata
from functools import lru_cache

from .measures import PENALTY_KINDS

BRACKETS = str.maketrans("〔〕[]【】{}()", "（）（）（）（）（）")
PENALTIES = "penalty"


@lru_cache(maxsize=4_096)
def number_key(number: str) -> str:
    """A document number without bracket style, width and spaces; 第…号 stays.

    >>> number_key("冀市监罚字[2025] 12号") == number_key("冀市监罚字〔2025〕12号")
    True
    """
    folded = unicodedata.normalize("NFKC", number).translate(BRACKETS)
    return "".join(folded.split()).upper()


def family(kind: str) -> str:
    """The kinds among which one decision may move: its measures may be read anew and name
    another penalty, but a judgment never becomes the listing that followed from it."""
    return PENALTIES if kind in PENALTY_KINDS else kind


def identity(
    *, authority: int, number: str, kind: str, decided_on: dt.date, provider_key: str = ""
) -> str:
    """Within one enterprise: authority, family and number; without a number day and what the
    provider told."""
    key = number_key(number)
    if key:
        return f"n:{authority}:{family(kind)}:{key}"
    return f"d:{authority}:{family(kind)}:{decided_on.isoformat()}:{provider_key}"


def told(identity: str) -> str:
    """What the provider told to tell a behaviour without a number apart; part of its identity.

    >>> told("d:7:breach_of_contract:2025-03-04:9f2c")
    '9f2c'
    """
    return "" if identity.startswith("n:") else identity.split(":", 4)[4]
