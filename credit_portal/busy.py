"""Is a fault of the database one that passes by itself?"""

from django.db import OperationalError

SQLITE_PASSING = frozenset({5, 6})
"""SQLITE_BUSY, SQLITE_LOCKED: another process is writing, and did not end in time."""
POSTGRESQL_PASSING = frozenset({"40001", "40P01", "53300", "55P03", "57014"})
"""Serialisation, deadlock, too many connections, lock not available, cancelled for its time."""


def is_busy(fault: BaseException | None) -> bool:
    """Whether the same request may well succeed later; the transaction is already undone."""
    if not isinstance(fault, OperationalError):
        return False
    cause = fault.__cause__
    primary = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if primary in SQLITE_PASSING or getattr(cause, "sqlstate", "") in POSTGRESQL_PASSING:
        return True
    return type(cause).__name__ == "PoolTimeout"  # of an optional part, not always installed
