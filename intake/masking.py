"""Numbers of persons in a free text: papers and phones. The logs and the audit chain show none.

A cell that is such a number and nothing else is `intake.papers`; here one is looked for anywhere in a
text, and what looks like one is gone. Source: R64; GB 11643, GB 32100; 外国人永久居留身份证 (2023).
"""

from __future__ import annotations

import re
import unicodedata

from .cells import is_unified_code

MASK = "…"

_GAP = "[ \\t\u00ad\u2010-\u2015\u200b-\u200f\u2060\ufeff-]{0,2}"
"""What may stand between two digits of one number: blanks, hyphens, what is not seen."""
_END = "[\\dXx\u0425\u0445\u03a7\u03c7\u00d7]"
"""The check character; also the letters and the sign that look like an X."""


def _number(pattern: str) -> str:
    """A pattern in which a blank stands for a gap."""
    return pattern.replace(" ", _GAP)


_THREE, _FIVE = r" \d" * 3, r" \d" * 5
_DAY = r"(?:0 [1-9]|1 [0-2]) (?:0 [1-9]|[12] \d|3 [01])"
_BORN = rf"(?:1 [89]|2 0) \d \d {_DAY}"
_CITIZEN = _number(rf"[1-8]{_FIVE} {_BORN}{_THREE} {_END}")
_FORMER = _number(rf"[1-8]{_FIVE} \d \d {_DAY}{_THREE}")
"""Of fifteen digits, until 2013."""
_FOREIGNER = _number(rf"9{_FIVE} {_BORN}{_THREE} {_END}")
"""A 9, where it was applied for, nationality; from there on as a citizen's."""
_PHONE = _number(r"(?:\+?86 )?1[3-9]\d \d{4} \d{4}")
_NUMBERS = re.compile(
    rf"(?<!\d)(?:(?P<foreigner>{_FOREIGNER})|{_CITIZEN}|{_FORMER}|{_PHONE})(?!\d)"
)
_NAMED = re.compile(
    r"(?i)((?:护照|通行证|台胞证|回乡证|居留证|居住证|(?<!许可)(?<!照)证件|passport)"
    r"(?:号码|号|编号| ?no\.?| ?number)?[\s:#=(\"'“为是]{0,3})[a-z]{1,3}[ -]?\d{6,10}(?![a-z\d])"
)
"""A kind of paper and behind it a number with letters in front, which alone would tell nothing."""
_DIGIT = re.compile(r"(?![0-9])\d")


def masked(text: str) -> str:
    """The text with MASK in place of each number of a person's paper or phone.

    Full-width signs and the digits of other scripts count as ours; where nothing is found, the text
    comes back as it stands. Unified codes stay, whichever day they seem to hold.

    >>> masked("见110101199003071233的材料")
    '见…的材料'
    """
    plain = MASK.join(map(_plain, text.split(MASK)))
    said = _NAMED.sub(rf"\1{MASK}", _NUMBERS.sub(_hidden, plain))
    return text if said == plain else said


def _plain(text: str) -> str:
    return _DIGIT.sub(lambda found: str(int(found[0])), unicodedata.normalize("NFKC", text))


def _hidden(found: re.Match[str]) -> str:
    foreigner = found["foreigner"]
    return (
        found[0] if foreigner and _is_enterprise(re.sub("[^0-9X]", "", foreigner.upper())) else MASK
    )


_SUBJECT_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _is_enterprise(code: str) -> bool:
    """Whether a text is a unified code: the check of the whole and that of the subject in it (GB
    11714) are right, which of other numbers one in 341 is."""
    if not is_unified_code(code):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(code[8:16], _SUBJECT_WEIGHTS, strict=True)
    )
    return code[16] == "0123456789X0"[11 - total % 11]


__all__ = ["MASK", "masked"]
