"""No value in an address, a filter or a form gives a fault page, for the people let in there."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from credit_portal import access
from roster.enums import Role
from roster.models import Agency
from tests.browser import Browser
from tests.factories.grading import County, code, load_reference, person

pytestmark = pytest.mark.django_db

NASTY = (
    "99999999999999999999999999",
    "9" * 1_900,
    "冀" * 600,
    "9999-99-99",
    "10000-01-01",
    "-1",
    "' OR 1=1 --",
    "_2D../\u202e\ufeff%",
    "True",
)
ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
INPUT = re.compile(r'<(?:input|select|textarea)[^>]*? name="([^"]+)"')
SIGNING_OUT = {"admin:logout", "admin:login", "admin:password_change"}


@pytest.fixture
def officers() -> list[Client]:
    """One signed-in client for each of the people who between them may open every page."""
    load_reference()
    province, county = County.make("130000"), County.make()
    county.register([code(1), code(2), code(3)])
    county.give(code(3), "penalty_other", "2025-06-01")
    county.run()
    office = Agency.objects.get(pk=province.agency.pk)
    people = [province.clerk, province.approver, county.clerk, county.approver]
    people += [person(f"admin-{role}", office, role) for role in ROLES]
    return [signed_in(user) for user in people]


def signed_in(user: object) -> Client:
    client = Browser(raise_request_exception=False)
    client.force_login(user)  # type: ignore[arg-type]
    client.user = get_user_model().objects.get(pk=user.pk)  # type: ignore[attr-defined]
    return client


def admin_patterns() -> Iterator[URLPattern]:
    for found in get_resolver().url_patterns:
        if getattr(found, "namespace", None) == "admin":
            yield from _flat(found.url_patterns)


def _flat(patterns: list) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from _flat(pattern.url_patterns)


def let_in(officers: list[Client], name: str) -> list[Client]:
    row = access.row_for(name)
    return [client for client in officers if row is not None and row.admits(client.user)][:2]


def addresses(value: str) -> Iterator[tuple[str, str]]:
    """Name and address of every admin page, the value in every place an address has."""
    for pattern in admin_patterns():
        name = f"admin:{pattern.name}"
        places = list(pattern.pattern.converters)
        if name in SIGNING_OUT or pattern.name is None or "app_label" in places:
            continue
        try:
            yield name, reverse(name, kwargs=dict.fromkeys(places, value))
        except NoReverseMatch:
            continue  # the address itself takes no such value


def test_no_object_id_is_a_fault(officers: list[Client]) -> None:
    wrong = [
        f"{address} {answer.status_code}"
        for value in NASTY[::2]
        for name, address in addresses(value)
        for client in let_in(officers, name)[:1]
        if (answer := client.get(address)).status_code >= 500
    ]

    assert wrong == []


def test_no_filter_value_is_a_fault(officers: list[Client]) -> None:
    wrong = []
    for name, address in addresses("1"):
        for client in let_in(officers, name)[:1] if name.endswith("_changelist") else ():
            page = client.get(address).content.decode()
            names = {"q", "p", "o", "e", "all", "_popup", "id__exact", *INPUT.findall(page)}
            names -= {"csrfmiddlewaretoken", "next"}
            queries = [dict.fromkeys(names, value) for value in NASTY]
            queries += [{field: "-1"} for field in names]
            wrong += [
                f"{address} {query}"
                for query in queries
                if client.get(address, query).status_code >= 500
            ]

    assert wrong == []


def test_no_first_value_of_a_form_is_a_fault(officers: list[Client]) -> None:
    wrong = []
    for name, address in addresses("1"):
        for client in let_in(officers, name)[:1] if name.endswith("_add") else ():
            names = set(INPUT.findall(client.get(address).content.decode()))
            wrong += [
                f"{address} {value[:12]!r}"
                for value in NASTY[::2]
                if client.get(address, dict.fromkeys(names, value)).status_code >= 500
            ]

    assert wrong == []


def test_no_form_value_is_a_fault(officers: list[Client]) -> None:
    wrong = []
    for name, address in addresses("1"):
        for client in let_in(officers, name)[:1]:
            page = client.get(address)
            names = set(INPUT.findall(page.content.decode())) - {"csrfmiddlewaretoken", "next"}
            wrong += [
                f"{address} {value[:12]!r}: {page.status_code}, {sorted(names)}"
                for value in NASTY[::2]
                if page.status_code >= 500
                or (names and client.post(address, dict.fromkeys(names, value)).status_code >= 500)
            ]

    assert wrong == []
