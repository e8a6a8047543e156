"""The database's clock: when something was recorded, and what a run may count.

A stamp is taken under a shared lock that lasts to the end of the transaction; a cut
is read under the exclusive one. So when a cut has been read, no row with an earlier
stamp can still be on its way. Source: design idea 3.
"""

import datetime as dt
import time
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from audit.current import connection, require_act
from audit.errors import Refused
from audit.models import ChainHead, ClockMark

LOCK_KEY = 4_907_265_381  # any number no other program locks in this database
TICK = dt.timedelta(microseconds=1)
EARLIEST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


def stamp() -> dt.datetime:
    """The instant of the open act: the same through the whole outermost act.

    Always after the last cut, also when the machine's clock was set back.
    Raises NoOpenAct outside an act.
    """
    act = require_act()
    within = tuple(act.connection.savepoint_ids)
    if act.stamped is None or act.stamped_within != within[: len(act.stamped_within)]:
        # a savepoint rolled back since gave the lock away with it, and a cut may have passed
        now, last_cut = _locked_clock()
        if act.stamped is None or (last_cut and act.stamped <= last_cut):
            act.stamped = now if last_cut is None else max(now, last_cut + TICK)
        act.stamped_within = within
    return act.stamped


def cut(
    *, attempts: int = 30, pause: float = 1.0, sleep: Callable[[float], None] = time.sleep
) -> dt.datetime:
    """The instant up to which everything recorded is complete, and after which later stamps come.

    Call it first in the act, before `stamp()`: two acts that hold the shared lock
    would wait for each other. It tries, waits and never queues, so writers are not
    held up behind it. Raises Refused("audit.cut_busy").
    """
    _require_transaction()
    for attempt in range(attempts):
        if attempt:
            sleep(pause)
        if _try_exclusive():
            return _pass_cut()
    raise Refused("audit.cut_busy", seconds=round((attempts - 1) * pause))


def last_cut() -> dt.datetime | None:
    return ClockMark.objects.filter(pk=1).values_list("cut_at", flat=True).first()


def _pass_cut() -> dt.datetime:
    latest = ChainHead.objects.filter(pk=1).values_list("latest_at", flat=True).first()
    mark = last_cut()
    at = max(_now(), latest or EARLIEST, mark + TICK if mark else EARLIEST)
    ClockMark.objects.update_or_create(pk=1, defaults={"cut_at": at})
    return at


def _locked_clock() -> tuple[dt.datetime, dt.datetime | None]:
    _require_transaction()
    if connection().vendor == "postgresql":
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK_KEY])
            cursor.execute(
                "SELECT clock_timestamp(), (SELECT cut_at FROM audit_clockmark WHERE id = 1)"
            )
            return cursor.fetchone()
    return timezone.now(), last_cut()


def _try_exclusive() -> bool:
    if connection().vendor != "postgresql":
        return True  # the transaction began IMMEDIATE: nobody else is writing
    with connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        return cursor.fetchone()[0]


def _now() -> dt.datetime:
    if connection().vendor != "postgresql":
        return timezone.now()
    with connection().cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _require_transaction() -> None:
    if not connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "The clock is read inside the transaction that uses it."
        )
