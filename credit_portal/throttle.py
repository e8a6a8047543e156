"""How often a password or a code may be tried. Source: R64, 七(二).

A try is counted before it is looked at, in rows that all processes share, so that twenty at once
are not twenty tries; one that was right gives back what it took from the counts of others, itself
and no more. Every count is of a quarter of an hour that begins with the first try it counts. What is
tried while one has to wait is neither looked at nor counted, and prolongs nothing.

- A browser that has signed in to the account before has a count of its own, and no other: what is
  tried elsewhere never makes it wait.
- All other browsers of a network share one count for the account; beside it count the tries of the
  network for any account, and those for the account from any network. Of an account that is tried
  from everywhere each further network has a single try, and has it at once.
- Of codes an account has so many, from wherever they come: who is asked for one has typed the
  password, and six digits are soon guessed by somebody who has many networks.

Why this holds, and what it does not hold against: docs/decisions/0017-sign-in.md.
"""

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from credit_portal.models import Step, Tries
from roster.models import User

WINDOW = dt.timedelta(minutes=15)
TRIES = 5
FROM_EVERYWHERE = 20
"""So many tries by strangers, and an account is being tried from everywhere."""
TRIES_THEN = 1
TRIES_OF_A_NETWORK = 100
"""An office often has one address for all its people."""
CODES = 10
"""Of an account, by all browsers together that it has never used."""
CODES_OF_KNOWN = 20
"""By all together that it has: before a second step was set up, a password alone made them known."""
IPV6_LINE = 48
"""Bits that one line may hold all addresses under."""


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
    def own(self) -> str:
        """The count of the account in this place."""
        place = ("browser", self.browser) if self.browser else ("network", self.network)
        return _key(*self._of_account, *place)

    @property
    def of_network(self) -> str:
        return _key("network", self.network)

    @property
    def everywhere(self) -> str:
        """The count of the account in all known browsers, or in all others."""
        return _key(*self._of_account, *(("known",) if self.browser else ()))

    @property
    def shared(self) -> tuple[str, ...]:
        """The counts that the tries of others are in as well."""
        if not self.browser:
            return self.of_network, self.everywhere
        return (self.everywhere,) if self.step == Step.CODE else ()

    @property
    def _of_account(self) -> tuple[str, str]:
        """What was typed as an account is not kept: it may be a password."""
        return self.step, User.normalize_username(self.account.strip())


def wait(attempt: Attempt, *, at: dt.datetime) -> dt.timedelta | None:
    """Count a try that may be looked at; of one that may not, say how long to wait.

    Who has to wait leaves no row behind.
    """
    keys = sorted((attempt.own, *attempt.shared))
    there = Tries.objects.filter(since__gt=at - WINDOW).in_bulk(keys)
    if left := _left(attempt, there, at):
        return left
    with transaction.atomic():
        rows = {key: _locked(key, at) for key in keys}
        if left := _left(attempt, rows, at):  # others were faster
            transaction.set_rollback(True)
            return left
        for row in rows.values():
            row.counted += 1
            row.save()
        return None


def _left(attempt: Attempt, rows: Mapping[str, Tries], at: dt.datetime) -> dt.timedelta | None:
    """How long until none of the counts is full; None when none is."""
    counted = {key: row.counted for key, row in rows.items()}
    limits = _limits(attempt, counted.get(attempt.everywhere, 0))
    full = [rows[key] for key, most in limits.items() if counted.get(key, 0) >= most]
    return max(row.since for row in full) + WINDOW - at if full else None


def _limits(attempt: Attempt, everywhere: int) -> dict[str, int]:
    """What each count of a try allows, where the account was tried so often everywhere."""
    if attempt.browser:
        limits = {attempt.own: TRIES}
    else:
        own = TRIES_THEN if everywhere >= FROM_EVERYWHERE else TRIES
        limits = {attempt.own: own, attempt.of_network: TRIES_OF_A_NETWORK}
    if attempt.step == Step.CODE:
        limits[attempt.everywhere] = CODES_OF_KNOWN if attempt.browser else CODES
    return limits


def _locked(key: str, at: dt.datetime) -> Tries:
    """The row of a count, locked until the transaction ends; begun anew when its time is over."""
    row, _made = Tries.objects.select_for_update().get_or_create(
        key=key, defaults={"counted": 0, "since": at}
    )
    if row.counted == 0 or row.since <= at - WINDOW:
        row.counted, row.since = 0, at
    return row


def too_often(step: str, account: str, *, most: int, at: dt.datetime) -> dt.timedelta | None:
    """Count a form that an account sends, right or wrong; how long to wait once so many were sent
    within a quarter of an hour. Who has to wait leaves no row behind.

    For forms whose looking at costs more than sending them.
    """
    key = _key(step, "forms of", account)
    with transaction.atomic():
        row = _locked(key, at)
        if row.counted >= most:
            transaction.set_rollback(True)
            return row.since + WINDOW - at
        row.counted += 1
        row.save()
        return None


def was_right(attempt: Attempt, *, at: dt.datetime) -> None:
    """Take a try that was counted at an instant back from the counts of others; from none that
    was begun anew since."""
    with transaction.atomic():
        rows = Tries.objects.select_for_update().filter(key__in=attempt.shared)
        for row in rows.filter(since__lte=at, counted__gt=0).order_by("key"):
            row.counted -= 1
            row.save()


def forget_own(attempt: Attempt) -> None:
    """Forget what was tried for the account in this place."""
    Tries.objects.filter(key=attempt.own).update(counted=0)


def forget(*, at: dt.datetime) -> int:
    """Delete the counts whose time is over. Called by the sweep."""
    return Tries.objects.filter(since__lte=at - WINDOW).delete()[0]


def network_of(address: str) -> str:
    """Of IPv6 the whole /48: one line has up to all of it, and a new address for every attempt."""
    if ":" not in address:
        return address
    whole = int(ipaddress.IPv6Address(address)), IPV6_LINE
    return str(ipaddress.IPv6Network(whole, strict=False))


def _key(*parts: str) -> str:
    return salted_hmac("credit_portal.throttle", "\0".join(parts), algorithm="sha256").hexdigest()
