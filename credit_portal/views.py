"""Pages that anybody may read: what the portal is for, the policy clause by clause and as issued."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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


def policy_original(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/original.html",
        {"number": policy.NUMBER, "paragraphs": policy.original()},
    )
