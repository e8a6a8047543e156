"""The anchor outside the database (filled in by the next change)."""


def anchor_when_due() -> None:
    return None
