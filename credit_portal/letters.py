"""The page on which anybody can check a letter: number, date and kind, nothing more."""

import math
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from credit_portal import sign_in, throttle
from credit_portal.throttle import Attempt
from notices import letters

LONGEST = 60


def check(request: HttpRequest) -> HttpResponse:
    """By hand or by the QR of the letter. Each check is a try and is counted: codes are not to be
    guessed. Source: domain facts 7."""
    number = request.GET.get("number", "").strip()[:LONGEST]
    code = request.GET.get("code", "").strip()[:LONGEST]
    context = {"number": number, "code": code, "asked": bool(number or code)}
    if not (number and code):
        return render(request, "portal/letter.html", context)
    at = timezone.now()
    attempt = Attempt(
        "letter", letters.plain_number(number), throttle.network_of(sign_in.address_of(request))
    )
    if left := throttle.wait(attempt, at=at):
        minutes = math.ceil(left.total_seconds() / 60)
        status = HTTPStatus.TOO_MANY_REQUESTS
        return render(request, "portal/letter.html", {**context, "wait": minutes}, status=status)
    found = letters.confirm(number, code)
    if found is not None:
        throttle.was_right(attempt, at=at)
        throttle.forget_own(attempt)
    return render(request, "portal/letter.html", {**context, "found": found})
