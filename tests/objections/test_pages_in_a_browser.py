"""Every page of cases as a phone, a reader of screens and a printer find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from credit_portal import access
from notices.models import Letter
from objections import filing, handling
from objections.filing import Item
from records.models import Record
from tests.factories.bindings import applicant, asked
from tests.factories.grading import TODAY
from tests.factories.objections import OTHER, OWN, Office, speaks_for
from tests.in_a_browser import DESK, PHONE, barriers, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_NAME = "石家庄市长安区虚构的信息技术与供应链管理服务股份有限公司第一分公司"
LONG_WORD = "证明" + "x" * 90
CLAIM = {"field": "number", "is": LONG_WORD, "should": LONG_WORD}
CASE, ASKED = "admin:objections_case_", "admin:objections_verification_"
OFFICERS = ("clerk", "approver", "source")


# --- what is done on a page before it is looked at -------------------------------------------------


def presses(page: Any) -> None:
    page.locator("form.form [type=submit], .own form .portal-button").first.click()
    page.get_by_role("alert").wait_for()


def sends_no_pdf(page: Any) -> None:
    page.set_input_files(
        "[name=evidence]", {"name": "x.pdf", "mimeType": "", "buffer": b"<html>"}
    )  # fmt: skip
    page.click("[name=_check]")
    page.get_by_role("alert").wait_for()


def names_no_field(page: Any) -> None:
    page.locator("[name$=should_1]").first.fill("0.3")
    page.click("[name=_check]")
    page.get_by_role("alert").wait_for()


def asks_for_a_letter(page: Any) -> None:
    letter = Letter.objects.earliest("pk")
    page.get_by_label("文号").fill(letter.number)
    page.get_by_label("校验码").fill(letter.code)
    page.get_by_role("button", name="核对").click()
    page.get_by_text("文书属实").wait_for()


def says_nothing(page: Any) -> None:
    """Past what the browser itself would ask for."""
    page.locator(".act-form").evaluate("form => form.noValidate = true")
    page.click(".act-form .portal-button")
    page.locator(".errorlist").first.wait_for()


def looks_at_the_effect(page: Any) -> None:
    page.get_by_label("处理:", exact=True).select_option("delete")
    page.get_by_label("处理理由").fill("予以删除")
    page.get_by_label("决定的事实和理由").fill("经核查")
    page.click("[name=_look]")
    page.get_by_text("对等级的影响").wait_for()


@dataclass(frozen=True)
class Stop:
    """A page: its address, whose it is, what it is about and asked for, and what is done first."""

    view: str
    about: str = ""
    by: str = "rep"
    then: Callable[[Any], None] | None = None
    asks: str = ""


TOUR = (
    *(Stop(view, by="") for view in ("home", "policy", "account_login", "enterprise_forgotten")),
    Stop("enterprise_reset", "reset", by=""),
    Stop("enterprise_register", by=""),
    Stop("enterprise_register", by="", then=presses),
    Stop("letter_check", by=""),
    Stop("letter_check", by="", then=asks_for_a_letter),
    Stop("enterprise_bind", by="asks"),
    Stop("enterprise_bind", by="asks", then=presses),
    Stop("enterprise_home", by="speaks_for_two"),
    Stop("enterprise_home"),
    Stop("enterprise_page", "own"),
    Stop("enterprise_grade", "own"),
    Stop("enterprise_record", "record"),
    Stop("enterprise_record", "disputed"),
    *(Stop("enterprise_apply", kind) for kind in ("objection", "repair", "help")),
    Stop("enterprise_apply", "objection", then=presses),
    Stop("enterprise_draft", "draft"),
    Stop("enterprise_draft", "draft", then=sends_no_pdf),
    Stop("enterprise_draft", "draft", then=names_no_field),
    Stop("enterprise_draft_drop", "draft"),
    Stop("enterprise_draft_check", "draft"),
    Stop("enterprise_draft_check", "empty", then=presses),
    *(Stop("enterprise_case", case) for case in ("waits", "papers", "sent", "help_case")),
    Stop("enterprise_case", "decided"),
    Stop("enterprise_draft", "review"),
    Stop("enterprise_case_supply", "papers"),
    Stop("enterprise_case_withdraw", "waits"),
    Stop("enterprise_notices"),
    Stop("admin:password_change"),
    Stop("mfa_index"),
    Stop("admin:index", by="clerk"),
    Stop(f"{CASE}changelist", by="clerk"),
    Stop(f"{CASE}statistics", by="clerk"),
    Stop(f"{CASE}leg", by="clerk", asks="kind=objection&leg=alone"),
    Stop("admin:objections_caseitem_changelist", by="clerk"),
    Stop("admin:records_record_change", "live", "clerk"),
    *(Stop(f"{CASE}change", case, "clerk") for case in ("waits", "sent", "decided")),
    *(Stop(f"{CASE}{act}", "waits", "clerk") for act in ("accept", "ask_papers", "refuse", "refer")),
    Stop(f"{CASE}refuse", "waits", "clerk", then=says_nothing),
    Stop(f"{CASE}send", "accepted", "clerk"),
    Stop(f"{CASE}verify", "accepted", "clerk"),
    Stop(f"{CASE}verify", "accepted", "clerk", then=says_nothing),
    Stop(f"{CASE}reply", "help_case", "clerk"),
    Stop(f"{CASE}clock", "sent", "clerk"),
    Stop(f"{CASE}history", "decided", "clerk"),
    Stop(f"{CASE}send_back", "verified", "approver"),
    Stop(f"{CASE}decide", "verified", "approver"),
    Stop(f"{CASE}decide", "verified", "approver", then=looks_at_the_effect),
    Stop(f"{ASKED}changelist", by="source"),
    *(Stop(f"{ASKED}{act}", "asked", "source") for act in ("change", "answer", "extend", "history")),
    Stop(f"{ASKED}answer", "asked", "source", then=says_nothing),
    Stop("admin:notices_notice_changelist", by="source"),
    Stop("admin:notices_notice_changelist", by="clerk"),
    Stop("admin:notices_letter_changelist", by="clerk"),
)  # fmt: skip

NO_PAGE = frozenset(
    (
        *(f"enterprise_{name}" for name in ("bind_withdraw", "notice", "letter")),
        *(f"enterprise_{name}" for name in ("draft_file", "case_file", "case_review")),
        *(f"{CASE}{name}" for name in ("add", "file")),
        *(f"{ASKED}{name}" for name in ("add", "file")),
        *(f"admin:objections_caseitem_{name}" for name in ("add", "change")),
        *(f"admin:notices_notice_{name}" for name in ("add", "change", "open")),
        *(f"admin:notices_letter_{name}" for name in ("add", "change", "pdf")),
    )
)
"""Addresses that are pressed, lead on or answer with a file."""


def test_no_page_is_left_out() -> None:
    rooms = ("enterprise_", "admin:objections_", "admin:notices_")
    pages = {row.name for row in access.table() if row.name.startswith(rooms)} - NO_PAGE

    assert pages - {stop.view for stop in TOUR} == set()


# --- cases in every state ---------------------------------------------------------------------------


def everything(office: Office, records: list[Record]) -> dict[str, tuple[Any, ...]]:
    """Something for each page to be about: the arguments of its address."""
    office.register([OWN], name=LONG_NAME)
    said = iter(Item(one.pk, "wrong", [CLAIM], LONG_WORD) for one in records[2:])
    waits, papers, sent, accepted, verified = (
        office.file(item, statement=LONG_WORD, files=["evidence"]) for item in [*said][:5]
    )
    handling.ask_papers(
        by=office.clerk, case_id=papers.pk, version=None, reason=LONG_WORD, on=TODAY
    )
    for case in (sent, accepted, verified):
        office.accept(case)
    office.verify(verified)
    found = {
        "waits": waits, "papers": papers, "sent": sent, "accepted": accepted, "verified": verified,
        "asked": office.send(sent), "decided": office.upheld(files=["evidence"]),
        "help_case": office.file(kind="help"),
        "draft": office.draft(Item(records[1].pk, "wrong"), Item(0, "wrong_year"), files=["evidence"]),
        "empty": office.draft(Item(records[1].pk, ""), committed=False),
    }  # fmt: skip
    found["review"] = filing.begin_review(
        by=office.rep, case_id=found["decided"].pk, on=TODAY
    )  # its days are over by the clock of the browser
    return {name: (row.pk,) for name, row in found.items()} | {
        "": (), "own": (OWN,), "live": (records[1].pk,), "reset": ("x", "y-z"),
        "record": (OWN, records[1].pk), "disputed": (OWN, records[3].pk),
        **{kind: (OWN, kind) for kind in ("objection", "repair", "help")},
    }  # fmt: skip


def people(office: Office) -> dict[str, Any]:
    both, asks = speaks_for("both", OWN), applicant()
    both.representations.create(enterprise_id=OTHER, since="2020-01-01")
    asked(asks, OWN)
    return {
        "": None, "asks": asks, "speaks_for_two": both, "rep": office.rep, "clerk": office.clerk,
        "approver": office.approver, "source": office.source,
    }  # fmt: skip


@pytest.fixture
def tour(
    browser_of: Any, office_of_many: tuple[Office, list[Record]]
) -> Callable[..., Iterator[Any]]:
    """`tour(officers)` opens one page after the other, an officer's as wide as is said."""
    office, records = office_of_many
    keys, users = everything(office, records), people(office)

    def opened(officers: int) -> Iterator[Any]:
        seats = {
            by: browser_of(user, officers if by in OFFICERS else PHONE)
            for by, user in users.items()
        }
        for stop in TOUR:
            page = seats[stop.by]
            answer = page.goto(f"{reverse(stop.view, args=keys[stop.about])}?{stop.asks}")
            assert answer.status == 200, stop
            if stop.then:
                stop.then(page)
            yield page

    return opened


def test_every_page_fits_a_phone(tour: Any, complaints: list[str]) -> None:
    assert [page.url for page in tour(officers=PHONE) if not fits(page)] == []
    assert complaints == []


def test_no_page_has_a_barrier(tour: Any, complaints: list[str]) -> None:
    found = sorted({barrier for page in tour(officers=DESK) for barrier in barriers(page)})

    assert found == [], "\n".join(found)
    assert complaints == []


def test_a_barrier_is_noticed(browser_of: Any) -> None:
    """What the test above relies on."""
    page = browser_of()
    page.goto(reverse("letter_check"))
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")

    (found,) = barriers(page)

    assert "/public/letter/ label: <input>" in found


def test_paper_shows_the_case_and_no_way_on(
    browser_of: Any, office: Office, complaints: list[str]
) -> None:
    """Both the receipt and the decided case, the enterprise's and the office's page."""
    for case in (office.upheld(), office.file(Item(office.fine.pk, "wrong"))):
        for user, view in ((office.rep, "enterprise_case"), (office.clerk, f"{CASE}change")):
            page = browser_of(user)
            page.emulate_media(media="print")
            page.goto(reverse(view, args=[case.pk]))
            assert page.locator("h1").is_visible()
            assert case.number in page.inner_text("h1")
            ways_on = page.locator("nav, .masthead, #header, .buttons, .own-account, .office-ways")
            assert [way.inner_html() for way in ways_on.all() if way.is_visible()] == []
    assert complaints == []
