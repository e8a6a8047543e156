"""Sums of money in the words of a decision. Source: domain facts 4 (amounts are in 万元)."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {word: place for place, words in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for word in words}  # fmt: skip
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
WAN, YI = 10_000, 100_000_000
_UNITS = {"": 1, "百": 100, "千": 1_000, "万": WAN, "亿": YI}
_FIGURES = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*([百千万亿]?)\s*[元圆]")
_WORDS = re.compile(rf"([{''.join(DIGITS)}十拾][{''.join([*DIGITS, *TENS])}万亿]*)[元圆]")


def sums_told(text: str) -> frozenset[Decimal]:
    """The sums a text tells, in yuan.

    >>> sorted(sums_told("罚款人民币伍仟元整，没收违法所得0.12万元"))
    [Decimal('1200.00'), Decimal('5000')]
    """
    figures = (
        Decimal(number.replace(",", "").replace("，", "")) * _UNITS[unit]
        for number, unit in _FIGURES.findall(text)
    )
    words = (Decimal(_number(word)) for word in _WORDS.findall(text))
    return frozenset([*figures, *words])


def _number(word: str) -> int:
    """
    >>> _number("一亿二千零三万")
    120030000
    """
    total = section = digit = 0
    for sign in word:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in TENS:
            section, digit = section + (digit or 1) * TENS[sign], 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * WAN, 0, 0
        else:
            total, section, digit = (total + section + digit) * YI, 0, 0
    return total + section + digit


def is_in_yuan(sum_wan: Decimal, text: str) -> bool:
    """Whether a sum given in 万元 is, in figures, the one the decision tells in yuan."""
    told = sums_told(text)
    return bool(sum_wan) and sum_wan in told and sum_wan * WAN not in told


__all__ = ["WAN", "is_in_yuan", "sums_told"]
