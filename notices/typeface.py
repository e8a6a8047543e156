"""Which characters the typeface of letters has, and what stands for one that it lacks.

A PDF for archives must be able to show every character; names and reasons may hold any.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import noto_cjk_sans_otc
from fontTools.ttLib import TTFont

FOLDER = Path(noto_cjk_sans_otc.__file__).parent
FILE = "NotoSansCJK-Regular.ttc"
SIMPLIFIED = 2
"""Place of Noto Sans CJK SC in the collection; all of it has the same characters."""
SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""Of a variant of the character before them; like joiners they have no look of their own."""


def printable(text: str) -> str:
    """The text with 〓 and the code point in place of each character that cannot be shown.

    >>> printable("不成立😀")
    '不成立〓(U+1F600)'
    """
    return "".join(one if ord(one) in _covered() else _instead(one) for one in text)


def _instead(character: str) -> str:
    is_unseen = unicodedata.category(character) == "Cf" or ord(character) in SELECTORS
    return "" if is_unseen else f"〓(U+{ord(character):04X})"


@cache
def _covered() -> frozenset[int]:
    with TTFont(FOLDER / FILE, fontNumber=SIMPLIFIED, lazy=True) as font:
        return frozenset(font["cmap"].getBestCmap()) | set(map(ord, "\n\r\t"))


__all__ = ["FOLDER", "printable"]
