"""Pages outside the admin: what the portal is for, the policy by clause and as issued, the first
page of an enterprise."""

from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate

from credit_portal import sign_in
from grading import policy
from roster.models import Enterprise
from roster.scope import represented


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


def enterprise_home(request: HttpRequest) -> HttpResponse:
    """What a representative finds until an enterprise has pages of its own."""
    codes = represented(request.user, on=localdate())
    enterprises = Enterprise.objects.filter(pk__in=codes).select_related("keeper")
    return render(request, "portal/enterprise.html", {"enterprises": enterprises})


def policy_original(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/original.html",
        {"number": policy.NUMBER, "paragraphs": policy.original()},
    )
