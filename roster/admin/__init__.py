"""The admin of the rooms up to roster: what knows no users is registered here. Design §2."""

from . import batches, enterprises, entries, events, people, places, workday_tables

__all__ = ["batches", "enterprises", "entries", "events", "people", "places", "workday_tables"]
