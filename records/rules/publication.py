"""How severe behaviour is for its publication. Source: domain facts 3 (NDRC Order 36)."""

import re

from records.enums import Category, Severity

GENERAL_THOUGH_SEVERE = frozenset({"licence_suspended", "grade_lowered"})
"""Severe for a grade (R23), general for publication."""
MINOR_MEASURES = re.compile(r"警告|通报批评")
SEPARATORS = re.compile(r"[、,，;；/\s和及]+")


def severity(*, kind: str, category: str, measures: str) -> Severity:
    """The class of a kind of behaviour with these measures.

    Minor is what a warning or a criticism was the only answer to; how small a fine is small no
    source says, so every fine is general. Default, no source for what the table does not name.
    """
    if category in (Category.SEVERE, Category.REVOCATION) and kind not in GENERAL_THOUGH_SEVERE:
        return Severity.SEVERE
    said = [word for word in SEPARATORS.split(measures) if word]
    if said and all(MINOR_MEASURES.fullmatch(word) for word in said):
        return Severity.MINOR
    return Severity.GENERAL
