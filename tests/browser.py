"""A browser as the tests use it: what it sends comes from a page that was opened for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import Resolver404, resolve

from audit.once import KEY, new_key
from credit_portal.once import is_free


@dataclass
class Form:
    """A form that is posted: where to, what it holds before anybody fills it in, and whether there
    is anything to press."""

    action: str
    fields: dict[str, Any] = field(default_factory=dict)
    has_button: bool = False


class Browser(Client):
    """Sends with every form the key that its page would have held; one that is given stays."""

    def post(self, path: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        if needs_key(str(path)) and isinstance(data, dict | None):
            data = {KEY: new_key(), **(data or {})}
        return super().post(path, data, *args, **kwargs)

    def form(self, page: str, action: str = "") -> Form:
        """The form of a page that needs a key; where there are several, the one with an action."""
        answer = self.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        wanted = action or page
        (found,) = (
            one
            for one in forms_of(answer.content.decode(), page)
            if one.action == wanted and needs_key(one.action)
        )
        return found

    def press(self, form: Form, **given: Any) -> Any:
        return self.post(form.action, form.fields | given)


def needs_key(path: str) -> bool:
    try:
        return not is_free(resolve(path.partition("?")[0]).view_name)
    except Resolver404:
        return False


class _Forms(HTMLParser):
    """Collects what a browser would send back for each form; buttons aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Form] = []
        self.open: Form | None = None
        self.name = ""
        self.text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form" and said.get("method") == "post":
            self.open = Form(said.get("action") or self.page)
            self.found.append(self.open)
        if self.open is None:
            return
        is_button = tag == "button" or (tag == "input" and said.get("type") == "submit")
        self.open.has_button |= is_button
        fields, name, value = self.open.fields, said.get("name") or "", said.get("value")
        if tag == "input" and name and said.get("type") not in ("submit", "file"):
            chosen = said.get("type") not in ("radio", "checkbox") or "checked" in said
            fields.update({name: value if value is not None else "on"} if chosen else {})
            if said.get("type") in (None, "text", "date", "number", "email"):
                fields[name] = value or ""
        elif tag == "select":
            self.name = name
        elif tag == "option" and (self.name not in fields or "selected" in said):
            fields[self.name] = value or ""  # the first one, where none is selected
        elif tag == "textarea":
            self.name, self.text = name, ""

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.open is not None:
            self.open.fields[self.name], self.text = (self.text or "").lstrip("\r\n"), None
        if tag == "form":
            self.open = None


def forms_of(html: str, page: str) -> list[Form]:
    """Every form of a page that is posted."""
    parser = _Forms(page)
    parser.feed(html)
    return parser.found
