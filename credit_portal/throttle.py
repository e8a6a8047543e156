"""How often a password or a code may be tried. Source: R64, 七(二).

A try is counted before it is looked at, in rows that all processes share, so that twenty at once
are not twenty tries; a sign-in that is completed takes its own back. Every count is of a quarter of
an hour that begins with the first try it counts. What is tried while one has to wait is neither
looked at nor counted, and prolongs nothing.

- A browser that has signed in to the account before has a count of its own, and no other: what is
  tried elsewhere never makes it wait.
- All other browsers of a network share one count for the account; beside it count the tries of the
  network for any account, and those for the account from any network. Of an account that is tried
  from everywhere each further network has a single try, and has it at once.

Why this holds, and what it does not hold against: docs/decisions/0017-sign-in.md.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from credit_portal.models import Tries
from roster.models import User

WINDOW = dt.timedelta(minutes=15)
TRIES = 5
FROM_EVERYWHERE = 20
"""So many tries by strangers, and an account is being tried from everywhere."""
TRIES_THEN = 1
TRIES_OF_A_NETWORK = 100
"""An office often has one address for all its people."""


@dataclass(frozen=True)
class Attempt:
    """One try: of a password or a code, for which account as it was typed, from where.

    `browser` names a browser that has signed in to the account before; "" for any other.
    """

    step: str
    account: str
    network: str
    browser: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The counts of a try: its own, then the network's, then the account's. What was typed
        as an account is not kept: it may be a password."""
        account = User.normalize_username(self.account.strip())
        if self.browser:
            return (_key(self.step, account, "browser", self.browser),)
        return (
            _key(self.step, account, "network", self.network),
            _key("network", self.network),
            _key(self.step, account),
        )


def wait(attempt: Attempt, *, at: dt.datetime) -> dt.timedelta | None:
    """Count a try that may be looked at; of one that may not, say how long to wait."""
    with transaction.atomic():
        rows = {key: _locked(key, at) for key in sorted(attempt.keys)}
        own, *beside = (rows[key] for key in attempt.keys)
        full = [own] if own.counted >= _allowed(beside) else []
        full += [network for network in beside[:1] if network.counted >= TRIES_OF_A_NETWORK]
        if full:
            return max(row.since for row in full) + WINDOW - at
        for row in rows.values():
            row.counted += 1
            row.save()
        return None


def _allowed(beside: list[Tries]) -> int:
    return TRIES_THEN if beside and beside[-1].counted >= FROM_EVERYWHERE else TRIES


def _locked(key: str, at: dt.datetime) -> Tries:
    """The row of a count, locked until the transaction ends; begun anew when its time is over."""
    row, _made = Tries.objects.select_for_update().get_or_create(
        key=key, defaults={"counted": 0, "since": at}
    )
    if row.counted == 0 or row.since <= at - WINDOW:
        row.counted, row.since = 0, at
    return row


def completed(attempt: Attempt) -> None:
    """Forget what was tried in this place; from the counts beside it take one try back."""
    with transaction.atomic():
        own, *_beside = attempt.keys
        for row in Tries.objects.select_for_update().filter(key__in=attempt.keys).order_by("key"):
            row.counted = 0 if row.key == own else max(row.counted - 1, 0)
            row.save()


def forget(*, at: dt.datetime) -> int:
    """Delete the counts whose time is over. Called by the sweep."""
    return Tries.objects.filter(since__lte=at - WINDOW).delete()[0]


def network_of(address: str) -> str:
    """Of IPv6 the whole /64: one line has all of it, and a new address for every attempt."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((int(ipaddress.IPv6Address(address)), 64), strict=False))


def _key(*parts: str) -> str:
    return salted_hmac("credit_portal.throttle", "\0".join(parts), algorithm="sha256").hexdigest()
