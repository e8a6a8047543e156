"""Pages outside the admin: what the portal is for, the policy by clause and as issued."""

from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from credit_portal import sign_in
from grading import policy


def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/front.html",
        {"title": policy.TITLE, "number": policy.NUMBER, "parts": policy.PARTS},
    )


def policy_text(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/policy.html",
        {
            "title": policy.TITLE,
            "number": policy.NUMBER,
            "basis": policy.BASIS,
            "parts": policy.PARTS,
            "readings": policy.READINGS,
        },
    )


def sign_out(request: HttpRequest) -> HttpResponseBase:
    """For who has no desk: the admin's own refuses anybody without one."""
    leave = LogoutView.as_view(next_page="home")
    return sign_in.left(request, lambda: leave(request))


def policy_original(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/original.html",
        {"number": policy.NUMBER, "paragraphs": policy.original()},
    )
