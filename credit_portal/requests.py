"""A line for every request, and its name on every line that is logged while it is answered."""

import secrets
import string
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from credit_portal import sign_in

logger = structlog.stdlib.get_logger(__name__)
QUIET = frozenset({"/healthz", "/readyz"})


class LogMiddleware:
    """Says who asked for what and what became of it; neither what was sent nor what was searched
    for. A request is named anew here, never by its sender."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
        began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=name)
        try:
            response = self.get_response(request)
            _say(request, response, time.monotonic() - began)
        finally:
            structlog.contextvars.clear_contextvars()
        response.headers["X-Request-ID"] = name
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """The middleware that know person and page have been passed by now."""
        user = getattr(request, "_cached_user", None)  # a page that asks for nobody loads none
        assert request.resolver_match is not None  # noqa: S101 -- Django sets it before process_view
        structlog.contextvars.bind_contextvars(
            user=user.get_username() if user else "",
            act=f"{request.method} {request.resolver_match.view_name}",
        )


def _say(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    is_polling = request.method == "GET" and "HX-Request" in request.headers
    say = logger.debug if request.path in QUIET or is_polling else logger.info
    say(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(seconds * 1000),
        address=sign_in.address_of(request),
        agent=request.headers.get("User-Agent", "")[:200],
    )
