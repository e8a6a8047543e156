"""A name that is HTML and a formula does nothing anywhere: pages, exports, error reports."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import reverse

from intake import services
from intake.models import Batch
from records.models import Record
from roster.models import User
from tests.browser import Browser
from tests.factories.cases import drafted, sent, speaker
from tests.factories.files import (
    PENALTIES,
    ROSTER,
    checked,
    merged,
    page,
    penalty_line,
    read_workbook,
    roster_line,
)
from tests.factories.grading import County, load_reference
from tests.factories.roster import code

from .html import forbidden

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store_dir")]

EVIL = "=1+1<img src=x onerror=alert`1`>\"'{{7*7}}&lt;{%x%}公司"
TEXT = "@SUM<svg onload=alert`1`>\"'{{7*7}}"
EXPORTED = ("roster_enterprise", "records_record", "grading_rating")
MOST_OF_A_KIND = 3
"""Pages with the same address but for its numbers that are looked at."""


class _Page(HTMLParser):
    """Texts, links, and tags nobody but a name can have brought in."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.brought_in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("src") == "x" or "onload" in named or "onerror" in named:
            self.brought_in.append(tag)
        if tag == "a" and named.get("href"):
            self.links.append(named["href"] or "")
        self.texts += [value or "" for name, value in attrs if name in ("value", "title", "alt")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def clerk() -> Browser:
    """A county in which the name came in by files, was graded, and the grade published."""
    load_reference()
    county = County.make()
    client = Browser()
    client.force_login(county.clerk)
    merged(client, "roster", [ROSTER, roster_line(1), roster_line(2)])
    evil = [roster_line(n, 企业名称=EVIL) for n in (1, 3)]
    checked(
        client,
        "roster",
        [ROSTER, *evil, roster_line(4, 企业名称=EVIL, 登记状态=TEXT)],
        name=f"{TEXT}.csv",
    )
    _taken_in(client)
    penalty = penalty_line(
        EVIL, code(1), county.authority.name, 处罚内容=TEXT, 行政处罚决定书文号=TEXT
    )
    refused = penalty_line(EVIL, code(1), TEXT, 行政处罚决定书文号="=2号")
    checked(client, "penalties", [PENALTIES, penalty, refused])
    _taken_in(client)
    county.publish(county.run())
    _object()
    return client


def _object() -> None:
    """The name and the text in every place of a case, and of a draft beside it."""
    speaks = speaker(code(1), full_name=TEXT)
    (record,) = Record.objects.live().filter(enterprise=code(1)).values_list("pk", flat=True)
    first, _beside = (drafted(speaks, code(1), [record], text=EVIL) for _n in range(2))
    sent(first, text=EVIL)


def _taken_in(client: Browser) -> None:
    batch = Batch.objects.latest("pk")
    assert client.post(page("confirm", batch), {"key": batch.confirm_key}).status_code == 302
    assert services.merge_batch(batch.pk).state == "merged"


def _kind(address: str) -> str:
    """The path without what tells two pages of one kind apart."""
    return re.sub(r"\d[0-9A-Z]{17}|\d+", "N", urlsplit(address).path)


def walked(client: Browser, start: str) -> set[str]:
    """Every page one can walk to shows the name as text; the kinds of those that show it."""
    shown: set[str] = set()
    waiting, known = deque([start]), Counter([start])
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)  # a workbook, closed when it is read
            continue
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        found = _Page()
        html = answer.content.decode()
        found.feed(html)
        assert (address, found.brought_in, forbidden(html)) == (address, [], [])
        if any(EVIL in text for text in found.texts):
            shown.add(_kind(address))
        for link in found.links:
            target = urljoin(address, link)
            kind = _kind(target)
            if urlsplit(target).netloc or target in waiting or known[kind] == MOST_OF_A_KIND:
                continue
            known[kind] += 1
            waiting.append(target)
    return shown


def test_name_is_text_on_every_page_one_can_walk_to(clerk: Browser) -> None:
    assert walked(clerk, "/admin/") >= {
        "/admin/roster/enterprise/",
        "/admin/roster/enterprise/N/change/",
        "/admin/roster/enterprise/N/history/",
        "/admin/intake/batch/N/change/",
        "/admin/records/record/",
        "/admin/records/record/N/change/",
        "/admin/grading/rating/",
        "/admin/grading/rating/explain/N/",
        "/admin/grading/rosterrun/N/change/",
        "/admin/objections/case/",
        "/admin/objections/case/N/change/",
        "/admin/objections/verification/",
        "/admin/objections/verification/N/change/",
        "/admin/objections/verification/N/answer/",
        "/admin/notices/notice/",
        "/admin/notices/letter/",
    }


def test_name_is_text_on_the_pages_of_its_enterprise(clerk: Browser) -> None:
    own = Browser()
    own.force_login(User.objects.get(username="speaker"))

    assert walked(own, "/enterprise/") >= {
        "/enterprise/",
        "/enterprise/N/",
        "/enterprise/N/grade/",
        "/enterprise/N/records/N/",
        "/enterprise/N/apply/objection/",
        "/enterprise/cases/N/",
        "/enterprise/drafts/N/",
    }


@pytest.mark.parametrize("model", EXPORTED)
def test_name_is_text_in_every_export(clerk: Browser, model: str) -> None:
    address = reverse(f"admin:{model}_export")
    form = clerk.get(address).content.decode()
    columns = re.findall(r'name="columns"[^>]*value="([^"]+)"', form)

    answer = clerk.post(address, {"columns": columns, "format": "csv"})
    text = b"".join(answer).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{EVIL}" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []

    answer = clerk.post(address, {"columns": columns, "format": "xlsx"})
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert 'quotePrefix="1"' in book.read("xl/styles.xml").decode()
    assert "&lt;img src=x" in sheet


def test_name_is_text_in_error_reports(clerk: Browser) -> None:
    for batch in Batch.objects.filter(refused__gt=0):
        report = clerk.get(page("errors", batch))
        content = b"".join(report.streaming_content)
        sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
        assert ("<f>" in sheet, "&lt;img src=x" in sheet) == (False, True)
        rows = read_workbook(type("Answer", (), {"streaming_content": [content]}))
        assert EVIL in rows[1]
