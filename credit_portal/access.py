"""Which address asks for which permission: the table access.csv, held by one middleware.

It answers "may this person be here at all"; whether a single thing is theirs is answered by
`roster.scope` where the thing is read. Source: R2, R3.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect

from audit.refusal import Refused, record_refusal
from credit_portal.edge import permission_denied
from credit_portal.second_factor import is_missing
from credit_portal.sign_in_pages import address_of_sign_in
from roster import scope
from roster.enums import Permission

TABLE = Path(__file__).with_name("access.csv")
PUBLIC = "public"
SIGNED_IN = "signed-in"
ENTERING = "entering"
"""Signed in, also while the second step that is asked for is not set up yet."""


@dataclass(frozen=True)
class Row:
    """Addresses whose name fits, and the permissions of which one is enough."""

    name: str
    permissions: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        return self.permissions == (PUBLIC,)

    def fits(self, view_name: str) -> bool:
        return fnmatchcase(view_name, self.name)

    def admits(self, user: Any) -> bool:
        return self.is_public or (
            user.is_authenticated
            and any(
                word in (SIGNED_IN, ENTERING) or scope.may(user, word) for word in self.permissions
            )
        )

    @property
    def is_way_in(self) -> bool:
        return self.is_public or self.permissions == (ENTERING,)


@cache
def table() -> tuple[Row, ...]:
    """All rows as they stand in the file; an unknown permission or a double name stops start-up."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = tuple(
            Row(name=line["address"], permissions=tuple(line["permissions"].split("|")))
            for line in csv.DictReader(file)
        )
    check(rows)
    return rows


def check(rows: Iterable[Row]) -> None:
    """Raise ImproperlyConfigured for a row that says nothing, or two rows of one name."""
    allowed = {PUBLIC, SIGNED_IN, ENTERING, *Permission.values}
    seen: set[str] = set()
    for row in rows:
        unknown = set(row.permissions) - allowed
        if unknown or (PUBLIC in row.permissions and len(row.permissions) > 1):
            raise ImproperlyConfigured(
                f"access.csv, {row.name}: permissions {'|'.join(row.permissions)!r}; "
                f"allowed: {', '.join(sorted(allowed))}."
            )
        if row.name in seen:
            raise ImproperlyConfigured(f"access.csv has {row.name} twice.")
        seen.add(row.name)


@cache
def row_for(view_name: str) -> Row | None:
    """The first row that fits; None for an address that nobody has thought about."""
    return next((row for row in table() if row.fits(view_name)), None)


class AccessMiddleware:
    """Asks the table before any view runs; an address without a row is closed. What is answered
    behind it to somebody signed in, no browser and no proxy keeps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated or not _is_public(request):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        assert request.resolver_match is not None  # noqa: S101 -- Django sets it before process_view
        name = request.resolver_match.view_name
        row = row_for(name)
        is_way_in = row is not None and row.is_way_in
        if request.user.is_authenticated and not is_way_in and is_missing(request.user):
            return lead(request, reverse("mfa_activate_totp"))
        if row is not None and row.admits(request.user):
            return None
        if not request.user.is_authenticated:
            ended = getattr(request, "session_ended", "")
            return lead(request, address_of_sign_in(request, ended=ended))
        record_refusal(
            act=f"{request.method} {name}",
            by=request.user,
            exc=Refused("credit_portal.no_access", address=name),
        )
        return permission_denied(request)


def _is_public(request: HttpRequest) -> bool:
    match = request.resolver_match  # None where there is no such address
    row = row_for(match.view_name) if match else None
    return match is None or (row is not None and row.is_public)


def lead(request: HttpRequest, address: str) -> HttpResponse:
    """Elsewhere; of a part of a page the whole page goes."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
