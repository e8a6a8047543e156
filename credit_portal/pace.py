"""How fast one account may send forms from the enterprises' pages.

A filing costs a transaction, and a draft with its files room on the disk: an account that sends
without end is told to wait before any view is asked. Source: R29; domain facts 5 leave the pace open.
"""

import datetime as dt
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from credit_portal import throttle
from credit_portal.once import SAFE

FORMS = 120
"""In a quarter of an hour; an application takes about five. Default, no source."""
PAGES = "enterprise_"
"""How the names of the enterprises' addresses begin."""


class PaceMiddleware:
    """Behind the question who may be here, before a form is kept to be carried out once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        assert request.resolver_match is not None  # noqa: S101 -- Django sets it before process_view
        of_enterprises = request.resolver_match.view_name.startswith(PAGES)
        if request.method in SAFE or not of_enterprises or not request.user.is_authenticated:
            return None
        account = request.user.get_username()
        left = throttle.too_often(PAGES, account, most=FORMS, at=timezone.now())
        return please_wait(request, left) if left else None


def please_wait(request: HttpRequest, left: dt.timedelta) -> HttpResponse:
    """What is told to an account that sends forms without end."""
    minutes = math.ceil(left / dt.timedelta(minutes=1))
    said = HTTPStatus.TOO_MANY_REQUESTS
    answer = render(request, "enterprise/wait.html", {"minutes": minutes}, status=said)
    answer.headers["Retry-After"] = str(math.ceil(left.total_seconds()))
    return answer


__all__ = ["FORMS", "PaceMiddleware", "please_wait"]
