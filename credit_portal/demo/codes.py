"""Codes that are valid and belong to nobody. Source: GB 32100-2015, GB 11714; domain facts 3."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SIZE = len(ALPHABET)
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
SUBJECT_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
INDEX = {character: place for place, character in enumerate(ALPHABET)}

PREFIX = "MAY"
"""First characters of every invented subject; registration gives out MA0, MAA, MAB … in turn."""
SUBJECTS = SIZE**5
"""So many different subjects there are."""
STRIDE = 10_000_019  # a prime, so that neighbours do not look like neighbours


def unified_code(*, division: str, number: int, kind: str = "91") -> str:
    """The code of the invented enterprise `number`; different numbers, different codes.

    >>> unified_code(division="130102", number=1)
    '91130102MAYARLT82K'
    """
    body = f"{kind}{division}{_subject(number)}"
    total = sum(INDEX[letter] * weight for letter, weight in zip(body, CODE_WEIGHTS, strict=True))
    return body + ALPHABET[-total % 31]


def _subject(number: int) -> str:
    rest = number * STRIDE % SUBJECTS
    letters = ""
    for _place in range(5):
        rest, digit = divmod(rest, SIZE)
        letters = ALPHABET[digit] + letters
    stem = PREFIX + letters
    total = sum(
        int(letter, 36) * weight for letter, weight in zip(stem, SUBJECT_WEIGHTS, strict=True)
    )
    return stem + "0123456789X0"[11 - total % 11]


def registration_number(*, division: str, number: int) -> str:
    """The 15-digit number of older registrations, with its check digit (GS15—2006)."""
    body = f"{division}{number % 100_000_000:08d}"
    rest = 10
    for digit in body:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return body + str((11 - rest) % 10)
