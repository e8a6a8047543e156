"""No value in an address, a filter, a form, a body or a header gives a fault page. Each page gets a
few of the values in turn; with SIDE_DOORS=all every one in every place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps

from credit_portal import sessions
from credit_portal.models import Tries
from roster.models import User
from roster.second_factor import set_up_second_factor
from tests.browser import Browser
from tests.factories.roster import PASSWORD

from . import crawler
from .crawler import APART, HEADERS, Page, Try
from .doors import ELSEWHERE, Door, doors
from .oracle import CHANGAN, PROVINCE
from .walking import Visitor, address, row_address
from .world import EXHAUSTIVE, World

CREW = (
    f"{CHANGAN}-lead-lead_clerk", f"{CHANGAN}-lead-lead_approver",
    f"{CHANGAN}-department-department_clerk", f"{PROVINCE}-lead-lead_clerk",
    f"{PROVINCE}-lead-system_admin", f"{PROVINCE}-lead-security_admin",
    f"{PROVINCE}-lead-audit_admin", "speaks",
)  # fmt: skip
"""People who between them may open every page."""
PATHS, AT_ONCE, SINGLES, HEADS, BODIES = (
    (0, 0, 0, len(HEADERS), 100) if EXHAUSTIVE else (2, 1, 3, 1, 5)
)
"""How many of each kind a page gets; 0: all."""
ANSWERS = {200, 204, 302, 400, 403, 404, 405, 409, 413}


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_value_anywhere_is_a_fault(store_dir) -> None:
    """Each request in its own transaction, as in the portal: on PostgreSQL a value that no column
    takes leaves a broken one behind. A body that ends in the middle of a file leaves that file, which
    has no name, to be closed by the collector."""
    world, wrong, sent = World.make(), [], 0
    for name in CREW:
        me = Visitor(world, name)
        for one in tries(me):
            sent += 1
            answer = one.send(me.client)
            answer.close()
            if answer.status_code not in ANSWERS:
                wrong.append(f"{answer.status_code} {name} {one}")
            if one.head and one.head[0][0] == "Cookie":
                me = Visitor(world, name)
    assert not wrong, "\n".join(wrong)
    assert sent > 1_000


# --- the ways in and out ---------------------------------------------------------------------------


def stranger(world: World) -> Browser:
    return Browser(raise_request_exception=False)


def at_a_desk(world: World) -> Browser:
    return Visitor(world, CREW[0]).client


def since_this_morning(world: World) -> Browser:
    """Signed in so long ago that the password is asked for again."""
    client = at_a_desk(world)
    session = client.session
    session[sessions.BEGUN] -= 3_600
    session.save()
    return client


def account(world: World) -> str:
    """Of the person whose phone is bound."""
    return world.person(PROTECTED).username


def half_way(world: World) -> Browser:
    """Behind the password, in front of the code."""
    client = stranger(world)
    answer = client.post("/admin/login/", {"username": account(world), "password": PASSWORD})
    assert answer.headers["Location"] == "/account/code/"
    return client


PROTECTED = CREW[1]
"""Whose phone is bound."""
PASSWORDS = {"old_password": PASSWORD, "new_password1": "strange-Words-2026", "new_password2": "strange-Words-2026"}  # fmt: skip
SIGNING_IN = {"username": "somebody", "password": PASSWORD, "next": "/admin/"}
WAYS = [
    ("account_login", stranger, SIGNING_IN),
    ("account_login", at_a_desk, SIGNING_IN),
    ("admin:login", stranger, SIGNING_IN),
    ("mfa_authenticate", half_way, {"code": "123456", "next": "/admin/"}),
    ("mfa_authenticate", stranger, {"code": "123456"}),
    ("account_reauthenticate", since_this_morning, {"password": PASSWORD, "next": "/admin/"}),
    ("mfa_activate_totp", at_a_desk, {"code": "123456"}),
    ("mfa_activate_totp", since_this_morning, {"code": "123456"}),
    ("admin:password_change", at_a_desk, PASSWORDS),
    (
        "enterprise_register",
        stranger,
        {
            "full_name": "某人",
            "email": "",
            "password": PASSWORDS["new_password1"],
            "again": PASSWORDS["new_password1"],
        },
    ),
    ("enterprise_forgotten", stranger, {"username": "somebody"}),
    ("set_language", stranger, {"language": "en", "next": "/policy/"}),
    ("set_language", at_a_desk, {"language": "en", "next": "/policy/"}),
    ("sign_out", at_a_desk, {"next": "/"}),
    ("admin:logout", at_a_desk, {"next": "/"}),
]
"""Pages by which one comes in and goes out: by whom they are tried, and what they are sent."""
VALUES_OF_A_WAY = 0 if EXHAUSTIVE else 8
BODIES_OF_A_WAY = 100 if EXHAUSTIVE else 8


def test_all_that_is_left_out_elsewhere_is_tried_apart() -> None:
    assert {name for name, _by, _sent in WAYS} >= APART


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_value_at_a_way_in_or_out_is_a_fault(store_dir) -> None:
    """Each try by another client, so that none signs the next one out, and as the first of its
    quarter of an hour: what is not looked at because one waits finds no fault."""
    world, wrong = World.make(), []
    set_up_second_factor(by=world.person(PROTECTED), secret="JBSWY3DPEHPK3PXP" * 2)
    kept = dict(User.objects.values_list("pk", "password"))
    for turn, (name, client, fields) in enumerate(WAYS):
        known = fields | ({"username": account(world)} if "username" in fields else {})
        for one in tries_at(Page(address(name), tuple(known.items()), tuple(known), True), turn):
            answer = one.send(client(world))
            answer.close()
            if answer.status_code not in ANSWERS:
                wrong.append(f"{answer.status_code} {name} {client.__name__} {one}")
            Tries.objects.all().delete()
            for pk in {world.person(who).pk for who in CREW[:2]}:
                User.objects.filter(pk=pk).update(password=kept[pk])
    assert not wrong, "\n".join(wrong)


def tries_at(page: Page, turn: int) -> Iterator[Try]:
    """What is tried at one page: its form spoilt, bodies that are no form, its address, headers."""
    some = crawler.some_values(VALUES_OF_A_WAY, turn)
    yield from crawler.forms(page, some, VALUES_OF_A_WAY * 2, turn)
    yield from crawler.queries(page, page.names, some[:2], VALUES_OF_A_WAY, turn)
    every = list(crawler.bodies(page))
    yield from (every[turn * BODIES_OF_A_WAY % len(every) :] + every)[:BODIES_OF_A_WAY]
    yield from crawler.headers(page, HEADERS[turn % len(HEADERS) :][: VALUES_OF_A_WAY or None])


# --- what is tried ---------------------------------------------------------------------------------


def tries(me: Visitor) -> Iterator[Try]:
    """What a person tries: pages of the own, of others and of nobody."""
    mine = [door for door in doors() if first_let_in(door, me)]
    names = {door.name for door in mine} | ({*ELSEWHERE} if me.name == CREW[0] else set())
    for turn, (name, place) in enumerate(crawler.placed()):
        if name in names - APART:
            yield from crawler.paths(name, place, crawler.some_values(PATHS, turn))
    for turn, page in enumerate(pages(me, mine), start=CREW.index(me.name) * 97):
        yield from crawler.queries(
            page, page.names, crawler.some_values(AT_ONCE, turn), SINGLES, turn
        )
        yield from crawler.headers(page, HEADERS[turn * HEADS % len(HEADERS) :][:HEADS])
        if page.posts:
            yield from crawler.forms(page, crawler.some_values(AT_ONCE, turn), SINGLES, turn)
            every = list(crawler.bodies(page))
            yield from (every[turn * BODIES % len(every) :] + every)[: min(BODIES, len(every))]


def first_let_in(door: Door, me: Visitor) -> bool:
    """Whether the person is the first of the crew whose page it is."""
    before = CREW[: CREW.index(me.name)]
    people = me.world.people
    return door.opens(me.person) and not any(door.opens(people[name]) for name in before)


PLACED: dict[str, dict[str, object]] = {
    "admin:app_list": {"app_label": "roster"},
    "admin:view_on_site": {"content_type_id": 1, "object_id": 1},
    "openid_connect_login": {"provider_id": "province"},
    "openid_connect_callback": {"provider_id": "province"},
    "enterprise_bind_withdraw": {"binding_id": 1},
    "enterprise_reset": {"uidb64": "MQ", "token": "c5h4q3-0123456789abcdef"},
}
"""What stands in the addresses of pages of no table."""


def pages(me: Visitor, mine: list[Door]) -> Iterator[Page]:
    """Every page that the person tries, each as it is drawn for somebody whose page it is."""
    for door in mine:
        yield looked_at(me, door)
    for name in sorted({*ELSEWHERE} - APART) if me.name in (CREW[0], CREW[-1]) else ():
        place = PLACED.get(name, {})
        if name.endswith("catch_all_view"):
            continue
        where = address(name, **place)
        yield drawn(me, where)


def looked_at(me: Visitor, door: Door) -> Page:
    """A page of a table, or of the first row that it has something to fill in for."""
    if not door.by:
        place = {"key": "roster"} if door.name.endswith("_template") else {}
        return drawn(me, address(door.name, **place))
    rows = [one for one in me.world.of(door.model) if door.has(me.person, one.thing)]
    things = [one.key for one in rows]
    found = Page(row_address(door, (things or rows_of(door.model))[0]))
    for key in (things or rows_of(door.model))[:12]:
        page = drawn(me, row_address(door, key))
        if page.posts:
            return page
        found = page if page.names else found
    return found


def rows_of(model: str) -> list[str]:
    """Keys of a table that the oracle has no rows of."""
    return [
        str(key) for key in apps.get_model(model)._default_manager.values_list("pk", flat=True)[:1]
    ]


def drawn(me: Visitor, where: str) -> Page:
    """The page as it answers now; one that only takes a form is sent a reason."""
    answer = me.get(where)
    page = answer.content.decode("utf-8", "replace") if not answer.streaming else ""
    fields = crawler.fields_of(page) or (("reason", "x"), ("digest", "x"), ("key", "x"))
    return Page(where, fields, tuple(crawler.names_on(page)) or ("q",), answer.status_code < 400)
