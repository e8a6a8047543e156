"""Values that no form of ours sends, and every place of an address or a form they can stand in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse

from audit.once import KEY, new_key

from .doors import addresses

VALUES = (
    "", " ", "\0", "a\0b", "\ud800", "\u202e\ufeff", "%", "%00", "%ff", "%u0000", "_", "__", "_5F",
    "_2D../", "../../etc/passwd", "' OR 1=1 --", "\"><script>alert(1)</script>", "{{7*7}}", "${1}",
    "0", "-0", "-1", "1.5", "1e400", "nan", "Infinity", "-Infinity", "0x10", "１２", "²", "٣",
    str(2**31), str(2**63 - 1), str(2**63), str(2**64), str(-(2**63) - 1), "9" * 400, "9" * 1_900,
    "True", "None", "null", "[]", "[1]", "{}", "1,2", "1,,2", ",", "\n", "\r\n", "\t",
    "0000-00-00", "0001-01-01", "9999-12-31", "9999-99-99", "10000-01-01", "2025-02-29",
    "2024-02-29", "-0001-01-01", "0001-01-01 00:00:00", "9999-12-31T23:59:59Z", "24:00",
    "(a+)+$", "(", "[", "\\", "*", "^.*$", "冀" * 600, "é石", "\u0130", "a" * 2_000, "a" * 2_001,
)  # fmt: skip

ORDER = ("0", "-0", "1.-1.99", ".", "-", "--1", "9" * 30)
LOOKUPS = (
    "name__regex", "name__iregex", "code__regex", "id__in", "pk__in", "id__gt", "pk__isnull",
    "user__password__startswith", "uploader__password__startswith", "postings__user__password",
    "enterprise__records__number", "records__number__contains", "region__code__gte", "__", "__class__",
    "password__startswith", "authority__name", "part__run__started_by", "at__year", "decided_on__year",
    "received_at__year", "received_at__month", "date__year", "recorded_at__day",
)  # fmt: skip
"""Ways through the tables, that no list of ours offers."""
CONTROLS = (
    "q", "p", "o", "e", "all", "ot", "_popup", "_to_field", "_changelist_filters", "_facets",
    "is_facets", "next", "part", "layout", "kind", "grade", "rule", "changed", "refused",
    "unchanged", "app_label", "model_name", "field_name", "term", "page", "_seen", "language",
    "select_across", "action", "index",
)  # fmt: skip
FIELD = re.compile(r'<(?:input|select|textarea|button)\b[^>]*? name="([^"]+)"')
APART = {"admin:logout", "admin:login", "sign_out", "admin:password_change", "account_login"}
"""Would end or change the session that asks: tried apart, each time by another client."""


@dataclass(frozen=True)
class Try:
    """One request: where, how, with what."""

    address: str
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    form: Any = None
    head: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.address[:120]} {str(self.query)[:120]} {str(self.form)[:160]} {self.head}"

    def send(self, client: Client) -> Any:
        query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in self.query)
        where = f"{self.address}?{query}" if query else self.address
        headers = dict(self.head)
        if self.method == "GET":
            return client.get(where, headers=headers)
        if isinstance(self.form, bytes):
            return client.generic(
                "POST", where, self.form, headers.pop("Content-Type"), headers=headers
            )
        return client.post(where, self.form, headers=headers)


def _quoted(text: str) -> str:
    """As a browser, or somebody who is none, puts it on the line: a lone surrogate as its bytes."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="%")


@dataclass(frozen=True)
class Page:
    """A page: its address, what its form sends, every name it sends by, whether it takes a form."""

    address: str
    fields: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    posts: bool = False


INPUT = re.compile(r"<(input|select|textarea|button)\b([^>]*)>(?:([^<]*)</textarea>)?", re.DOTALL)
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>(.*?)</form>', re.DOTALL | re.IGNORECASE)
CHOSEN = re.compile(r'<option value="([^"]*)" selected')


def fields_of(page: str) -> tuple[tuple[str, str], ...]:
    """Names and present values of what a page's own forms send."""
    found: dict[str, str] = {}
    for form in FORM.findall(page):
        if "/language/" in form or "logout" in form:
            continue
        for tag, attributes, inner in INPUT.findall(form):
            given = dict(ATTRIBUTE.findall(attributes))
            if "name" in given:
                found.setdefault(
                    given["name"], inner if tag == "textarea" else given.get("value", "")
                )
    found.pop("csrfmiddlewaretoken", None)
    return tuple(found.items())


def names_on(page: str) -> list[str]:
    """Every name a page sends by, in its filters and its forms."""
    return sorted(set(FIELD.findall(page)) - {"csrfmiddlewaretoken"})


def with_place(name: str, place: str, value: str) -> str | None:
    """The address of a page with a value in its place, whatever the place takes; None for places
    that are a choice of words."""
    stand_in = "987654321"
    others = dict.fromkeys(places_of(name), "1")
    try:
        found = reverse(name, kwargs=others | {place: stand_in})
    except NoReverseMatch:
        return None
    return found.replace(stand_in, _quoted(value))


@cache
def places_of(name: str) -> tuple[str, ...]:
    return next(
        tuple(pattern.pattern.converters) for known, pattern in addresses() if known == name
    )


def placed() -> Iterator[tuple[str, str]]:
    """Names of pages with a place in their address, and the place."""
    for name, pattern in addresses():
        for place in pattern.pattern.converters:
            yield name, place


def paths(name: str, place: str, values: tuple[str, ...]) -> Iterator[Try]:
    for value in values:
        found = with_place(name, place, value)
        if found is not None:
            yield Try(found)
            yield Try(found, "POST", form={"reason": "x"})


def queries(
    page: Page, names: tuple[str, ...], values: tuple[str, ...], singles: int, turn: int
) -> Iterator[Try]:
    """All names with one value, and single names with values in turn; a few of each twice."""
    for value in values:
        yield Try(page.address, query=tuple((name, value) for name in names))
    for name, value in in_turn([*names, *CONTROLS, *LOOKUPS], singles, turn):
        yield Try(page.address, query=((name, value), (name, value[:1])))
    for order in ORDER[turn % len(ORDER) :][:1]:
        yield Try(page.address, query=(("o", order), ("p", order)))


def forms(page: Page, values: tuple[str, ...], singles: int, turn: int) -> Iterator[Try]:
    """The page's form with one value everywhere, and with one field spoilt."""
    own = {name: value for name, value in page.fields if name != KEY}
    for value in values:
        yield Try(page.address, "POST", form=_sendable(dict.fromkeys(own, value)))
    for name, value in in_turn(list(own), singles, turn):
        yield Try(page.address, "POST", form=_sendable({**own, name: value}))


def _sendable(form: dict[str, str]) -> dict[str, Any]:
    """A lone surrogate cannot be written into a form; its bytes are, in `bodies`."""
    return {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}


def bodies(page: Page) -> Iterator[Try]:
    """Bodies that are no form, or half of one, or twice one."""
    own = _sendable({**dict(page.fields), KEY: new_key()})
    line = "&".join(f"{quote(name)}={quote(value)}" for name, value in own.items())
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data"
    for kind, body in (
        ("application/json", json.dumps(own).encode()),
        ("text/plain", line.encode()),
        ("", b""),
        (form, b""),
        (form, b"%ff=%ff&%00=1&&=&a"),
        (form, f"{line}&{line}".encode()),
        (form, b"&".join(quote(name).encode() + b"=%ed%a0%80" for name in own)),
        (form + "; charset=utf-16", line.encode()),
        (form + "; charset=nonsense", line.encode()),
        (parts, b""),
        (parts + "; boundary=", b"--\r\n\r\n"),
        (parts + "; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf"),
        (parts + "; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n\xff\r\n--x--\r\n"),
        (parts + "; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"reason\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n"),
    ):  # fmt: skip
        yield Try(page.address, "POST", form=body, head=(("Content-Type", kind),))
    without = {name: value for name, value in own.items() if not name.endswith("_FORMS")}
    yield Try(page.address, "POST", form=without)
    counted = {
        name: "99999999999" if name.endswith("_FORMS") else value for name, value in own.items()
    }
    yield Try(page.address, "POST", form=counted)
    rows = {
        name: "-1" if name.endswith(("_FORMS", "-id")) else value for name, value in own.items()
    }
    yield Try(page.address, "POST", form=rows)
    for file in (
        ("\u202egpj.csv", b"\xff\xfe\x00"),
        ("a" * 300 + ".xlsx", b"PK\x03\x04"),
        ("x.csv", b"\0,\0\n"),
    ):
        upload = SimpleUploadedFile(*file)
        yield Try(page.address, "POST", form={**own, "file": upload})


HEADERS = (
    ("HX-Request", "true"), ("HX-Request", "\ufffd"), ("HX-Current-URL", "http://[/"),
    ("HX-Current-URL-URI-AutoEncoded", "true"), ("HX-Target", "'\"><"), ("HX-Trigger", "9" * 5_000),
    ("HX-Boosted", "maybe"), ("HX-History-Restore-Request", "true"), ("Referer", "http://[::1/%00"),
    ("Referer", "http://testserver/%ff?\0"), ("Accept-Language", "zz-" * 200 + ",*;q=nan"),
    ("Accept", "a" * 3_000), ("X-Forwarded-For", "999.1.1.1, \t,"), ("X-Forwarded-Proto", "https, http"),
    ("Host", "a b"), ("Host", "testserver:99999999"), ("If-Modified-Since", "x"), ("If-None-Match", "\""),
    ("Range", "bytes=9-1"), ("Cookie", "csrftoken=\"; django_language=../../x; messages=junk"),
    ("Cookie", "sessionid=" + "A" * 5_000), ("Cookie", "sessionid=%00; =; ;;a"), ("Content-Length", "-1"),
    ("X-CSRFToken", "冀".encode().decode("latin-1")), ("User-Agent", ""),
)  # fmt: skip


def headers(page: Page, among: tuple[tuple[str, str], ...]) -> Iterator[Try]:
    for one in among:
        yield Try(page.address, head=(one,))


def in_turn(names: list[str], count: int, turn: int) -> Iterator[tuple[str, str]]:
    """Pairs of a name and a value; the next page goes on where this one stopped. Zero: all."""
    if count == 0:
        yield from ((name, value) for name in names for value in VALUES)
        return
    for step in range(min(count, len(names) * len(VALUES))):
        place = turn * count + step
        yield names[(place * 7) % len(names)], VALUES[(place * 11 + turn) % len(VALUES)]


def some_values(count: int, turn: int) -> tuple[str, ...]:
    """A few of the values, other ones each turn. Zero: all."""
    if count == 0:
        return VALUES
    return tuple(VALUES[(turn * count + step) % len(VALUES)] for step in range(count))
