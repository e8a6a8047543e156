"""How long a sign-in lasts: while it is used, and no longer than a working day. Source: R64.

That it also ends when password, post or second factor change: `User.get_session_auth_hash`.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

BEGUN = "credit_portal.begun"
SEEN = "credit_portal.seen"
SEEN_EVERY = dt.timedelta(minutes=1)
"""A session is written no more often than that."""
FRESH = dt.timedelta(minutes=5)


@receiver(user_logged_in)
def begin(request: HttpRequest, **_said: Any) -> None:
    request.session[BEGUN] = request.session[SEEN] = timezone.now().timestamp()


class SessionLimitMiddleware:
    """Ends a session that was left alone or is over, and says to the views behind which it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.session_ended = ""  # type: ignore[attr-defined]
        if SESSION_KEY in request.session:
            _look_after(request, at=timezone.now())
        return self.get_response(request)


def _look_after(request: HttpRequest, *, at: dt.datetime) -> None:
    ended = _ended(request.session, at) or ("" if request.user.is_authenticated else "changed")
    if ended:
        logout(request)
        request.session_ended = ended  # type: ignore[attr-defined]
        return
    # A page that asks by itself how far a run has got is nobody at work.
    is_somebody = "HX-Request" not in request.headers
    if is_somebody and at.timestamp() - request.session.get(SEEN, 0) >= SEEN_EVERY.seconds:
        request.session[SEEN] = at.timestamp()


def _ended(session: Any, at: dt.datetime) -> str:
    now = at.timestamp()
    if now - session.get(BEGUN, 0) >= settings.SESSION_HOURS * 3600:
        return "over"
    if now - session.get(SEEN, now) >= settings.SESSION_IDLE_MINUTES * 60:
        return "idle"
    return ""


def forget(*, at: dt.datetime) -> int:
    """Remove the sessions that are over; how many. Called by the sweep."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session was begun a moment ago."""
    return timezone.now().timestamp() - request.session.get(BEGUN, 0) < FRESH.seconds


def why_ended(reason: str) -> str:
    """The sentence for the sign-in page; "" for what is no reason."""
    return {
        "idle": _("您已超过{minutes}分钟没有操作，登录已结束，请重新登录。").format(
            minutes=settings.SESSION_IDLE_MINUTES
        ),
        "over": _("登录已满{hours}小时，请重新登录。").format(hours=settings.SESSION_HOURS),
        "changed": _("账号的密码、岗位、两步验证或启用状态已有变更，请重新登录。"),
    }.get(reason, "")
