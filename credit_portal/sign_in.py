"""Who signed in, who did not get in, who signed out: events of the edge. Source: R64, 七(二).

A password is never kept, nor what was typed as an account that does not exist: it may be one.
A flood of failures does not flood the chain. The first failure of an account from an address is
an event at once; later ones are counted in a row of `FailedSignIn`, and the count becomes one
event a minute: with the next failure, or by the sweep. Unknown accounts of an address are counted
together. Nobody is locked out here.
"""

import datetime as dt
import ipaddress
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db.models import F
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
        sign_in(by=request.user, address=address_of(request))
    elif request.POST.get("username", "").strip() and request.POST.get("password"):
        failed(
            account=request.POST["username"].strip(),
            address=address_of(request),
            at=timezone.now(),
        )


def left(request: HttpRequest, leave: Callable[[], Answer]) -> Answer:
    """Carry a sign-out out, and record it when somebody did leave."""
    leaving = User.objects.filter(pk=request.user.pk).first()
    answer = leave()
    if leaving and not request.user.is_authenticated:
        sign_out(by=leaving, address=address_of(request))
    return answer


@act(SIGNED_IN)
def sign_in(*, by: User, address: str) -> None:
    note(target=by, address=address)


@act("credit_portal.signed_out")
def sign_out(*, by: User, address: str) -> None:
    note(target=by, address=address)


def failed(*, account: str, address: str, at: dt.datetime) -> None:
    """Count a failure; the first within a minute writes the event."""
    user = User.objects.filter(username=account).first()
    counted, made = FailedSignIn.objects.get_or_create(
        account=user.username if user else "",
        address=address,
        defaults={"told_at": at, "untold": 0},
    )
    if made:
        _tell(user, address, 1)
    else:
        FailedSignIn.objects.filter(pk=counted.pk).update(untold=F("untold") + 1)
        counted.refresh_from_db()
        if counted.told_at <= at - WINDOW:
            _tell_counted(counted, at=at)


def tell_counted(*, at: dt.datetime) -> int:
    """Write the events of failures counted for a minute and forget the rows that are quiet; how
    many events. Called by the sweep."""
    told = 0
    for counted in FailedSignIn.objects.filter(told_at__lte=at - WINDOW):
        if counted.untold:
            told += _tell_counted(counted, at=at)
        else:
            FailedSignIn.objects.filter(pk=counted.pk, told_at=counted.told_at, untold=0).delete()
    return told


def _tell_counted(counted: FailedSignIn, *, at: dt.datetime) -> bool:
    """Of several processes that find the same row one writes the event."""
    won = FailedSignIn.objects.filter(
        pk=counted.pk, told_at=counted.told_at, untold=counted.untold
    ).update(told_at=at, untold=0)
    if not won:
        return False
    _tell(User.objects.filter(username=counted.account).first(), counted.address, counted.untold)
    return True


def _tell(user: User | None, address: str, times: int) -> None:
    record_refusal(
        act=SIGNED_IN,
        by=user or UNKNOWN,
        exc=Refused("credit_portal.sign_in_failed", address=address or "?", times=times),
        target=user,
    )


def address_of(request: HttpRequest) -> str:
    """Where a request comes from; behind a proxy what the proxy itself added last."""
    behind_proxy = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    said = forwarded if behind_proxy and forwarded else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return ""
