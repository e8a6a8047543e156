"""Forms at the edge: each brings its one-time key, and one that was carried out is not again.

The same form is the same key with the same contents at the same address: what comes again from a
second click, a slow answer or the way back is led to where the first one was. With other contents
it is another wish, and the version it carries decides.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from audit import once
from audit.models import SentForm
from audit.refusal import Refused, explain_code
from credit_portal.busy import is_busy
from credit_portal.edge import not_done

logger = logging.getLogger(__name__)

FREE = {
    "admin:login": "nobody is signed in yet; signing in twice is being signed in",
    "account_login": "likewise",
    "mfa_authenticate": "the second step of the same",
    "account_reauthenticate": "says once more who one is, and changes nothing",
    "admin:logout": "who has left cannot leave again",
    "sign_out": "likewise",
    "set_language": "a wish of the reader's eyes, kept in a cookie",
    "admin:*_export": "a copy for each press, and each is recorded",
}
"""Addresses whose forms need no key, and why."""

FORM_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)
CSRF = "csrfmiddlewaretoken"
BUTTONS = frozenset({"_save", "_continue", "_addanother", "_saveasnew"})
"""Which of them was pressed says where to go afterwards, not what is to be done."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing; every other one brings a form. RFC 9110, 9.2.1."""

View = Callable[..., HttpResponseBase]


def is_free(view_name: str) -> bool:
    return any(fnmatchcase(view_name, name) for name in FREE)


class OnceMiddleware:
    """Carries a form out once; the innermost, so that who may be here is settled already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with once.watching():
            response = self.get_response(request)
            if 300 <= response.status_code < 400:
                _keep_answer(response)
            elif response.status_code < 500 and (done := once.earlier()):
                return _again(request, done)
            return response

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        assert request.resolver_match is not None  # noqa: S101 -- Django sets it before process_view
        name = request.resolver_match.view_name
        if request.method in SAFE or not request.user.is_authenticated or is_free(name):
            return None
        if not FORM_KEY.fullmatch(request.POST.get(once.KEY, "")):
            return not_done(request, explain_code("credit_portal.form_without_key", {}))
        once.arrive(_arrival(request))
        done = once.earlier()
        return _again(request, done) if done else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What is refused because the first arrival has done it is no refusal."""
        if isinstance(exception, once.CarriedOut | Refused | PermissionDenied | Http404):
            done = once.earlier()
            return _again(request, done) if done else None
        return None


def _arrival(request: HttpRequest) -> once.Arrival:
    read = request.POST.get(once.READ, "")
    return once.Arrival(
        account=request.user.get_username(),
        digest=_digest(request),
        read=int(read) if read.isascii() and read.isdigit() and len(read) < 19 else None,
    )


def _digest(request: HttpRequest) -> str:
    """Of the key, the address and all that the form says, whichever button it was sent with."""
    said = [("", request.get_full_path()), *_values(request), *_files(request)]
    return hashlib.sha256(json.dumps(sorted(said)).encode()).hexdigest()


def _values(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name != CSRF and name not in BUTTONS:
            yield from ((name, value) for value in values)


def _files(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, files in request.FILES.lists():
        for file in files:
            yield name, f"{file.name} {hashlib.file_digest(file, 'sha256').hexdigest()}"
            file.seek(0)


def _keep_answer(response: HttpResponseBase) -> None:
    """Without it a later arrival is led to what the act was about; the act itself stands."""
    try:
        once.answered(response.headers["Location"])
    except OperationalError as fault:
        if not is_busy(fault):
            raise
        logger.warning("The answer to a form was not kept: %s", fault)


def _again(request: HttpRequest, done: SentForm) -> HttpResponse:
    """The answer of the first time, with a word that it is not done twice."""
    at = timezone.localtime(done.at).strftime("%Y-%m-%d %H:%M:%S")
    code = "credit_portal.done_already" if done.location else "credit_portal.done_unanswered"
    messages.info(request, explain_code(code, {"at": at}))
    return HttpResponseRedirect(done.location or _page_about(request, done))


def _page_about(request: HttpRequest, done: SentForm) -> str:
    """The page of what the act was about, where the person may see it."""
    owner: Any
    for model, owner in admin.site._registry.items():
        named = model._meta.label_lower == done.target_type
        if named and (row := owner.get_object(request, done.target_id)):
            return owner.change_url(row)
    return reverse("admin:index")
