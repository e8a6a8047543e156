"""Enterprises whose business licence one source calls revoked and the other does not.

Either suffices for D; that they disagree is listed, so that somebody finds out which is right.
Source: R37, 四(三); design §7.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from records.enums import NOT_COUNTED
from records.models import Mark, Record
from records.rules.measures import REVOCATION
from roster.enums import REVOKED_STATUSES

BY_RECORD, BY_REGISTRATION, EITHER = "record", "registration", "either"


def disagreeing(enterprises: QuerySet[Any], *, on: dt.date, which: str = EITHER) -> QuerySet[Any]:
    """The enterprises that only a penalty, or only registration, calls revoked on a day."""
    decided = _revocations(on)
    found = Q(pk__in=decided.values("enterprise")) & ~Q(status__in=REVOKED_STATUSES)
    silent = ~Exists(decided.filter(enterprise=OuterRef("pk"))) & Q(status__in=REVOKED_STATUSES)
    wanted = {BY_RECORD: found, BY_REGISTRATION: silent, EITHER: found | silent}
    return enterprises.filter(wanted[which])


def _revocations(on: dt.date) -> QuerySet[Record]:
    """Decisions to revoke the business licence that stand on a day."""
    undone = Mark.objects.live().filter(record=OuterRef("pk"), kind__in=NOT_COUNTED)
    live = Record.objects.live().filter(~Exists(undone), kind=REVOCATION, decided_on__lte=on)
    return live.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))
