"""The browser knows in which accounts it has signed in: a signed cookie that says nothing else.

The throttle counts such a browser by itself (OWASP: device cookies), so that whoever tries an
account elsewhere does not make its owner wait.
"""

import datetime as dt
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from roster.models import User

COOKIE = "portal_browser"
SALT = "credit_portal.browsers"
KEPT = dt.timedelta(days=180)
ACCOUNTS = 10
"""Of a browser that several people use; the longest unused is forgotten first."""


def known(request: HttpRequest, account: str) -> str:
    """The name of the browser, if somebody has signed in to the account with it; else ""."""
    browser, accounts = _read(request)
    return browser if _marks(account).intersection(accounts) else ""


def remember(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    browser, accounts = _read(request)
    others = [mark for mark in accounts if mark not in _marks(account)]
    kept = [_mark(account), *others][:ACCOUNTS]
    response.set_signed_cookie(  # type: ignore[attr-defined]  # the stubs forget the base class
        COOKIE,
        ".".join([browser or secrets.token_hex(16), *kept]),
        salt=SALT,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    said = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=KEPT) or ""
    browser, *accounts = said.split(".")
    return browser, accounts


def _marks(account: str) -> set[str]:
    """The mark of an account, and those that keys which are being replaced have made."""
    return {_mark(account, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}


def _mark(account: str, key: str | None = None) -> str:
    name = User.normalize_username(account.strip())
    return salted_hmac(SALT, name, secret=key, algorithm="sha256").hexdigest()[:32]
