"""Who signed in, who did not get in, who signed out: events of the edge. Source: R64, 七(二).

A password is never kept, nor what was typed as an account that does not exist: it may be one.
A flood of failures does not flood the chain. The first failure of an account from an address is
an event at once; later ones are counted in a row of `FailedSignIn`, and the count becomes one
event a minute: with the next failure, or by the sweep. Unknown accounts of an address are counted
together, and so are the addresses of an IPv6 network. Nobody is locked out here.
"""

import datetime as dt
import ipaddress
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone

from audit.acts import Account, act, note
from audit.refusal import Refused, record_refusal
from credit_portal.models import FailedSignIn
from roster.models import User

SIGNED_IN = "credit_portal.signed_in"
UNKNOWN = Account(username="未知账号")
WINDOW = dt.timedelta(minutes=1)
Answer = TypeVar("Answer", bound=HttpResponseBase)


def attempted(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record what came of a sent sign-in form; one that says nothing is no attempt."""
    if isinstance(response, HttpResponseRedirect) and isinstance(request.user, User):
        _came_in(request, request.user)
    elif request.POST.get("username", "").strip() and request.POST.get("password"):
        failed(
            account=request.POST["username"].strip(),
            address=address_of(request),
            at=timezone.now(),
        )


def _came_in(request: HttpRequest, user: User) -> None:
    """Whose event cannot be written is not let in."""
    try:
        sign_in(by=user, address=address_of(request))
    except BaseException:
        request.session.clear()  # it is stored behind the view, whatever becomes of that
        raise


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
def sign_in(*, by: User, address: str) -> None:
    note(target=_named(by), address=address)


@act("credit_portal.signed_out")
def sign_out(*, by: User, address: str) -> None:
    note(target=_named(by), address=address)


def _named(user: User) -> tuple[str, int, str]:
    """Coming and going changes nothing of an account: what somebody else may have made of it
    behind the portal's back is not stated anew."""
    return user._meta.label_lower, user.pk, str(user)


def failed(*, account: str, address: str, at: dt.datetime) -> None:
    """Count a failure; the first within a minute writes the event."""
    user = User.objects.filter(username=User.normalize_username(account)).first()
    with transaction.atomic():
        counted, made = FailedSignIn.objects.select_for_update().get_or_create(
            account=user.username if user else "",
            address=_counted_with(address),
            defaults={"told_at": at, "untold": 0},
        )
        counted.untold += 1
        if made or counted.told_at <= at - WINDOW:
            _tell(counted, at=at)
        counted.save()


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
    said = {"address": counted.address or "?", "times": counted.untold}
    record_refusal(
        act=SIGNED_IN,
        by=user or UNKNOWN,
        exc=Refused("credit_portal.sign_in_failed", **said),
        target=user,
        durable=False,
    )
    counted.told_at, counted.untold = at, 0


def _counted_with(address: str) -> str:
    """Of IPv6 the whole /64: one line has all of it, and a new address for every attempt."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((int(ipaddress.IPv6Address(address)), 64), strict=False))


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy what the proxy itself added last."""
    behind_proxy = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    said = forwarded if behind_proxy and forwarded else request.META.get("REMOTE_ADDR", "")
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)
