"""Asking for pages as a person, and reading what an answer gives away."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from django.urls import reverse

from tests.browser import Browser

from .doors import NOT_THERE, Door
from .oracle import Person, Placed
from .world import World

ABSENT = {"roster.enterprise": "91130102999999999X", "workdays.calendarday": "1999-01-01"}
"""Keys of rows that are not there."""

WIDEST: dict[str, tuple[str, ...]] = {
    "records.record": ("own=all&state=all",),
    "grading.proposal": ("state=all",),
    "objections.case": ("state=all",),
    "objections.verification": ("state=all",),
    "notices.notice": ("state=all",),
    "roster.rosterentry": ("", "present=present", "present=left", "present=history"),
}
"""What to ask of a list that first shows a part only; together these show all."""

VARYING = re.compile(
    r'(name="(?:csrfmiddlewaretoken|next|form_key|_once|_read)"[^>]*)value="[^"]*"|datetime="[^"]*"'
)


CODES = re.compile(r"91[0-9A-Z]{16}")
"""An address that was asked for holds a code, and may stand quoted in the answer."""
ROW_LINK = re.compile(r"/admin/[a-z]+/[a-z]+/[^/\"?]+/(?:change|open)/")
LINKED_BY = {"notices.notice": "open"}
"""The page that a list leads to, where that is not the change page."""


class Visitor:
    """A person at a browser."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.person: Person = world.people[name]
        self.client = Browser(raise_request_exception=False)
        user = world.person(name)
        self.client.force_login(user)
        self.turned_away = 403 if user.is_active else 302
        self.readable = world.readable(self.person)

    def get(self, address: str, query: Any = None) -> Any:
        return self.client.get(address, query)

    def gives_away(self, answer: Any, *, also: Iterable[str] = ()) -> set[str]:
        """The texts of an answer that this person may not read."""
        told = self.world.texts_in(text_of(answer))
        asked = {one for text in also for one in (text, *CODES.findall(text))}
        return told - self.readable - asked


def text_of(answer: Any) -> str:
    """All that an answer tells: page or file, where it leads to, what the file is called."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        book = zipfile.ZipFile(BytesIO(body))
        body = b"\n".join(book.read(name) for name in book.namelist())
    head = "\n".join(f"{name}: {value}" for name, value in answer.items())
    said = "\n".join(str(message) for message in _messages(answer))
    return f"{head}\n{said}\n{body.decode('utf-8', 'replace')}"


def _messages(answer: Any) -> Iterable[Any]:
    return (answer.context or {}).get("messages", ()) if getattr(answer, "context", None) else ()


def pages(visitor: Visitor, where: str, query: str) -> Iterator[Any]:
    """The pages of a list, until one shows nothing new."""
    shown: set[str] = set()
    for number in range(1, 100):
        answer = visitor.get(f"{where}?{query}&p={number}" if number > 1 else f"{where}?{query}")
        links = set(ROW_LINK.findall(answer.content.decode()))
        if number > 1 and links <= shown:
            return
        shown |= links
        yield answer


def plain(answer: Any, key: str) -> tuple[int, str]:
    """An answer without what only repeats the key that was asked for, or is made for each page."""
    page = VARYING.sub(r"\1", answer.content.decode())
    return answer.status_code, re.sub(rf"(/admin/\w+/\w+)/{key}/", r"\1/KEY/", page)


def row_address(door: Door, key: str) -> str:
    return reverse(door.name, kwargs=door.places(key))


def address(name: str, **places: Any) -> str:
    return reverse(name, kwargs=places) if places else reverse(name)


def absent_key(model: str) -> str:
    return ABSENT.get(model, NOT_THERE)


def listed(page: str, things: list[Placed]) -> set[str]:
    """Keys of the rows that a list shows: by the link to the row, or by its own texts."""
    return {one.key for one in things if _row_link(one) in page}


def _row_link(one: Placed) -> str:
    page = LINKED_BY.get(one.model, "change")
    return f"/admin/{one.model.replace('.', '/')}/{one.key}/{page}/"
