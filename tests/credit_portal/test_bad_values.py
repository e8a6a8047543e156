"""No value in an address, a filter or a form gives a fault page, for the people let in there."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from credit_portal import access
from roster.enums import Permission, Role
from roster.models import Agency, User
from tests.browser import Browser
from tests.factories.cases import drafted, sent, speaker
from tests.factories.grading import County, code, load_reference, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]
DAYS = ("2025-07-01", "2025-08-01")

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
    people.append(_objecting(county))
    return [signed_in(user) for user in people]


def _objecting(county: County) -> User:
    """Who speaks for an enterprise, with a case that is being verified and a draft."""
    speaks = speaker(code(3))
    first, second = (county.give(code(3), "penalty_other", day).pk for day in DAYS)
    sent(drafted(speaks, code(3), [first]))
    drafted(speaks, code(3), [second])
    return speaks


def signed_in(user: object) -> Client:
    client = Browser(raise_request_exception=False)
    client.force_login(user)  # type: ignore[arg-type]
    client.user = get_user_model().objects.get(pk=user.pk)  # type: ignore[attr-defined]
    return client


def named_patterns() -> Iterator[tuple[str, URLPattern]]:
    """The pages of the admin, and those of the enterprises one speaks for."""
    for name, pattern in _flat(get_resolver().url_patterns, ""):
        row = access.row_for(name)
        is_own = row is not None and row.permissions == (Permission.OWN_ENTERPRISE,)
        if is_own or name.startswith("admin:"):
            yield name, pattern


def admin_patterns() -> Iterator[URLPattern]:
    return (pattern for name, pattern in named_patterns() if name.startswith("admin:"))


def _flat(patterns: list, space: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern
        else:
            name = getattr(pattern, "namespace", None)
            yield from _flat(pattern.url_patterns, f"{name}:" if name else space)


def let_in(officers: list[Client], name: str) -> list[Client]:
    row = access.row_for(name)
    return [client for client in officers if row is not None and row.admits(client.user)][:2]


def addresses(value: str) -> Iterator[tuple[str, str]]:
    """Name and address of every such page, the value in every place an address has."""
    for name, pattern in named_patterns():
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
            names = set(INPUT.findall(page.content.decode("utf-8", "replace")))
            names -= {"csrfmiddlewaretoken", "next"}
            wrong += [
                f"{address} {value[:12]!r}: {page.status_code}, {sorted(names)}"
                for value in NASTY[::2]
                if page.status_code >= 500
                or (names and client.post(address, dict.fromkeys(names, value)).status_code >= 500)
            ]

    assert wrong == []
