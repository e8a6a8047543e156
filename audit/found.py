"""What a check of what is kept came to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """How much was compared, and the first that is wrong, as a sentence."""

    ok: bool
    checked: int
    first_bad: str | None = None
