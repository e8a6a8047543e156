"""A person at a browser: real requests, and the same form sent twice."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from roster.models import User

FORM = "application/x-www-form-urlencoded"


@dataclass
class Form:
    """A form of a page, filled in as it was shown."""

    address: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> tuple[bytes, str]:
        if any(hasattr(value, "read") for value in self.fields.values()):
            return encode_multipart(BOUNDARY, self.fields), MULTIPART_CONTENT
        return urlencode(self.fields, doseq=True).encode(), FORM


class _Forms(HTMLParser):
    """The forms of a page that change something."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.found: list[Form] = []
        self.open: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self.open = Form(given.get("action") or self.address)
            self.found.append(self.open)
        if self.open is None or not (name := given.get("name") or self.select):
            return
        if tag == "select":
            self.select = name
        chooses = given.get("type") in ("radio", "checkbox", "file", "submit")
        if (tag == "input" and (not chooses or "checked" in given)) or (
            tag == "option" and "selected" in given
        ):
            self.open.fields[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "select":
            self.select = ""


class Answer(NamedTuple):
    status: int
    text: str
    leads_to: str


class Person:
    """Somebody signed in, whichever web process answers."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self.cookies = {name: one.value for name, one in client.cookies.items()}

    def form(self, port: int, page: str, *, action: str = "", **filled: Any) -> Form:
        """The form of a page that leads to an address, or to the page itself, with some fields
        filled in otherwise."""
        forms = _Forms(page)
        forms.feed(self.read(port, page))
        (form,) = [one for one in forms.found if one.address == (action or page)]
        form.fields |= filled
        return form

    def read(self, port: int, page: str) -> str:
        """A page that is there."""
        answer = self._ask("GET", port, page)
        assert answer.status == http.client.OK, answer.text
        return answer.text

    def press(self, port: int, form: Form) -> Answer:
        body, kind = form.body
        return self._ask("POST", port, form.address, body, {"Content-Type": kind})

    def send(self, port: int, address: str, body: bytes, kind: str) -> int | None:
        """The status of the answer; None when the process died without one."""

        try:
            return self._ask("POST", port, address, body, {"Content-Type": kind}).status
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return None

    def _ask(
        self, method: str, port: int, address: str, body: bytes = b"", headers: Any = None
    ) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, address, body, {"Cookie": cookie, **(headers or {})})
            answer = connection.getresponse()
            for said in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = said.split(";")[0].partition("=")
                self.cookies[name] = value
            leads_to = answer.headers.get("Location", "")
            return Answer(answer.status, answer.read().decode(), leads_to)
        finally:
            connection.close()
