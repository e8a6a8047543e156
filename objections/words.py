"""What the offices call what cases are about: fields, grounds, and where a mistake lay."""

from __future__ import annotations

from typing import Any

from records.models import Record
from roster.models import Enterprise

from .enums import OF_RECORDS, Ground

OBJECTED = (
    "kind_id", "number", "decided_on", "ended_on", "measures", "conduct", "facts", "basis",
    "content", "fine_wan", "confiscated_wan", "licence", "valid_until", "publication_until",
    "serious_claimed",
)  # fmt: skip
"""Fields of a record that an enterprise can say something about, in the order of its page."""
OF_THE_ENTERPRISE = ("status", "status_on", "keeper", "level")


def name_of_field(name: str) -> Any:
    """What the offices call a field of a record, or of the enterprise."""
    model: Any = Enterprise if name in OF_THE_ENTERPRISE else Record
    known = {field.attname: field for field in model._meta.concrete_fields}
    known |= {field.name: field for field in model._meta.concrete_fields}
    return known[name].verbose_name if name in known else name


def name_of_ground(code: str) -> Any:
    """The name of a ground; nothing when none was chosen yet."""
    return Ground(code).label if code in Ground.values else ""


def name_of_charge(what: str) -> Any:
    """What an upheld item is put down to (`CaseItem.charges`)."""
    return name_of_ground(what) or name_of_field(what)


def charges() -> list[tuple[str, Any]]:
    """Everything that it can be put down to."""
    return [(what, name_of_charge(what)) for what in (*OBJECTED, *OF_RECORDS)]
