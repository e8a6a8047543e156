"""The map of regions stands still while enterprises are placed on it.

Who places them holds a shared lock from reading the map until what was planned by it has been
committed; who changes the map takes the exclusive one and counts under it. Otherwise a region
could end with an enterprise just being taken in, on a roster that nobody keeps. Only PostgreSQL
needs it: on SQLite one transaction writes at a time. Source: R3 (nobody is left out).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection, transaction

from audit.refusal import Refused

from .models import Region

LOCK_KEY = 4_907_265_382  # any number no other program locks in this database


def hold_map() -> None:
    """Let nobody change the map until the open transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_KEY])


def take_map(
    *, attempts: int = 40, pause: float = 0.25, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Be alone with the map until the open transaction ends.

    It tries, waits and never queues, and waits with empty hands: registering is not held up
    behind it, and a correction that has its roster's region and needs the map is not met halfway.
    Raises Refused("roster.map_busy").
    """
    for attempt in range(attempts):
        if attempt:
            sleep(pause)
        with transaction.atomic():
            list(Region.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            if _try_exclusive():
                return
            transaction.set_rollback(True)
    raise Refused("roster.map_busy", seconds=round((attempts - 1) * pause))


def _try_exclusive() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        return cursor.fetchone()[0]


__all__ = ["hold_map", "take_map"]
