"""Pages of the grading room in the admin, one module for each thing an officer works with."""

from . import (
    enterprises,
    explanation,
    kinds,
    parts,
    proposals,
    ratings,
    records,
    registration,
    runs,
    schemes,
)

__all__ = [
    "enterprises",
    "explanation",
    "kinds",
    "parts",
    "proposals",
    "ratings",
    "records",
    "registration",
    "runs",
    "schemes",
]
