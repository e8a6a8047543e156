"""Somebody at the portal in a Chromium: signed in, by keyboard, on a phone; and what its pages may not do."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from roster.models import User
from tests.browser import Browser
from tests.factories.roster import PASSWORD

PHONE, DESK = 390, 1366
"""Widths of a window, in CSS pixels."""
SERIOUS = ("serious", "critical")
AXE = Axe()
# Fetching the style sheets once more from where axe guesses them would be a fault of its own.
OPTIONS = {"resultTypes": ["violations"], "preload": False}


def window(width: int) -> dict[str, int]:
    return {"width": width, "height": 850}


def listen(context: Any, found: list[str]) -> None:
    """Collect everything the console of any page reports as a fault, and what a page throws."""

    def hear(message: Any) -> None:
        # That a page is refused is reported as a fault of the page itself: 403, 404, 429. A part of
        # a page that is opened by itself names no picture, and the browser asks for one.
        address = message.location["url"].partition("?")[0]
        is_page = address.endswith(("/", "/favicon.ico"))
        if message.type == "error" and not (is_page and "status of 4" in message.text):
            found.append(f"{address}: {message.text}")

    context.on("console", hear)
    context.on("weberror", lambda fault: found.append(str(fault.error)))


def come_in(page: Any, portal: str, user: User) -> None:
    """Whatever comes next is asked for by this person."""
    client = Browser()
    client.force_login(user)
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": portal}]
    )


def sign_in(page: Any, portal: str, username: str, password: str = PASSWORD) -> None:
    """By the form, as a person does it."""
    page.goto(f"{portal}/admin/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("#login-form [type=submit]")


def press_to(page: Any, wanted: str) -> None:
    """By the tabulator alone, to a field or a button."""
    for _step in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement?.matches(wanted)", wanted):
            return
    raise AssertionError(f"no way to {wanted} by keyboard")


def fits(page: Any) -> bool:
    """Whether the page is no wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def barriers(page: Any) -> list[str]:
    """What would keep somebody out: the rules of axe a page breaks badly, and where."""
    found = AXE.run(page, options=OPTIONS).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html']} {node['failureSummary']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
