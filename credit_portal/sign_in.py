"""Who signed in, who did not get in, who signed out: events of the edge. Source: R64, 七(二).

A password is never kept, nor what was typed as an account that does not exist: it may be one.
A flood of failures does not flood the chain. The first failure of an account from an address is
an event at once; later ones are counted in a row of `FailedSignIn`, and the count becomes one
event a minute: with the next failure, or by the sweep. So many addresses of an account are told
apart, all further ones are counted together: an account has no more than TOLD_APART + 1 events a
minute for each step, from wherever it is tried. All unknown accounts count as one account, and all
addresses of an IPv6 line as one. How often one may try: `throttle`.
"""

import datetime as dt
import ipaddress
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from audit.acts import Account, act, note
from audit.refusal import Refused, record_refusal
from credit_portal import browsers, throttle
from credit_portal.models import FailedSignIn, Step
from credit_portal.throttle import Attempt
from roster.models import User

logger = logging.getLogger(__name__)

SIGNED_IN = "credit_portal.signed_in"
UNKNOWN = Account(username="未知账号")
FAILED: dict[str, str] = {
    Step.PASSWORD: "credit_portal.sign_in_failed",
    Step.CODE: "credit_portal.code_failed",
}
NOT_ALL_LOOKED_AT: dict[str, str] = {step: f"{code}_waiting" for step, code in FAILED.items()}
WINDOW = dt.timedelta(minutes=1)
TOLD_APART = 3
ELSEWHERE = "其他地址"
"""Stands for the addresses that are counted together."""
Answer = TypeVar("Answer", bound=HttpResponseBase)


def attempt_of(request: HttpRequest, *, step: str, account: str) -> Attempt:
    """What the throttle counts a try as."""
    network = throttle.network_of(address_of(request))
    return Attempt(step, account, network, browsers.known(request, account))


def came_in(request: HttpRequest, user: User) -> None:
    """Record a sign-in that is completed. Whose event cannot be written is not let in."""
    try:
        sign_in(by=user, address=address_of(request), factor=_second_factor(request, user))
    except BaseException:
        request.session.clear()  # it is stored behind the view, whatever becomes of that
        raise


def _second_factor(request: HttpRequest, user: User) -> str:
    """Which second step was taken: totp, recovery_codes; "" for none."""
    steps = get_authentication_records(request, user)
    return next((str(step["type"]) for step in reversed(steps) if step["method"] == "mfa"), "")


def let_in(request: HttpRequest, response: HttpResponseBase, user: User, *, step: str) -> None:
    """Behind the last step: what was tried here for it is forgotten, behind the code also what was
    tried of the password. The browser is known."""
    for one in (Step.PASSWORD, Step.CODE) if step == Step.CODE else (step,):
        throttle.forget_own(attempt_of(request, step=one, account=user.username))
    browsers.remember(request, response, user.username)


def left(request: HttpRequest, leave: Callable[[], Answer]) -> Answer:
    """Carry a sign-out out and record it, both or neither.

    The event comes first: while it cannot be written the person stays signed in, and may try
    again. Only what is posted signs out.
    """
    leaving = User.objects.filter(pk=request.user.pk).first()
    with transaction.atomic():
        if leaving and request.method == "POST":
            sign_out(by=leaving, address=address_of(request))
        return leave()


@act(SIGNED_IN)
def sign_in(*, by: User, address: str, factor: str) -> None:
    said: dict[str, Any] = {"factor": factor} if factor else {}
    note(target=_named(by), address=address, **said)


@act("credit_portal.signed_out")
def sign_out(*, by: User, address: str) -> None:
    note(target=_named(by), address=address)


def _named(user: User) -> tuple[str, int, str]:
    """Coming and going changes nothing of an account: what somebody else may have made of it
    behind the portal's back is not stated anew."""
    return user._meta.label_lower, user.pk, str(user)


def failed(
    *,
    step: str = Step.PASSWORD,
    account: str,
    address: str,
    at: dt.datetime,
    looked_at: bool = True,
) -> None:
    """Count a failure; the first within a minute writes the event. Not `looked_at` is what was
    typed while one had to wait, right or wrong."""
    user = User.objects.filter(username=User.normalize_username(account)).first()
    with transaction.atomic():
        counted = _row(step, user.username if user else "", throttle.network_of(address), at)
        counted.untold += 1
        counted.unlooked += not looked_at
        if counted.told_at <= at - WINDOW:
            _tell(counted, at=at)
        counted.save()


def _row(step: str, account: str, address: str, at: dt.datetime) -> FailedSignIn:
    """The row a failure is counted in, locked: that of its address, or of all further ones.

    The latter is locked first: at once from a hundred addresses are not a hundred rows.
    """
    rows = FailedSignIn.objects.select_for_update()
    of_account = {"step": step, "account": account}
    others, _made = rows.get_or_create(
        **of_account, address=ELSEWHERE, defaults={"told_at": at, "untold": 0}
    )
    if own := rows.filter(**of_account, address=address).first():
        return own
    apart = FailedSignIn.objects.filter(**of_account).exclude(address=ELSEWHERE)
    if apart.count() >= TOLD_APART:
        return others
    return FailedSignIn(**of_account, address=address, told_at=at - WINDOW)


def tell_counted(*, at: dt.datetime) -> int:
    """Write the events of failures counted for a minute and forget the rows that are quiet; how
    many events. Called by the sweep."""
    due = FailedSignIn.objects.filter(told_at__lte=at - WINDOW)
    return sum(_tell_or_forget(key, at=at) for key in due.values_list("pk", flat=True))


def _tell_or_forget(key: int, *, at: dt.datetime) -> bool:
    """Of several processes that find the same row one writes the event."""
    with transaction.atomic():
        rows = FailedSignIn.objects.select_for_update()
        counted = rows.filter(pk=key, told_at__lte=at - WINDOW).first()
        if counted is None:
            return False
        if not counted.untold:
            counted.delete()
            return False
        _tell(counted, at=at)
        counted.save()
        return True


def _tell(counted: FailedSignIn, *, at: dt.datetime) -> None:
    """Write the event of a row that is locked; the count goes back when that cannot be done."""
    user = User.objects.filter(username=counted.account).first()
    said: dict[str, Any] = {"address": counted.address or "?", "times": counted.untold}
    codes = FAILED
    if counted.unlooked:
        codes, said["unlooked"] = NOT_ALL_LOOKED_AT, counted.unlooked
    record_refusal(
        act=SIGNED_IN,
        by=user or UNKNOWN,
        exc=Refused(codes[counted.step], **said),
        target=user,
        durable=False,
    )
    counted.told_at, counted.untold, counted.unlooked = at, 0, 0


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy what the proxy itself added last. "" for what
    cannot be read."""
    behind_proxy = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    if not (behind_proxy and forwarded):
        return _plain(request.META.get("REMOTE_ADDR", ""))
    if not (address := _plain(_without_port(forwarded))):
        _warn_of_proxy(forwarded[:60])
    return address


def _plain(said: str) -> str:
    """An address as it is written everywhere; "" for none, or for one of a single host's line."""
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return ""
    if getattr(found, "scope_id", None):
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _without_port(said: str) -> str:
    """Some proxies add it: 203.0.113.9:5678, [2001:db8::9]:443."""
    if said.startswith("["):
        return said[1:].partition("]")[0]
    return said.partition(":")[0] if said.count(":") == 1 else said


def _warn_of_proxy(said: str) -> None:
    """Once in the life of a process: nobody can be told apart, and all wait for each other."""
    if not _warned:
        _warned.append(said)
        logger.warning("X-Forwarded-For ends in no address: %r; all count as one network", said)


_warned: list[str] = []
