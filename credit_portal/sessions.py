"""How long a sign-in lasts: while it is used, and no longer than a working day. Source: R64.

That it also ends when password, post or second factor change: `User.get_session_auth_hash`.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from credit_portal.busy import is_busy
from roster.models import User

BEGUN = "credit_portal.begun"
SEEN = "credit_portal.seen"
HALF = "credit_portal.half"
"""What an account was when its password was typed; until the sign-in is completed."""
SEEN_EVERY = dt.timedelta(minutes=1)
"""A session is written no more often than that."""
FRESH = dt.timedelta(minutes=5)


@receiver(user_logged_in)
def begin(request: HttpRequest, **_said: Any) -> None:
    request.session[BEGUN] = request.session[SEEN] = timezone.now().timestamp()


def begin_half(request: HttpRequest, user: User) -> None:
    """The password was right; there may be a second step."""
    request.session[HALF] = user.get_session_auth_hash()


def is_as_begun(request: HttpRequest, user: User) -> bool:
    """Whether password, posts and second step are still those the password was typed with."""
    begun = request.session.pop(HALF, "")
    return constant_time_compare(begun, user.get_session_auth_hash())


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
        _see(request.session, at)


def _see(session: Any, at: dt.datetime) -> None:
    """Write the instant at once, into what the row says now. Written with all the rest behind the
    view, it would put back the digest that a page answered meanwhile has renewed (`stay`)."""
    was_modified = session.modified
    session[SEEN] = at.timestamp()
    session.modified = was_modified
    try:
        with transaction.atomic():
            rows = Session.objects.select_for_update()
            if row := rows.filter(pk=session.session_key).first():
                row.session_data = session.encode(row.get_decoded() | {SEEN: at.timestamp()})
                row.save(update_fields=["session_data"])
    except OperationalError as fault:
        if not is_busy(fault):  # the next page will do
            raise


def stay(request: HttpRequest, user: User) -> None:
    """This browser stays signed in behind a change of the own password or second step; all other
    sessions of the account have ended.

    Called in the transaction of the change: whoever sees the one sees the other. The key of the
    session stays, so that the same form sent again is known for it: docs/decisions/0017-sign-in.md.
    """
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    with suppress(UpdateError):  # signed out meanwhile: `interrupted` says so behind the view
        request.session.save()


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
        "half": _("请先输入账号和密码。密码正确后，须在{minutes}分钟内输入动态码。").format(
            minutes=settings.ACCOUNT_LOGIN_TIMEOUT // 60
        ),
        "sign_on": _("没有通过{name}登录。请重试，或用账号和密码登录。").format(
            name=settings.OIDC_NAME
        ),
        "sign_on_refused": _("这个账号已停用，或者不能再登录。请联系省级安全管理员。"),
        "reset": _("密码已重新设置。请用新密码登录。"),
        "left": _("您的登录已经结束（例如在另一个窗口退出了登录），请重新登录。"),
        "left_done": _(
            "您的登录在办理期间已经结束（例如在另一个窗口退出了登录），请重新登录。"
            "刚才提交的操作已经办理，不必再次提交；登录后请核对。"
        ),
        "left_perhaps": _(
            "您的登录在办理期间已经结束（例如在另一个窗口退出了登录），请重新登录。"
            "刚才提交的操作可能已经办理：登录后请先核对，再决定是否重新提交。"
        ),
    }.get(reason, "")
