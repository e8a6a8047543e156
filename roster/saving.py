"""How a row of a small table is stored: checked, and refused in the words of its own model."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from audit.refusal import Refused


def store(row: Model) -> None:
    """Check a row and write it. Raises Refused with the sentence of the field or constraint.

    Who was faster by a moment is met by the check or, on PostgreSQL, by the constraint alone;
    asked again, the check has the words for it. What it has none for is a fault of the program
    and goes on as such.
    """
    adding = row._state.adding
    _check(row)
    try:
        with transaction.atomic():
            row.save(force_insert=adding)
    except IntegrityError:
        _check(row)
        raise


def _check(row: Model) -> None:
    try:
        row.full_clean()
    except ValidationError as fault:
        raise Refused("roster.not_stored", what=" ".join(fault.messages)) from fault


__all__ = ["store"]
