"""The admin of the rooms up to roster: what knows no users is registered here. Design §2."""

from intake.enums import Fate

from ..enums import Role
from ..history import register_words
from ..messages import WORDS
from . import batches, bindings, enterprises, entries, events, people, places, workday_tables

register_words(WORDS, {"fate": dict(Fate.choices), "role": dict(Role.choices)})

__all__ = [
    "batches",
    "bindings",
    "enterprises",
    "entries",
    "events",
    "people",
    "places",
    "workday_tables",
]
